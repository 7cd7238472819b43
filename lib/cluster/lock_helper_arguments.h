// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lock_helper_arguments: the command line of our own lock helper, its help and its exit codes.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument: which argument is wrong and what it may be.
//   Blocking:   never.
//   Limits:     times up to kSecondsMax.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(LockHelperArguments arguments,
//                         ParseLockHelperArguments({"/clusterfs/.ctdb/lock", "5"}));

#ifndef LIB_CLUSTER_LOCK_HELPER_ARGUMENTS_H_
#define LIB_CLUSTER_LOCK_HELPER_ARGUMENTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace ctdb::cluster {

struct LockHelperArguments {
  // Nothing else counts when the help is asked for.
  bool help = false;
  std::string file = {};
  // Between two looks at the file. Shorter: a replaced file is noticed sooner. 0: none.
  absl::Duration recheck_interval = absl::Seconds(1);
  // How long a look may take before the file system counts as dead. 0: for ever.
  absl::Duration ping_timeout = absl::Seconds(10);
};

inline constexpr int kSecondsMax = 86400;

// How the helper ends. What it says to the daemon is the character on its standard output.
enum class LockHelperExit {
  kParentGone = 0,  // also after --help
  kContended = 1,
  kWrongUse = 2,
  kFailed = 3,
  kLost = 4,
};

// `arguments`: without the program's name.
absl::StatusOr<LockHelperArguments> ParseLockHelperArguments(
    const std::vector<std::string>& arguments);

// Several lines.
std::string LockHelperUsage();

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_LOCK_HELPER_ARGUMENTS_H_
