// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// local_log: shows the logs of a local cluster.
//
//   Ownership:  none.
//   Threading:  belongs to the context's thread.
//   Errors:     a log that is not there yet counts as empty.
//   Blocking:   with --follow until the program is interrupted.
//   Limits:     the memory for the logs when they are shown first.

#ifndef CLI_COMMANDS_LOCAL_LOG_H_
#define CLI_COMMANDS_LOCAL_LOG_H_

#include <cstdint>
#include <set>
#include <string>

#include "cli/context.h"

namespace ctdb::cli {

int ShowLogs(Context& context, const std::string& directory, const std::set<uint32_t>& nodes);

}  // namespace ctdb::cli

#endif  // CLI_COMMANDS_LOCAL_LOG_H_
