// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// process_memory: how much memory a daemon has for itself, seen from outside.
//
//   Ownership:  values.
//   Threading:  any thread.
//   Errors:     NotFound for a process that is gone.
//   Blocking:   as long as the kernel needs to tell: microseconds.
//   Limits:     Linux.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const uint64_t bytes, PrivateBytes(ProcessAndChildren(pid)));

#ifndef TESTS_BENCH_CTDB_BENCH_PROCESS_MEMORY_H_
#define TESTS_BENCH_CTDB_BENCH_PROCESS_MEMORY_H_

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"

namespace ctdb::bench {

// Children of any of its threads, and theirs.
std::vector<pid_t> ProcessAndChildren(pid_t pid);

// Resident, of all of them together. Without what lies in shared memory: that is the records
// themselves, which are there whoever looks at them.
absl::StatusOr<uint64_t> PrivateBytes(const std::vector<pid_t>& processes);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_PROCESS_MEMORY_H_
