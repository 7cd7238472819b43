// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/io/connect.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb::cli {
namespace {

// Why nobody can be reached at the socket, as an error number; 0 when somebody can.
int ProbeSocket(const std::string& path) {
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof(name.sun_path)) return ENAMETOOLONG;
  std::memcpy(name.sun_path, path.data(), path.size());
  const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return errno;
  const auto* address = reinterpret_cast<const sockaddr*>(&name);
  return ::connect(fd.get(), address, sizeof(name)) == 0 ? 0 : errno;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> ConnectToDaemon(const Connection::Options& options) {
  auto connection = Connection::Open(options);
  if (connection.ok()) return connection;
  const int error_number = ProbeSocket(options.socket_path);
  const std::string reason = error_number != 0
                                 ? absl::StrCat("connect() failed, errno=", error_number)
                                 : std::string(connection.status().message());
  return absl::Status(
      connection.status().code(),
      absl::StrCat(reason, "\nFailed to connect to CTDB daemon (", options.socket_path, ")"));
}

}  // namespace ctdb::cli
