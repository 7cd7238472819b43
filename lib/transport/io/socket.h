// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// socket: the stream sockets of the transport, all non-blocking and close-on-exec.
//
//   Ownership:  results own their descriptor.
//   Threading:  pure functions over the system.
//   Errors:     name the address or path and the system's reason; AlreadyExists for an address or
//               path that another process uses.
//   Blocking:   never (names are never looked up).
//   Limits:     socket names of 85 bytes below directories of any length.

#ifndef LIB_TRANSPORT_IO_SOCKET_H_
#define LIB_TRANSPORT_IO_SOCKET_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/io/unique_fd.h"

namespace ctdb {

// Numeric IPv4 or IPv6 addresses only.
absl::StatusOr<UniqueFd> ListenTcp(const std::string& address, uint16_t port);

// Begins to connect from `local_address`, so that the other side can tell who calls. Wait until the
// socket is writable, then ask FinishConnect().
absl::StatusOr<UniqueFd> DialTcp(const std::string& local_address, const std::string& address,
                                 uint16_t port);
absl::Status FinishConnect(int fd, const std::string& address);

// Replaces the socket file of a process that is gone; refuses when one answers there.
absl::StatusOr<UniqueFd> ListenUnix(const std::string& path, unsigned int mode);
absl::StatusOr<UniqueFd> ConnectUnix(const std::string& path);

// Two connected ends.
absl::StatusOr<std::pair<UniqueFd, UniqueFd>> MakeSocketPair();

// The next waiting connection; not open when there is none.
absl::StatusOr<UniqueFd> Accept(int listener);

struct PeerCredentials {
  uint32_t pid = 0;
  uint32_t uid = 0;
};
absl::StatusOr<PeerCredentials> GetPeerCredentials(int fd);

// The other side's numeric address without port.
absl::StatusOr<std::string> GetPeerAddress(int fd);

// For links between nodes: small packets leave at once, and little bulk data waits in the kernel,
// where nothing can overtake it.
void TuneNodeLink(int fd);

}  // namespace ctdb

#endif  // LIB_TRANSPORT_IO_SOCKET_H_
