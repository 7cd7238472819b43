// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// file_space: memory of files, asked for before it is touched.
//
//   Ownership:  none.
//   Threading:  thread-safe.
//   Errors:     ResourceExhausted when the file system or the process's limit of file sizes is
//               full; otherwise the system's reason.
//   Blocking:   as the file system does.
//   Limits:     none.

#ifndef LIB_STORE_IO_FILE_SPACE_H_
#define LIB_STORE_IO_FILE_SPACE_H_

#include <signal.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace ctdb::store {

// While it lives, a file that would grow beyond the process's limit is an error of the call and
// not a signal that ends the process.
class WithoutSizeSignal {
 public:
  WithoutSizeSignal();
  WithoutSizeSignal(const WithoutSizeSignal&) = delete;
  WithoutSizeSignal& operator=(const WithoutSizeSignal&) = delete;
  ~WithoutSizeSignal();

 private:
  sigset_t before_;
  bool was_pending_;
};

absl::Status SetFileSize(int fd, uint64_t bytes, const std::string& path);
absl::Status AllocateFile(int fd, uint64_t begin, uint64_t bytes, const std::string& path);

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_FILE_SPACE_H_
