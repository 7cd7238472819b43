// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/logger.h"

#include <atomic>
#include <functional>
#include <string>
#include <utility>

namespace ctdb::logging {

struct Logger::Shared {
  Shared(Options options, std::unique_ptr<Sink> sink)
      : level(options.level),
        clock(options.writer.clock),
        writer(std::move(options.writer), std::move(sink)) {}

  // Relaxed: a thread may see a change of the level a moment later.
  std::atomic<LogLevel> level;
  const std::function<absl::Time()> clock;
  LogWriter writer;
};

Logger::Logger(Options options, std::unique_ptr<Sink> sink)
    : source_(options.writer.source),
      shared_(std::make_shared<Shared>(std::move(options), std::move(sink))) {}

Logger::Logger(Source source, std::shared_ptr<Shared> shared)
    : source_(std::move(source)), shared_(std::move(shared)) {}

Logger Logger::WithTag(absl::string_view tag) const {
  return Logger(Source{std::string(tag), source_.pid}, shared_);
}

LogLevel Logger::level() const { return shared_->level.load(std::memory_order_relaxed); }

void Logger::SetLevel(LogLevel level) { shared_->level.store(level, std::memory_order_relaxed); }

bool Logger::IsEnabled(LogLevel level) const { return level <= this->level(); }

void Logger::Log(LogLevel level, absl::string_view name, absl::string_view text,
                 std::initializer_list<Field> fields) const {
  if (!IsEnabled(level)) return;
  shared_->writer.Add(std::make_shared<const Event>(
      MakeEvent(source_, level, shared_->clock(), name, text, fields)));
}

void Logger::Reopen() { shared_->writer.Reopen(); }

absl::Status Logger::Flush(absl::Duration timeout) { return shared_->writer.Flush(timeout); }

LogStatistics Logger::statistics() const { return shared_->writer.statistics(); }

std::vector<EventPtr> Logger::Recent() const { return shared_->writer.Recent(); }

}  // namespace ctdb::logging
