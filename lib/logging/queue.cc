// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/queue.h"

#include <utility>

namespace ctdb::logging {

bool EventQueue::Push(EventPtr event) {
  const size_t bytes = EventBytes(*event);
  if (items_.size() >= limits_.events_max || bytes_ + bytes > limits_.bytes_max) {
    CountDrop();
    return false;
  }
  bytes_ += bytes;
  items_.push_back({std::exchange(unreported_, 0), std::move(event)});
  return true;
}

void EventQueue::CountDrop() {
  ++dropped_;
  ++unreported_;
}

EventQueue::Item EventQueue::Pop() {
  if (items_.empty()) return {std::exchange(unreported_, 0), nullptr};
  Item item = std::move(items_.front());
  items_.pop_front();
  bytes_ -= EventBytes(*item.event);
  return item;
}

}  // namespace ctdb::logging
