// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// exit_code: the one table of the daemons' exit codes, for their mains and their manual pages.
//
// The codes below 64 are those that administrators and scripts know from CTDB.
//
//   Ownership:  static data.
//   Threading:  constants.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     a code, once released, keeps its meaning.
//
// Example:
//   return ToInt(ExitCode::kPidFile);

#ifndef LIB_DAEMON_EXIT_CODE_H_
#define LIB_DAEMON_EXIT_CODE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ctdb::daemon {

enum class ExitCode {
  kNormal = 0,
  kStartFailed = 1,
  kClientSocket = 10,
  kPidFile = 11,
  kAddressInUse = 65,
  kAddressMissing = 66,
  kStorage = 67,
  kPermission = 68,
  kPartGivenUp = 69,
  kInternal = 70,
  kStopForced = 71,
};

struct ExitCodeInfo {
  ExitCode code;
  absl::string_view name;         // one word
  absl::string_view explanation;  // what happened and what to do
};

// All codes, ascending.
const std::vector<ExitCodeInfo>& ExitCodes();

// The table's row, or null for a code that is not ours.
const ExitCodeInfo* FindExitCode(int code);

// Names the code that a program shall end with when this status ends it; an OK status stays as it
// is.
absl::Status WithExitCode(absl::Status status, ExitCode code);

// The code named by WithExitCode(), or the one that fits the kind of error.
ExitCode ExitCodeOf(const absl::Status& status);

constexpr int ToInt(ExitCode code) { return static_cast<int>(code); }

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_EXIT_CODE_H_
