// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/io/lock_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"

namespace ctdb::cluster {
namespace {

constexpr mode_t kMode = 0600;

struct flock FirstByte() {
  struct flock range = {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  range.l_start = 0;
  range.l_len = 1;
  return range;
}

absl::Status Advise(const absl::Status& status, absl::string_view advice) {
  return absl::Status(status.code(), absl::StrCat(status.message(), ": ", advice));
}

absl::Status OpenError(int error_number, const std::string& path) {
  const absl::Status status = ErrnoStatus(error_number, "open the lock file", path);
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return Advise(status, "mount the cluster file system, or make the folder");
    case EACCES:
    case EPERM:
      return Advise(status, "it must be readable and writable for this program");
    case EROFS:
      return Advise(status, "the file system must be writable");
    case EISDIR:
      return Advise(status, "name a file in it");
    default:
      return Advise(status, "see that files can be made and written there");
  }
}

absl::Status LockError(int error_number, const std::string& path) {
  if (error_number == EAGAIN || error_number == EACCES) {
    return absl::AbortedError(absl::StrCat("another process holds the lock on ", path));
  }
  return Advise(ErrnoStatus(error_number, "lock", path),
                "the file must be on a cluster file system that has record locks");
}

}  // namespace

absl::StatusOr<LockFile> LockFile::Take(const std::string& path) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, kMode));
    if (!fd.is_open()) return OpenError(errno, path);
    struct stat ours = {};
    if (::fstat(fd.get(), &ours) != 0) return ErrnoStatus(errno, "look at", path);
    if (!S_ISREG(ours.st_mode)) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot lock ", path, ": it is not a regular file"));
    }
    struct flock range = FirstByte();
    if (::fcntl(fd.get(), F_SETLK, &range) != 0) return LockError(errno, path);
    // Somebody may have replaced it before it was locked.
    struct stat there = {};
    const bool is_there = ::stat(path.c_str(), &there) == 0;
    if (is_there && there.st_dev == ours.st_dev && there.st_ino == ours.st_ino) {
      return LockFile(path, std::move(fd), ours.st_dev, ours.st_ino);
    }
  }
  return absl::UnavailableError(
      absl::StrCat("cannot lock ", path, ": it is being replaced again and again"));
}

absl::Status LockFile::Check() const {
  const UniqueFd fd(::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!fd.is_open()) return OpenError(errno, path_);
  struct stat there = {};
  if (::fstat(fd.get(), &there) != 0) return ErrnoStatus(errno, "look at", path_);
  if (there.st_dev != device_ || there.st_ino != inode_) {
    return absl::FailedPreconditionError(
        absl::StrCat("the lock file ", path_, " was replaced by another file (inode ", there.st_ino,
                     ", was ", inode_, "): nobody may delete or restore it while it is in use"));
  }
  // Who asks holds no lock, so a lock that is there is in its way. A file system that cannot answer
  // the question is not a lost lock.
  struct flock range = FirstByte();
  if (::fcntl(fd.get(), F_GETLK, &range) == 0 && range.l_type == F_UNLCK) {
    return absl::FailedPreconditionError(
        absl::StrCat("the file system has lost the lock on ", path_,
                     ": see its own messages; a restarted lock server may forget locks"));
  }
  return absl::OkStatus();
}

}  // namespace ctdb::cluster
