// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// random: numbers that replay. The same seed gives the same sequence on every compiler, library and
// platform, which std:: and absl:: distributions do not promise.
//
// Generator: xoshiro256** seeded through splitmix64 (Blackman and Vigna, "Scrambled linear
// pseudorandom number generators", 2018). Not for secrets.
//
//   Ownership:  values.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     period 2^256 - 1.
//
// Example:
//   Random random(seed);
//   absl::Duration pause = base * random.Fraction();

#ifndef LIB_BASE_RANDOM_H_
#define LIB_BASE_RANDOM_H_

#include <array>
#include <cstdint>

namespace ctdb {

class Random {
 public:
  explicit Random(uint64_t seed);

  // Any 64-bit number, all equally likely.
  uint64_t Next();

  // A number in [0, bound), all equally likely; 0 when bound is 0.
  uint64_t Below(uint64_t bound);

  // A number in [0, 1).
  double Fraction();

 private:
  std::array<uint64_t, 4> state_;
};

}  // namespace ctdb

#endif  // LIB_BASE_RANDOM_H_
