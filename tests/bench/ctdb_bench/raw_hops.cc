// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/raw_hops.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "lib/base/io/file.h"
#include "lib/base/io/unique_fd.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/workers.h"

namespace ctdb::bench {
namespace {

enum class Kind { kUnix, kTcp };
constexpr Kind kHops[kMigrationHops] = {Kind::kUnix, Kind::kTcp, Kind::kUnix, Kind::kUnix,
                                        Kind::kTcp,  Kind::kTcp, Kind::kUnix};

// Its first byte says whether it is the last one.
using Bytes = std::array<char, 64>;

struct Link {
  UniqueFd writer;
  UniqueFd reader;
};

absl::StatusOr<Link> UnixLink() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0) {
    return ErrnoStatus(errno, "make", "a pair of sockets");
  }
  return Link{UniqueFd(fds[0]), UniqueFd(fds[1])};
}

absl::StatusOr<Link> TcpLink() {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  Link link = {UniqueFd(::socket(AF_INET, SOCK_STREAM, 0)), UniqueFd()};
  if (::bind(listener.get(), name, size) != 0 || ::listen(listener.get(), 1) != 0 ||
      ::getsockname(listener.get(), name, &size) != 0 ||
      ::connect(link.writer.get(), name, size) != 0) {
    return ErrnoStatus(errno, "connect to", "a port of 127.0.0.1");
  }
  link.reader.Reset(::accept(listener.get(), nullptr, nullptr));
  const int on = 1;
  ::setsockopt(link.writer.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return link;
}

absl::Status Write(int fd, const Bytes& bytes) {
  if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size())) {
    return absl::OkStatus();
  }
  return ErrnoStatus(errno, "write to", "a socket");
}

absl::Status Read(int fd, Bytes& bytes) {
  if (::recv(fd, bytes.data(), bytes.size(), MSG_WAITALL) == static_cast<ssize_t>(bytes.size())) {
    return absl::OkStatus();
  }
  return ErrnoStatus(errno, "read from", "a socket");
}

absl::Status PassOn(int from, int to) {
  Bytes bytes = {};
  while (bytes[0] == 0) {
    CTDB_RETURN_IF_ERROR(Read(from, bytes));
    CTDB_RETURN_IF_ERROR(Write(to, bytes));
  }
  return absl::OkStatus();
}

absl::Status SendRound(int from, int to, Worker& worker) {
  Bytes bytes = {};
  while (bytes[0] == 0) {
    bytes[0] = worker.IsOver() ? 1 : 0;
    const int64_t begin = NowNanos();
    CTDB_RETURN_IF_ERROR(Write(to, bytes));
    CTDB_RETURN_IF_ERROR(Read(from, bytes));
    worker.AddSample(NowNanos() - begin);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<double> MeasureRawHops(absl::Duration time) {
  std::array<Link, kMigrationHops> links;
  for (int i = 0; i < kMigrationHops; ++i) {
    CTDB_ASSIGN_OR_RETURN(links[i], kHops[i] == Kind::kUnix ? UnixLink() : TcpLink());
  }
  const auto body = [&](Worker& worker) {
    const int self = worker.index();
    const int from = links[(self + kMigrationHops - 1) % kMigrationHops].reader.get();
    const int to = links[self].writer.get();
    worker.AwaitStart();
    return self == 0 ? SendRound(from, to, worker) : PassOn(from, to);
  };
  CTDB_ASSIGN_OR_RETURN(const RunResult result, RunWorkers(kMigrationHops, time, body));
  return result.Quantile(0.5);
}

}  // namespace ctdb::bench
