// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// process_identity: names a process so that another one that gets the same pid later is not taken
// for it: the pid together with the time of its start.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none; texts that say nothing give no value.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_LOCAL_PROCESS_IDENTITY_H_
#define CLI_LOCAL_PROCESS_IDENTITY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace ctdb::cli::local {

struct ProcessIdentity {
  int pid = 0;
  uint64_t start_ticks = 0;  // Since the machine started; the kernel's clock ticks.

  friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

// The line kept in a file: "4711 123456".
std::string ToLine(const ProcessIdentity& identity);
std::optional<ProcessIdentity> ParseIdentityLine(absl::string_view line);

// What /proc/PID/stat says of a process.
struct ProcessStat {
  ProcessIdentity identity;
  char state = '?';  // 'R', 'S', 'T' (stopped), 'Z' (dead, not yet collected), ...
};
std::optional<ProcessStat> ParseProcessStat(absl::string_view text);

}  // namespace ctdb::cli::local

#endif  // CLI_LOCAL_PROCESS_IDENTITY_H_
