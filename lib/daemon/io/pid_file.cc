// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/pid_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"

namespace ctdb::daemon {
namespace {

// Each round means that another daemon removed its file just then.
constexpr int kAttemptsMax = 10;

struct flock WholeFile() {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

// The process that holds the lock: a plain fcntl lock tells it, else the file does. 0: not known.
pid_t FindHolder(int fd) {
  struct flock lock = WholeFile();
  if (::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0) {
    return lock.l_pid;
  }
  char text[32];
  const ssize_t bytes = ::pread(fd, text, sizeof(text), 0);
  int pid = 0;
  const bool is_pid =
      bytes > 0 &&
      absl::SimpleAtoi(absl::StripAsciiWhitespace({text, static_cast<size_t>(bytes)}), &pid);
  return is_pid && pid > 0 ? pid : 0;
}

absl::Status AlreadyRunning(int fd, const std::string& path) {
  const pid_t holder = FindHolder(fd);
  return absl::AlreadyExistsError(absl::StrCat(
      "cannot lock ", path, ": the daemon runs already",
      holder != 0 ? absl::StrCat(", as process ", holder) : "", "; stop that one first"));
}

absl::StatusOr<UniqueFd> Open(const std::string& path) {
  // O_NONBLOCK: a FIFO in the file's place must not hang us; O_NOFOLLOW: nor a link lead elsewhere.
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644));
  if (!fd.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) {
      return absl::NotFoundError(absl::StrCat("cannot create the pid file ", path,
                                              ": its directory does not exist; create it"));
    }
    return ErrnoStatus(errno, "create the pid file", path);
  }
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) return ErrnoStatus(errno, "examine", path);
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot use ", path, " as pid file: it is not a regular file"));
  }
  return fd;
}

// Whether the open file is still the one that the path names.
bool IsAtPath(int fd, const std::string& path) {
  struct stat open_file, named_file;
  return ::fstat(fd, &open_file) == 0 && ::lstat(path.c_str(), &named_file) == 0 &&
         open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

absl::Status Write(int fd, pid_t pid, const std::string& path) {
  const std::string text = absl::StrCat(pid, "\n");
  if (::fchmod(fd, 0644) != 0) return ErrnoStatus(errno, "set the mode of", path);  // umask
  if (::ftruncate(fd, 0) != 0) return ErrnoStatus(errno, "empty", path);
  const ssize_t written = ::pwrite(fd, text.data(), text.size(), 0);
  if (written < 0) return ErrnoStatus(errno, "write", path);
  if (written != static_cast<ssize_t>(text.size())) return ErrnoStatus(ENOSPC, "write", path);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PidFile> PidFile::Create(const std::string& path) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    CTDB_ASSIGN_OR_RETURN(UniqueFd fd, Open(path));
    struct flock lock = WholeFile();
    if (::fcntl(fd.get(), F_OFD_SETLK, &lock) != 0) {
      if (errno == EAGAIN || errno == EACCES) return AlreadyRunning(fd.get(), path);
      return ErrnoStatus(errno, "lock", path);
    }
    // A daemon that just ended may have removed the file between our open and our lock: the lock
    // would then be on a file that nobody else can find.
    if (!IsAtPath(fd.get(), path)) continue;
    CTDB_RETURN_IF_ERROR(Write(fd.get(), ::getpid(), path));
    return PidFile(path, std::move(fd), ::getpid());
  }
  return absl::UnavailableError(
      absl::StrCat("cannot lock ", path, ": other daemons keep replacing it"));
}

PidFile::PidFile(std::string path, UniqueFd fd, pid_t owner)
    : path_(std::move(path)), fd_(std::move(fd)), owner_(owner) {}

PidFile::~PidFile() {
  const bool is_ours = fd_.is_open() && owner_ == ::getpid() && IsAtPath(fd_.get(), path_);
  if (is_ours) ::unlink(path_.c_str());  // while the lock is still held
}

}  // namespace ctdb::daemon
