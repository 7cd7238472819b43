// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"

namespace ctdb {
namespace {

constexpr int kSocketFlags = SOCK_NONBLOCK | SOCK_CLOEXEC;
constexpr int kBacklog = 128;
// What may wait unsent in the kernel on a link: about 0.1 ms at 10 Gbit/s.
constexpr int kUnsentBytesMax = 64 << 10;

struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

absl::StatusOr<SocketAddress> ParseIp(const std::string& address, uint16_t port) {
  SocketAddress result;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&result.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&result.storage);
  if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    result.size = sizeof(sockaddr_in);
  } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    result.size = sizeof(sockaddr_in6);
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", address, "\" is neither an IPv4 nor an IPv6 address"));
  }
  return result;
}

// An address for a path of any length: where the path is too long for the system's struct, it goes
// through the open directory, which must stay open until the address was used.
struct UnixAddress {
  SocketAddress address;
  UniqueFd directory;
};

absl::StatusOr<UnixAddress> MakeUnixAddress(const std::string& path) {
  UnixAddress result;
  auto* address = reinterpret_cast<sockaddr_un*>(&result.address.storage);
  std::string usable = path;
  if (path.size() >= sizeof(address->sun_path)) {
    const size_t slash = path.find_last_of('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash);
    result.directory.Reset(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!result.directory.is_open()) return ErrnoStatus(errno, "open", directory);
    usable = absl::StrCat("/proc/self/fd/", result.directory.get(), "/", path.substr(slash + 1));
  }
  if (path.empty() || usable.size() >= sizeof(address->sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot use \"", path, "\" as a socket: the name is empty or too long"));
  }
  address->sun_family = AF_UNIX;
  std::memcpy(address->sun_path, usable.c_str(), usable.size() + 1);
  result.address.size = sizeof(sockaddr_un);
  return result;
}

absl::StatusOr<UniqueFd> MakeSocket(int family, const std::string& what) {
  UniqueFd fd(::socket(family, SOCK_STREAM | kSocketFlags, 0));
  if (!fd.is_open()) return ErrnoStatus(errno, "make a socket for", what);
  return fd;
}

void SetOption(int fd, int level, int name, int value) {
  // Failure costs speed, not correctness.
  (void)::setsockopt(fd, level, name, &value, sizeof(value));
}

bool SomebodyAnswers(const SocketAddress& address) {
  UniqueFd probe(::socket(AF_UNIX, SOCK_STREAM | kSocketFlags, 0));
  return probe.is_open() &&
         (::connect(probe.get(), address.get(), address.size) == 0 || errno == EAGAIN);
}

}  // namespace

