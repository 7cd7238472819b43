// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// program_output: runs a command of the shell and gives what it says.
//
//   Ownership:  values.
//   Threading:  any thread.
//   Errors:     Unavailable when it fails, with what it said.
//   Blocking:   until it ends.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const std::string leader, OutputOf("ctdb leader"));

#ifndef TESTS_BENCH_CTDB_BENCH_PROGRAM_OUTPUT_H_
#define TESTS_BENCH_CTDB_BENCH_PROGRAM_OUTPUT_H_

#include <string>

#include "absl/status/statusor.h"
#include "lib/base/ids.h"

namespace ctdb::bench {

absl::StatusOr<std::string> OutputOf(const std::string& command);
// Of a command whose whole output is the number of a node.
absl::StatusOr<NodeNumber> NodeOf(const std::string& command);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_PROGRAM_OUTPUT_H_
