// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// check: the parts of "ctdb db check".
//
//   Ownership:  borrows the context.
//   Threading:  belongs to the context's thread.
//   Errors:     what keeps a database from being checked; what is wrong with it is no error.
//   Blocking:   as long as it takes; each request at most the time limit.
//   Limits:     kProblemsMax of one database; of more only that there are more.
//
// Example:
//   CTDB_RETURN_IF_ERROR(CheckVolatile(context, entry, result));

#ifndef CLI_COMMANDS_CHECK_H_
#define CLI_COMMANDS_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "cli/context.h"
#include "cli/database_query.h"
#include "lib/base/ids.h"

namespace ctdb::cli {

inline constexpr size_t kProblemsMax = 1000;

struct CheckProblem {
  std::vector<NodeNumber> nodes;
  std::optional<std::string> key;
  std::string what;
  std::string advice;
};

struct CheckResult {
  std::string database;
  uint64_t records = 0;
  size_t nodes = 0;
  std::vector<CheckProblem> problems;
  bool has_more = false;

  void Add(CheckProblem problem) {
    if (problems.size() < kProblemsMax) {
      problems.push_back(std::move(problem));
    } else {
      has_more = true;
    }
  }
};

// Owners, homes and copies of each record.
absl::Status CheckVolatile(Context& context, const DatabaseEntry& entry, CheckResult& result);

// The files of full copies, and whether they are equal.
absl::Status CheckCopies(Context& context, const DatabaseEntry& entry, CheckResult& result);

}  // namespace ctdb::cli

#endif  // CLI_COMMANDS_CHECK_H_
