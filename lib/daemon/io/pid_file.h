// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// pid_file: one daemon per pid file, and its process number for those who look for it.
//
// The file holds the number and a line break, has mode 0644, is locked while the daemon lives, and
// is removed on a clean end. What counts is the lock, so a file that a crash left behind does no
// harm.
//
// The lock is an "open file description" lock (fcntl F_OFD_SETLK). It excludes the fcntl lock of an
// existing ctdbd that uses the same file, which flock() would not; and other than a plain fcntl
// lock it does not vanish when some other part of this process opens and closes the file.
//
//   Ownership:  the lock and the file, until destruction. A forked copy of the object (in a child
//               process) removes nothing.
//   Threading:  not thread-safe.
//   Errors:     AlreadyExists (names the running process), NotFound (directory missing),
//               PermissionDenied, FailedPrecondition (not a regular file), and what the disk
//               reports.
//   Blocking:   as files do.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(PidFile pid_file, PidFile::Create("/run/ctdb/ctdbd.pid"));

#ifndef LIB_DAEMON_IO_PID_FILE_H_
#define LIB_DAEMON_IO_PID_FILE_H_

#include <sys/types.h>

#include <string>

#include "absl/status/statusor.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb::daemon {

class PidFile {
 public:
  // For the calling process; so after going to the background.
  static absl::StatusOr<PidFile> Create(const std::string& path);

  PidFile(PidFile&&) = default;
  PidFile& operator=(PidFile&&) = delete;
  ~PidFile();

 private:
  PidFile(std::string path, UniqueFd fd, pid_t owner);

  std::string path_;
  UniqueFd fd_;
  pid_t owner_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_IO_PID_FILE_H_
