// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/file_space.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"

namespace ctdb::store {
namespace {

sigset_t SizeSignal() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGXFSZ);
  return set;
}

bool SizeSignalPending() {
  sigset_t pending;
  ::sigpending(&pending);
  return ::sigismember(&pending, SIGXFSZ) == 1;
}

absl::Status SpaceFailure(int error_number, const std::string& path) {
  if (error_number == EFBIG) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "cannot enlarge ", path, ": the limit of file sizes is reached; raise \"ulimit -f\""));
  }
  if (error_number == ENOSPC || error_number == EDQUOT) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot enlarge ", path,
                     ": its file system is full; free some space, or give the tmpfs more"));
  }
  return ErrnoStatus(error_number, "enlarge", path);
}

}  // namespace

WithoutSizeSignal::WithoutSizeSignal() : was_pending_(SizeSignalPending()) {
  const sigset_t set = SizeSignal();
  ::pthread_sigmask(SIG_BLOCK, &set, &before_);
}

WithoutSizeSignal::~WithoutSizeSignal() {
  if (!was_pending_ && SizeSignalPending()) {
    const sigset_t set = SizeSignal();
    const timespec now = {};
    ::sigtimedwait(&set, nullptr, &now);
  }
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

absl::Status SetFileSize(int fd, uint64_t bytes, const std::string& path) {
  const WithoutSizeSignal guard;
  if (::ftruncate(fd, static_cast<off_t>(bytes)) == 0) return absl::OkStatus();
  return SpaceFailure(errno, path);
}

absl::Status AllocateFile(int fd, uint64_t begin, uint64_t bytes, const std::string& path) {
  const WithoutSizeSignal guard;
  int error_number;
  do {
    error_number = ::posix_fallocate(fd, static_cast<off_t>(begin), static_cast<off_t>(bytes));
  } while (error_number == EINTR);
  return error_number == 0 ? absl::OkStatus() : SpaceFailure(error_number, path);
}

}  // namespace ctdb::store
