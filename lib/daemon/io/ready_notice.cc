// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/ready_notice.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"

namespace ctdb::daemon {

absl::StatusOr<ReadyNotice> ReadyNotice::Adopt(absl::string_view fd_text) {
  if (fd_text.empty()) return ReadyNotice(UniqueFd());
  int fd = -1;
  const bool is_open =
      absl::SimpleAtoi(fd_text, &fd) && fd > STDERR_FILENO && ::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
  if (!is_open) {
    return absl::InvalidArgumentError(
        absl::StrCat(kReadyFdVariable, " is not an open file descriptor: \"", fd_text,
                     "\"; it is meant to be set by the supervising daemon only"));
  }
  return ReadyNotice(UniqueFd(fd));
}

absl::Status ReadyNotice::Send() {
  if (!fd_.is_open()) return absl::OkStatus();
  ssize_t written = 0;
  do {
    written = ::write(fd_.get(), kReadyText.data(), kReadyText.size());
  } while (written < 0 && errno == EINTR);
  const int error_number = errno;
  fd_.Reset();
  if (written >= 0) return absl::OkStatus();
  return ErrnoStatus(error_number, "tell readiness to", "the supervising daemon");
}

}  // namespace ctdb::daemon
