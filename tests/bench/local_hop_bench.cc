// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// local_hop_bench: what a packet between two threads of one process costs through a socket pair,
// and what it would cost through a queue in memory with an eventfd to wake the reader: the evidence
// for docs/decisions/0003.
//
//   bazel run --config=opt //tests/bench:local_hop_bench

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

#include "lib/base/io/unique_fd.h"

namespace ctdb::bench {
namespace {

constexpr size_t kBytes = 180;  // A packet with 100 bytes of payload.
constexpr int kTrips = 20000;
constexpr int kRounds = 9;

// One direction. Both wait in poll(), as an event loop does.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual void Send(const char* bytes) = 0;
  virtual void Receive(char* bytes) = 0;
};

class SocketChannel : public Channel {
 public:
  SocketChannel() {
    int fds[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0) std::abort();
    in_.Reset(fds[0]);
    out_.Reset(fds[1]);
  }
  void Send(const char* bytes) override {
    if (::write(in_.get(), bytes, kBytes) != static_cast<ssize_t>(kBytes)) std::abort();
  }
  void Receive(char* bytes) override {
    pollfd wait = {out_.get(), POLLIN, 0};
    ::poll(&wait, 1, -1);
    if (::read(out_.get(), bytes, kBytes) != static_cast<ssize_t>(kBytes)) std::abort();
  }

 private:
  UniqueFd in_, out_;
};

class QueueChannel : public Channel {
 public:
  QueueChannel() : wake_(::eventfd(0, EFD_NONBLOCK)) {}
  void Send(const char* bytes) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      queue_.insert(queue_.end(), bytes, bytes + kBytes);
    }
    ::eventfd_write(wake_.get(), 1);
  }
  void Receive(char* bytes) override {
    pollfd wait = {wake_.get(), POLLIN, 0};
    ::poll(&wait, 1, -1);
    eventfd_t ignored;
    ::eventfd_read(wake_.get(), &ignored);
    const std::lock_guard<std::mutex> lock(mutex_);
    std::memcpy(bytes, queue_.data(), kBytes);
    queue_.clear();
  }

 private:
  UniqueFd wake_;
  std::mutex mutex_;
  std::vector<char> queue_;
};

template <typename T>
double MicrosPerTrip() {
  T there, back;
  std::thread far([&] {
    char bytes[kBytes];
    for (int i = 0; i < kTrips; ++i) {
      there.Receive(bytes);
      back.Send(bytes);
    }
  });
  char bytes[kBytes] = {};
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kTrips; ++i) {
    there.Send(bytes);
    back.Receive(bytes);
  }
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
  far.join();
  return time.count() / kTrips;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int Main() {
  std::vector<double> sockets, queues, ratios;
  for (int round = 0; round < kRounds; ++round) {
    sockets.push_back(MicrosPerTrip<SocketChannel>());
    queues.push_back(MicrosPerTrip<QueueChannel>());
    ratios.push_back(sockets.back() / queues.back());
  }
  std::printf(
      "round trip of %zu bytes: socket pair %.1f us, queue and eventfd %.1f us, ratio %.2f\n",
      kBytes, Median(sockets), Median(queues), Median(ratios));
  return 0;
}

}  // namespace
}  // namespace ctdb::bench

int main() { return ctdb::bench::Main(); }
