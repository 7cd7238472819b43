// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lock_setting: what the option "cluster lock" asks to be run.
//
//   /clusterfs/.ctdb/lock      a file: our own helper locks it
//   !/path/of/helper a b       a helper of the site with its arguments, split at blanks and tabs;
//                              no quoting, no shell, no search in PATH
//   (empty)                    no cluster lock
//
// All nodes must have the same setting.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument: what is wrong with the setting and what would be right.
//   Blocking:   never; whether the helper exists shows when it is started.
//   Limits:     none but those of a configuration line.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(std::optional<LockCommand> command,
//                         ParseLockSetting(config.ClusterLock(), helper_directory));

#ifndef LIB_CLUSTER_LOCK_SETTING_H_
#define LIB_CLUSTER_LOCK_SETTING_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctdb::cluster {

inline constexpr absl::string_view kLockHelperName = "ctdb_mutex_fcntl_helper";

struct LockCommand {
  // The first one is the helper's path.
  std::vector<std::string> arguments;

  friend bool operator==(const LockCommand&, const LockCommand&) = default;
};

// `helper_directory`: where our own helper is installed. Nothing: there is no cluster lock.
absl::StatusOr<std::optional<LockCommand>> ParseLockSetting(absl::string_view setting,
                                                            absl::string_view helper_directory);

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_LOCK_SETTING_H_
