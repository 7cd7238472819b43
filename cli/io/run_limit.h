// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// run_limit: ends the program when it has run too long, whatever it waits for.
//
//   Ownership:  SIGALRM of this process.
//   Threading:  call once, before other threads start.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     whole seconds.

#ifndef CLI_IO_RUN_LIMIT_H_
#define CLI_IO_RUN_LIMIT_H_

#include "absl/time/time.h"

namespace ctdb::cli {

// After the time: a line on stderr, SIGTERM to the process group, exit code 1. An infinite time is
// no limit.
void LimitRunTime(absl::Duration time);

}  // namespace ctdb::cli

#endif  // CLI_IO_RUN_LIMIT_H_
