// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// logger: what daemon code logs with.
//
// Copies of a Logger share level, queue and sink, so the daemons of one process log to one
// destination, each under its own tag. Suppressed events cost one atomic load and no allocation;
// text that is expensive to make wants an IsEnabled() around it.
//
//   Ownership:  copies share the writer; the last one ends it.
//   Threading:  thread-safe.
//   Errors:     none for the caller; statistics() tells what happens to the events.
//   Blocking:   never, except Flush() (until its deadline) and the last destructor (bounded).
//   Limits:     those of event.h and writer.h.
//
// Example:
//   Logger logger(options, *OpenSink(location, sink_options));
//   logger.Notice("link_lost", "Lost the link to node 2", {{"node", 2}, {"reason", "reset"}});

#ifndef LIB_LOGGING_LOGGER_H_
#define LIB_LOGGING_LOGGER_H_

#include <initializer_list>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/log_level.h"
#include "lib/logging/event.h"
#include "lib/logging/sink.h"
#include "lib/logging/writer.h"

namespace ctdb::logging {

class Logger {
 public:
  struct Options {
    LogLevel level = LogLevel::kNotice;
    LogWriter::Options writer;  // Its source is also that of the logger's events.
  };

  Logger(Options options, std::unique_ptr<Sink> sink);

  // A logger for another part of the same program, which shares everything but the tag.
  Logger WithTag(absl::string_view tag) const;

  LogLevel level() const;
  void SetLevel(LogLevel level);
  bool IsEnabled(LogLevel level) const;

  // `name` is the event's identifier ([a-z_]+, "" if it has none), `text` what people read.
  void Log(LogLevel level, absl::string_view name, absl::string_view text,
           std::initializer_list<Field> fields = {}) const;

  void Error(absl::string_view name, absl::string_view text,
             std::initializer_list<Field> fields = {}) const {
    Log(LogLevel::kError, name, text, fields);
  }
  void Warning(absl::string_view name, absl::string_view text,
               std::initializer_list<Field> fields = {}) const {
    Log(LogLevel::kWarning, name, text, fields);
  }
  void Notice(absl::string_view name, absl::string_view text,
              std::initializer_list<Field> fields = {}) const {
    Log(LogLevel::kNotice, name, text, fields);
  }
  void Info(absl::string_view name, absl::string_view text,
            std::initializer_list<Field> fields = {}) const {
    Log(LogLevel::kInfo, name, text, fields);
  }
  void Debug(absl::string_view name, absl::string_view text,
             std::initializer_list<Field> fields = {}) const {
    Log(LogLevel::kDebug, name, text, fields);
  }

  // See LogWriter.
  void Reopen();
  absl::Status Flush(absl::Duration timeout);
  LogStatistics statistics() const;
  std::vector<EventPtr> Recent() const;

 private:
  struct Shared;
  Logger(Source source, std::shared_ptr<Shared> shared);

  Source source_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_LOGGER_H_
