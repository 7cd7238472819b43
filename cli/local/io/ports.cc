// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/local/io/ports.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "lib/base/io/unique_fd.h"

namespace ctdb::cli::local {
namespace {

bool IsFree(const std::string& address, uint16_t port) {
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &name.sin_addr) != 1) return false;
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return false;
  const int yes = 1;  // As a daemon does: connections that have just ended are no obstacle.
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) == 0 &&
         ::listen(fd.get(), 1) == 0;
}

}  // namespace

bool AreFree(const std::vector<std::string>& addresses, uint16_t port) {
  for (const std::string& address : addresses) {
    if (!IsFree(address, port)) return false;
  }
  return true;
}

}  // namespace ctdb::cli::local
