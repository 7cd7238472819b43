// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// raw_relay: the least that a message from one process to another through a third can cost: threads
// that copy bytes from one blocking socket to the next, with nothing in between. What the transport
// is compared with.
//
//   Ownership:  owns its threads and sockets.
//   Threading:  the ends may be used by one thread each.
//   Errors:     aborts; it is a benchmark.
//   Blocking:   yes.
//   Limits:     none.

#ifndef TESTS_BENCH_RAW_RELAY_H_
#define TESTS_BENCH_RAW_RELAY_H_

#include <thread>
#include <vector>

#include "lib/base/io/unique_fd.h"

namespace ctdb::bench {

class RawRelay {
 public:
  enum class Hop { kUnix, kTcp };

  // A chain of sockets with a relay between each two: {kUnix, kTcp, kUnix} has two relays.
  explicit RawRelay(const std::vector<Hop>& hops);
  ~RawRelay();

  int near_end() const { return near_.get(); }
  int far_end() const { return far_.get(); }

 private:
  UniqueFd near_;
  UniqueFd far_;
  std::vector<UniqueFd> inner_;
  std::vector<std::thread> threads_;
};

// All bytes, or abort.
void WriteAll(int fd, const void* data, size_t size);
void ReadAll(int fd, void* data, size_t size);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_RAW_RELAY_H_
