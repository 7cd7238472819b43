// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lock_file: the cluster lock as a record lock on the first byte of a file, which is what excludes
// CTDB's own helper on the same file, on any file system with coherent record locks.
//
// The lock is the process's, not the descriptor's: closing *any* descriptor of that file in this
// process releases it, children do not have it, and a second one in the same process always
// succeeds. Locks of a descriptor (F_OFD_SETLK) would be kinder, but not every cluster file system
// carries them to other nodes.
//
//   Ownership:  the descriptor and with it the lock.
//   Threading:  any thread; see above.
//   Errors:     Aborted: somebody else holds it. NotFound, PermissionDenied, ... with the path, the
//               reason and what to do. FailedPrecondition from Check().
//   Blocking:   YES, as long as the file system does: run it in a process that may be killed.
//   Limits:     kAttemptsMax when the file is replaced again and again.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(LockFile lock, LockFile::Take("/clusterfs/.ctdb/lock"));
//   if (::fork() == 0) Report(lock.Check());

#ifndef LIB_CLUSTER_IO_LOCK_FILE_H_
#define LIB_CLUSTER_IO_LOCK_FILE_H_

#include <sys/types.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb::cluster {

class LockFile {
 public:
  static constexpr int kAttemptsMax = 3;

  // Makes the file when it is missing. Does not wait for another holder.
  static absl::StatusOr<LockFile> Take(const std::string& path);

  // Whether the path still leads to the locked file, and the lock is still there. In *another*
  // process than the holder: there, the look would release the lock.
  absl::Status Check() const;

  const std::string& path() const { return path_; }

 private:
  LockFile(std::string path, UniqueFd fd, dev_t device, ino_t inode)
      : path_(std::move(path)), fd_(std::move(fd)), device_(device), inode_(inode) {}

  std::string path_;
  UniqueFd fd_;
  dev_t device_;
  ino_t inode_;
};

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_IO_LOCK_FILE_H_
