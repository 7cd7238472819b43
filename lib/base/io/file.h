// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// file: whole small files in and out, with errors that name the file and the reason.
//
//   Ownership:  none.
//   Threading:  pure functions over the file system.
//   Errors:     NotFound, PermissionDenied, ResourceExhausted (too large, disk full), or Internal;
//               each names the path and the system's reason.
//   Blocking:   yes, as files do; not for event loops once a daemon runs.
//   Limits:     `bytes_max` at reading.

#ifndef LIB_BASE_IO_FILE_H_
#define LIB_BASE_IO_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctdb {

// "cannot <action> <path>: <strerror(error_number)>", with the code that fits the error number.
absl::Status ErrnoStatus(int error_number, absl::string_view action, absl::string_view path);

// The contents of a file of at most `bytes_max` bytes; a directory, device or longer file is
// refused.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t bytes_max);

// Replaces the file in one step (temporary name, fsync, rename): a reader or a crash sees either
// the old contents or the new ones.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view contents,
                                 unsigned int mode = 0644);

// Makes the directory and its missing parents; existing ones are fine.
absl::Status MakeDirectories(const std::string& path, unsigned int mode = 0755);

}  // namespace ctdb

#endif  // LIB_BASE_IO_FILE_H_
