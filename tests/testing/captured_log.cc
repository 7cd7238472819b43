// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/testing/captured_log.h"

#include <mutex>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"

namespace ctdb::test {

struct CapturedLog::Lines {
  std::mutex mutex;
  std::vector<std::string> lines;
};

namespace {

template <typename Lines>
class LinesSink : public logging::Sink {
 public:
  explicit LinesSink(std::shared_ptr<Lines> lines) : lines_(std::move(lines)) {}
  absl::Status Write(const logging::Event& event) override {
    const std::lock_guard<std::mutex> lock(lines_->mutex);
    lines_->lines.push_back(event.text);
    return absl::OkStatus();
  }
  absl::Status Reopen() override { return absl::OkStatus(); }

 private:
  std::shared_ptr<Lines> lines_;
};

logging::Logger::Options DebugOptions() {
  logging::Logger::Options options;
  options.level = LogLevel::kDebug;
  options.writer.clock = [] { return absl::Now(); };
  return options;
}

}  // namespace

CapturedLog::CapturedLog()
    : lines_(std::make_shared<Lines>()),
      logger_(DebugOptions(), std::make_unique<LinesSink<Lines>>(lines_)) {}

std::string CapturedLog::text() {
  logger_.Flush(absl::Seconds(10)).IgnoreError();
  const std::lock_guard<std::mutex> lock(lines_->mutex);
  return absl::StrJoin(lines_->lines, "\n");
}

int CapturedLog::Count(const std::string& part) {
  logger_.Flush(absl::Seconds(10)).IgnoreError();
  const std::lock_guard<std::mutex> lock(lines_->mutex);
  int count = 0;
  for (const std::string& line : lines_->lines) count += absl::StrContains(line, part) ? 1 : 0;
  return count;
}

}  // namespace ctdb::test
