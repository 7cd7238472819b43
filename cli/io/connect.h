// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// connect: opens the connection to the local daemon, with the error lines that administrators'
// tools look for.
//
//   Ownership:  the caller owns the connection.
//   Threading:  any thread.
//   Errors:     the lines for stderr.
//   Blocking:   until the time limit in the options.
//   Limits:     none.

#ifndef CLI_IO_CONNECT_H_
#define CLI_IO_CONNECT_H_

#include <memory>

#include "absl/status/statusor.h"
#include "lib/client/connection.h"

namespace ctdb::cli {

absl::StatusOr<std::unique_ptr<Connection>> ConnectToDaemon(const Connection::Options& options);

}  // namespace ctdb::cli

#endif  // CLI_IO_CONNECT_H_