absl::StatusOr<UniqueFd> ListenTcp(const std::string& address, uint16_t port) {
  const std::string name = absl::StrCat("address ", address, " port ", port);
  CTDB_ASSIGN_OR_RETURN(SocketAddress socket_address, ParseIp(address, port));
  CTDB_ASSIGN_OR_RETURN(UniqueFd fd, MakeSocket(socket_address.storage.ss_family, name));
  SetOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (socket_address.storage.ss_family == AF_INET6) {
    SetOption(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  }
  if (::bind(fd.get(), socket_address.get(), socket_address.size) != 0) {
    return ErrnoStatus(errno, "listen on", name);
  }
  if (::listen(fd.get(), kBacklog) != 0) return ErrnoStatus(errno, "listen on", name);
  return fd;
}

absl::StatusOr<UniqueFd> DialTcp(const std::string& local_address, const std::string& address,
                                 uint16_t port) {
  CTDB_ASSIGN_OR_RETURN(SocketAddress from, ParseIp(local_address, 0));
  CTDB_ASSIGN_OR_RETURN(SocketAddress to, ParseIp(address, port));
  if (from.storage.ss_family != to.storage.ss_family) {
    return absl::InvalidArgumentError(absl::StrCat("cannot connect from ", local_address, " to ",
                                                   address, ": IPv4 and IPv6 do not mix"));
  }
  CTDB_ASSIGN_OR_RETURN(UniqueFd fd, MakeSocket(to.storage.ss_family, address));
  // The port is chosen when connecting: many links from one address do not use up its ports.
  SetOption(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  if (::bind(fd.get(), from.get(), from.size) != 0) {
    return ErrnoStatus(errno, "connect from", local_address);
  }
  if (::connect(fd.get(), to.get(), to.size) != 0 && errno != EINPROGRESS) {
    return ErrnoStatus(errno, "connect to", address);
  }
  return fd;
}

absl::Status FinishConnect(int fd, const std::string& address) {
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  return error == 0 ? absl::OkStatus() : ErrnoStatus(error, "connect to", address);
}

absl::StatusOr<UniqueFd> ListenUnix(const std::string& path, unsigned int mode) {
  CTDB_ASSIGN_OR_RETURN(const UnixAddress usable, MakeUnixAddress(path));
  const SocketAddress& address = usable.address;
  CTDB_ASSIGN_OR_RETURN(UniqueFd fd, MakeSocket(AF_UNIX, path));
  struct stat info;
  if (::lstat(path.c_str(), &info) == 0) {
    if (!S_ISSOCK(info.st_mode)) {
      return absl::AlreadyExistsError(
          absl::StrCat("cannot listen on ", path, ": it is there and is not a socket"));
    }
    if (SomebodyAnswers(address)) {
      return absl::AlreadyExistsError(
          absl::StrCat("cannot listen on ", path, ": another daemon answers there"));
    }
    ::unlink(path.c_str());
  }
  if (::bind(fd.get(), address.get(), address.size) != 0 || ::chmod(path.c_str(), mode) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    return ErrnoStatus(errno, "listen on", path);
  }
  return fd;
}

absl::StatusOr<UniqueFd> ConnectUnix(const std::string& path) {
  CTDB_ASSIGN_OR_RETURN(const UnixAddress usable, MakeUnixAddress(path));
  const SocketAddress& address = usable.address;
  CTDB_ASSIGN_OR_RETURN(UniqueFd fd, MakeSocket(AF_UNIX, path));
  if (::connect(fd.get(), address.get(), address.size) != 0) {
    return ErrnoStatus(errno, "connect to", path);
  }
  return fd;
}

absl::StatusOr<std::pair<UniqueFd, UniqueFd>> MakeSocketPair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | kSocketFlags, 0, fds) != 0) {
    return ErrnoStatus(errno, "make", "a socket pair");
  }
  return std::make_pair(UniqueFd(fds[0]), UniqueFd(fds[1]));
}

absl::StatusOr<UniqueFd> Accept(int listener) {
  UniqueFd fd(::accept4(listener, nullptr, nullptr, kSocketFlags));
  if (fd.is_open()) return fd;
  // Connections that ended before they were accepted are nobody's business.
  if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED) return UniqueFd();
  return ErrnoStatus(errno, "accept", "a connection");
}

absl::StatusOr<PeerCredentials> GetPeerCredentials(int fd) {
  ucred credentials;
  socklen_t size = sizeof(credentials);
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return ErrnoStatus(errno, "get", "the credentials of a client");
  }
  return PeerCredentials{static_cast<uint32_t>(credentials.pid), credentials.uid};
}

absl::StatusOr<std::string> GetPeerAddress(int fd) {
  SocketAddress peer;
  peer.size = sizeof(peer.storage);
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer.storage), &peer.size) != 0) {
    return ErrnoStatus(errno, "get", "the address of a peer");
  }
  char text[INET6_ADDRSTRLEN] = "";
  const void* address =
      peer.storage.ss_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<sockaddr_in*>(&peer.storage)->sin_addr)
          : static_cast<const void*>(&reinterpret_cast<sockaddr_in6*>(&peer.storage)->sin6_addr);
  ::inet_ntop(peer.storage.ss_family, address, text, sizeof(text));
  return std::string(text);
}

void TuneNodeLink(int fd) {
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetOption(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytesMax);
}

}  // namespace ctdb
