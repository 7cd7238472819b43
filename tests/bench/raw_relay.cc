// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/raw_relay.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace ctdb::bench {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

std::pair<UniqueFd, UniqueFd> UnixPair() {
  int fds[2];
  Require(::socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
  return {UniqueFd(fds[0]), UniqueFd(fds[1])};
}

std::pair<UniqueFd, UniqueFd> TcpPair() {
  UniqueFd listener(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  Require(::bind(listener.get(), generic, size) == 0 && ::listen(listener.get(), 1) == 0);
  Require(::getsockname(listener.get(), generic, &size) == 0);
  UniqueFd dialled(::socket(AF_INET, SOCK_STREAM, 0));
  Require(::connect(dialled.get(), generic, size) == 0);
  UniqueFd accepted(::accept(listener.get(), nullptr, nullptr));
  const int on = 1;
  for (int fd : {dialled.get(), accepted.get()}) {
    Require(::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
  }
  return {std::move(dialled), std::move(accepted)};
}

// One thread for both directions, like a daemon; ends when either side is shut down.
void Relay(int a, int b) {
  UniqueFd epoll(::epoll_create1(0));
  for (int fd : {a, b}) {
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = fd;
    Require(::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0);
  }
  char buffer[65536];
  epoll_event ready[2];
  while (true) {
    const int count = ::epoll_wait(epoll.get(), ready, 2, -1);
    for (int i = 0; i < count; ++i) {
      const ssize_t got = ::read(ready[i].data.fd, buffer, sizeof(buffer));
      if (got <= 0) return;
      WriteAll(ready[i].data.fd == a ? b : a, buffer, static_cast<size_t>(got));
    }
  }
}

}  // namespace

RawRelay::RawRelay(const std::vector<Hop>& hops) {
  std::vector<std::pair<UniqueFd, UniqueFd>> pairs;
  for (Hop hop : hops) pairs.push_back(hop == Hop::kUnix ? UnixPair() : TcpPair());
  near_ = std::move(pairs.front().first);
  far_ = std::move(pairs.back().second);
  for (size_t i = 0; i + 1 < pairs.size(); ++i) {
    inner_.push_back(std::move(pairs[i].second));
    inner_.push_back(std::move(pairs[i + 1].first));
  }
  for (size_t i = 0; i < inner_.size(); i += 2) {
    threads_.emplace_back(Relay, inner_[i].get(), inner_[i + 1].get());
  }
}

RawRelay::~RawRelay() {
  ::shutdown(near_.get(), SHUT_RDWR);
  ::shutdown(far_.get(), SHUT_RDWR);
  for (const UniqueFd& fd : inner_) ::shutdown(fd.get(), SHUT_RDWR);
  for (std::thread& thread : threads_) thread.join();
}

void WriteAll(int fd, const void* data, size_t size) {
  const auto* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::send(fd, bytes, size, MSG_NOSIGNAL);
    if (written <= 0) return;
    bytes += written;
    size -= static_cast<size_t>(written);
  }
}

void ReadAll(int fd, void* data, size_t size) {
  auto* bytes = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t got = ::read(fd, bytes, size);
    if (got <= 0) return;
    bytes += got;
    size -= static_cast<size_t>(got);
  }
}

}  // namespace ctdb::bench
