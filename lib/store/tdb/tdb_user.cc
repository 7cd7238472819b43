// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tdb/tdb_user.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "lib/base/io/file.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb::store {
namespace {

// Whoever has a file open that the first one empties holds this byte.
constexpr off_t kActiveByte = 4;

}  // namespace

absl::StatusOr<pid_t> UserOfTdb(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!fd.is_open() && errno == ENOENT) return 0;
  if (!fd.is_open()) return ErrnoStatus(errno, "open", path);
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = kActiveByte;
  lock.l_len = 1;
  if (::fcntl(fd.get(), F_GETLK, &lock) != 0) return ErrnoStatus(errno, "look at", path);
  return lock.l_type == F_UNLCK ? 0 : lock.l_pid;
}

}  // namespace ctdb::store
