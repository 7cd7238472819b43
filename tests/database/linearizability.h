// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// linearizability: whether what clients saw of one counter fits one order of all that they did, in
// which each operation happened between its beginning and its end (Herlihy and Wing,
// "Linearizability", 1990). Of a counter that only grows three rules are enough: a read sees each
// increment that ended before it began, none that began after it ended, and no less than a read
// that ended before it began.
//
// When a record's last copies are lost with their node it counts on from an older value. What was
// read across that moment is not judged.

#ifndef TESTS_DATABASE_LINEARIZABILITY_H_
#define TESTS_DATABASE_LINEARIZABILITY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/instant.h"

namespace ctdb::database {

class CounterHistory {
 public:
  void OnIncremented(Instant began, Instant ended) {
    Present().increments.push_back({began, ended});
  }
  // Its client was not told that it had happened: reads may see it or not.
  void OnMaybeIncremented(Instant began) { maybe_.push_back(began); }
  void OnRead(Instant began, Instant ended, uint64_t value);
  void OnLost(Instant now, uint64_t value) { lives_.push_back({now, value, {}, {}}); }

  // Empty, or the first read that does not fit.
  std::string Check() const;

 private:
  struct Operation {
    Instant began;
    Instant ended;
    uint64_t value = 0;
  };
  // From one loss to the next.
  struct Life {
    Instant since{};
    uint64_t value = 0;
    std::vector<Operation> increments;
    std::vector<Operation> reads;

    std::string Check(const std::vector<Instant>& maybe) const;
  };

  Life& Present() {
    if (lives_.empty()) lives_.emplace_back();
    return lives_.back();
  }

  std::vector<Life> lives_;
  std::vector<Instant> maybe_;
};

}  // namespace ctdb::database

#endif  // TESTS_DATABASE_LINEARIZABILITY_H_
