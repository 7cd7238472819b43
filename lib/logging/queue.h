// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// queue: events on their way to a sink; bounded, and honest about what it had to drop.
//
// A full queue refuses the newest event: the older ones tell how the trouble began. The place of
// the gap is kept, so that the drop report appears in the log exactly where events are missing.
//
//   Ownership:  shares the events.
//   Threading:  not thread-safe.
//   Errors:     a refused event is counted.
//   Blocking:   never.
//   Limits:     EventQueue::Limits.
//
// Example:
//   queue.Push(event);
//   while (queue.HasWork()) Handle(queue.Pop());

#ifndef LIB_LOGGING_QUEUE_H_
#define LIB_LOGGING_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "lib/logging/event.h"

namespace ctdb::logging {

using EventPtr = std::shared_ptr<const Event>;

class EventQueue {
 public:
  struct Limits {
    // A burst of this length survives a sink that stands still.
    size_t events_max = 8192;
    // The price of that: memory while the sink stands still.
    size_t bytes_max = 4 << 20;
  };

  // What to do next: report the events dropped before `event`, then write it.
  struct Item {
    uint64_t dropped_before = 0;
    EventPtr event;  // Null if there is only a gap to report.
  };

  explicit EventQueue(const Limits& limits) : limits_(limits) {}

  // False if the queue is full: the event is dropped and counted.
  bool Push(EventPtr event);
  // Counts an event as dropped that got as far as the sink.
  void CountDrop();

  // True while there are events to write or drops to report.
  bool HasWork() const { return !items_.empty() || unreported_ > 0; }
  // The next item. HasWork() must be true.
  Item Pop();

  size_t size() const { return items_.size(); }
  // Events dropped since the beginning.
  uint64_t dropped() const { return dropped_; }

 private:
  Limits limits_;
  std::deque<Item> items_;
  size_t bytes_ = 0;
  uint64_t dropped_ = 0;
  uint64_t unreported_ = 0;  // Dropped after the last item was queued.
};

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_QUEUE_H_
