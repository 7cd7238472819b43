// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/database/linearizability.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace ctdb::database {

void CounterHistory::OnRead(Instant began, Instant ended, uint64_t value) {
  Life& life = Present();
  if (began >= life.since) life.reads.push_back({began, ended, value});
}

std::string CounterHistory::Check() const {
  for (const Life& life : lives_) {
    if (std::string broken = life.Check(maybe_); !broken.empty()) return broken;
  }
  return "";
}

std::string CounterHistory::Life::Check(const std::vector<Instant>& maybe) const {
  std::vector<Instant> began = maybe;
  std::vector<Instant> ended;
  for (const Operation& increment : increments) {
    began.push_back(increment.began);
    ended.push_back(increment.ended);
  }
  std::sort(began.begin(), began.end());
  std::sort(ended.begin(), ended.end());
  std::vector<Operation> by_end = reads;
  std::vector<Operation> by_begin = reads;
  std::sort(by_end.begin(), by_end.end(), [](auto& a, auto& b) { return a.ended < b.ended; });
  std::sort(by_begin.begin(), by_begin.end(), [](auto& a, auto& b) { return a.began < b.began; });
  uint64_t seen = 0;  // By reads that ended before.
  auto next = by_end.begin();
  for (const Operation& read : by_begin) {
    for (; next != by_end.end() && next->ended < read.began; ++next) {
      seen = std::max(seen, next->value);
    }
    auto before = std::lower_bound(ended.begin(), ended.end(), read.began) - ended.begin();
    auto until = std::upper_bound(began.begin(), began.end(), read.ended) - began.begin();
    uint64_t least = std::max(seen, value + static_cast<uint64_t>(before));
    uint64_t most = value + static_cast<uint64_t>(until);
    if (read.value < least || read.value > most) {
      return absl::StrCat("a read that began at ", read.began.time_since_epoch().count() / 1000,
                          " us saw ", read.value, " and not ", least, " to ", most);
    }
  }
  return "";
}

}  // namespace ctdb::database
