// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/systemd_notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb::daemon {

absl::Status SendNotify(const std::string& path, absl::string_view message) {
  if (path.empty()) return absl::OkStatus();
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const bool is_possible = (path[0] == '/' || path[0] == '@') && path.size() > 1 &&
                           path.size() < sizeof(address.sun_path);
  if (!is_possible) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot notify the service manager at \"", path,
                     "\": not an absolute path or abstract name of at most ",
                     sizeof(address.sun_path) - 1, " bytes; check NOTIFY_SOCKET"));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  if (path[0] == '@') address.sun_path[0] = '\0';
  const auto address_bytes =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + (path[0] == '/'));

  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return ErrnoStatus(errno, "make a socket to notify", path);
  const ssize_t sent = ::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&address), address_bytes);
  if (sent >= 0) return absl::OkStatus();
  if (errno == EAGAIN || errno == ENOBUFS) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot notify the service manager at ", path,
                     ": it does not read its messages; this one was dropped"));
  }
  return ErrnoStatus(errno, "notify the service manager at", path);
}

}  // namespace ctdb::daemon
