// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// will_pipe: how a daemon's will reaches its guardian, and the daemon's end as well: then the pipe
// ends.
//
//   Ownership:  the descriptors stay the caller's.
//   Threading:  one thread per end.
//   Errors:     Unavailable: the guardian has ended, or does not read.
//   Blocking:   SendWill() never; ReadLastWill() until the pipe ends.
//   Limits:     a will of kPipeBytes.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto pipe, MakeWillPipe());
//   CTDB_RETURN_IF_ERROR(SendWill(pipe.second.get(), will));

#ifndef LIB_GUARDIAN_IO_WILL_PIPE_H_
#define LIB_GUARDIAN_IO_WILL_PIPE_H_

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/io/unique_fd.h"
#include "lib/guardian/will.h"

namespace ctdb::guardian {

inline constexpr int kPipeBytes = 1 << 20;

// The end to read from, and the end to write to.
absl::StatusOr<std::pair<UniqueFd, UniqueFd>> MakeWillPipe();

absl::Status SendWill(int fd, const Will& will);

// The last whole one that was sent; nothing: there was none. Also when what comes is no will: that
// it returns does not prove that the daemon has ended.
std::optional<Will> ReadLastWill(int fd);

}  // namespace ctdb::guardian

#endif  // LIB_GUARDIAN_IO_WILL_PIPE_H_
