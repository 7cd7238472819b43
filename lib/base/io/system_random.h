// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// system_random: numbers of the system's generator: different at each start, on each node, and in
// each process. What has to replay takes one as its seed (random.h).
//
//   Ownership:  values.
//   Threading:  thread-safe.
//   Errors:     throws std::system_error where a system has no such generator, which Linux has.
//   Blocking:   never, once the host has started.
//   Limits:     none.
//
// Example:
//   options.seed = SystemRandom();

#ifndef LIB_BASE_IO_SYSTEM_RANDOM_H_
#define LIB_BASE_IO_SYSTEM_RANDOM_H_

#include <cstdint>
#include <random>

namespace ctdb {

inline uint64_t SystemRandom() {
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

}  // namespace ctdb

#endif  // LIB_BASE_IO_SYSTEM_RANDOM_H_
