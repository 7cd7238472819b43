// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/world.h"

#include <algorithm>

namespace ctdb::sim {

absl::Duration World::Between(absl::Duration least, absl::Duration most) {
  const int64_t range = absl::ToInt64Nanoseconds(most - least);
  if (range <= 0) return least;
  return least + absl::Nanoseconds(random_.Below(static_cast<uint64_t>(range) + 1));
}

void World::At(Instant when, Actor& actor, uint64_t what) {
  queue_.push_back({std::max(when, now_), sequence_++, &actor, what});
  std::push_heap(queue_.begin(), queue_.end(), IsLater());
}

void World::RunUntil(Instant end) {
  while (!is_stopped_ && !queue_.empty() && queue_.front().at <= end) {
    std::pop_heap(queue_.begin(), queue_.end(), IsLater());
    const Event event = queue_.back();
    queue_.pop_back();
    now_ = event.at;
    ++events_;
    Mix(static_cast<uint64_t>(now_.time_since_epoch().count()));
    Mix(event.what);
    event.actor->OnEvent(event.what);
  }
  if (!is_stopped_) now_ = std::max(now_, end);
}

}  // namespace ctdb::sim
