// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// writer: carries events to a sink on a thread of its own, so that nobody waits for a sink.
//
// While the sink refuses, the event at hand is offered again and again and the others wait in the
// queue; when that is full, new events are dropped. `[Dropped N log messages]` then stands in the
// log where they are missing, as soon as the sink takes records again. Trouble with the sink is
// never logged; statistics() tells it.
//
//   Ownership:  owns the sink and the thread.
//   Threading:  thread-safe. After fork() the child must not use it: its thread is in the parent.
//   Errors:     of the sink: counted and kept in the statistics.
//   Blocking:   Add() never. Flush() until its deadline, the destructor up to `exit_wait`.
//   Limits:     EventQueue::Limits, `recent_max`.
//
// Example:
//   LogWriter writer(options, std::move(sink));
//   writer.Add(std::make_shared<Event>(...));
//   writer.Flush(absl::Seconds(1)).IgnoreError();

#ifndef LIB_LOGGING_WRITER_H_
#define LIB_LOGGING_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "lib/logging/event.h"
#include "lib/logging/queue.h"
#include "lib/logging/sink.h"

namespace ctdb::logging {

struct LogStatistics {
  uint64_t written = 0;  // Events that the sink took, without the writer's own reports.
  uint64_t dropped = 0;
  uint64_t queued = 0;
  bool is_failing = false;  // The last attempt to write failed.
  absl::Status last_error;  // OK if there was none; kept after the sink has recovered.
  absl::Time last_error_time = absl::InfinitePast();
};

class LogWriter {
 public:
  struct Options {
    Source source;                      // Of the writer's own reports.
    std::function<absl::Time()> clock;  // The wall clock.
    EventQueue::Limits limits;
    size_t recent_max = 200;
    // Pause before a broken sink is tried again: doubles from the first to the second. Shorter
    // notices recovery sooner, longer costs less while the sink is broken.
    absl::Duration retry_min = absl::Milliseconds(10);
    absl::Duration retry_max = absl::Seconds(1);
    // What the destructor gives a slow sink to take what is queued. A broken sink gets one attempt.
    absl::Duration exit_wait = absl::Seconds(1);
  };

  LogWriter(Options options, std::unique_ptr<Sink> sink);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  void Add(EventPtr event);

  // Asks the sink to start anew (log rotation) and then writes `Reopened logs`.
  void Reopen();

  // Waits until all that was added before is written and all drops are reported.
  absl::Status Flush(absl::Duration timeout);

  LogStatistics statistics() const;

  // The last events added, oldest first, also those that the sink has not taken.
  std::vector<EventPtr> Recent() const;

 private:
  // Shared with the thread, which outlives the writer if its sink blocks for ever.
  struct State;
  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_WRITER_H_
