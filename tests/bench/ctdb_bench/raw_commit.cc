// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/raw_commit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cerrno>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/unique_fd.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/workers.h"

namespace ctdb::bench {
namespace {

constexpr size_t kPageBytes = 4096;
constexpr size_t kPages = 256;
constexpr size_t kMessageBytes = 100;

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<int64_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// With its full size on the disk, as a log that is used again and again.
absl::StatusOr<UniqueFd> MakeFile(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd.is_open()) return ErrnoStatus(errno, "make", path);
  ::unlink(path.c_str());
  const std::string page(kPageBytes, 'x');
  for (size_t i = 0; i < kPages; ++i) {
    if (::pwrite(fd.get(), page.data(), page.size(), static_cast<off_t>(i * kPageBytes)) < 0) {
      return ErrnoStatus(errno, "write", path);
    }
  }
  if (::fsync(fd.get()) != 0) return ErrnoStatus(errno, "sync", path);
  return fd;
}

absl::StatusOr<double> MeasureSync(const std::string& directory, uint32_t nodes,
                                   absl::Duration time) {
  std::vector<UniqueFd> files;
  for (uint32_t i = 0; i < nodes; ++i) {
    CTDB_ASSIGN_OR_RETURN(UniqueFd file,
                          MakeFile(absl::StrCat(directory, "/raw_commit.", ::getpid(), ".", i)));
    files.push_back(std::move(file));
  }
  std::vector<int64_t> took(nodes);
  std::vector<double> slowest;
  std::atomic<bool> is_over = false;
  std::atomic<bool> failed = false;
  const int64_t end = NowNanos() + absl::ToInt64Nanoseconds(time);
  std::barrier barrier(nodes, [&]() noexcept {
    slowest.push_back(static_cast<double>(*std::max_element(took.begin(), took.end())) * 1e-3);
    is_over = NowNanos() >= end;
  });
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < nodes; ++i) {
    threads.emplace_back([&, i] {
      const std::string page(kPageBytes, 'y');
      for (size_t n = 0; !is_over; ++n) {
        const int64_t begin = NowNanos();
        const auto offset = static_cast<off_t>(n % kPages * kPageBytes);
        if (::pwrite(files[i].get(), page.data(), page.size(), offset) < 0 ||
            ::fdatasync(files[i].get()) != 0) {
          failed = true;
        }
        took[i] = NowNanos() - begin;
        barrier.arrive_and_wait();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (failed) return absl::UnavailableError(absl::StrCat("cannot write to ", directory));
  return Median(std::move(slowest));
}

// Two ends.
absl::StatusOr<std::pair<UniqueFd, UniqueFd>> Connection() {
  const UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener.get(), generic, bytes) != 0 || ::listen(listener.get(), 1) != 0 ||
      ::getsockname(listener.get(), generic, &bytes) != 0) {
    return ErrnoStatus(errno, "listen on", "loopback");
  }
  UniqueFd one(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(one.get(), generic, bytes) != 0) return ErrnoStatus(errno, "connect", "loopback");
  UniqueFd other(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!other.is_open()) return ErrnoStatus(errno, "accept", "loopback");
  const int on = 1;
  for (const UniqueFd* fd : {&one, &other}) {
    ::setsockopt(fd->get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  return std::make_pair(std::move(one), std::move(other));
}

bool Pass(int fd, bool is_sent) {
  char bytes[kMessageBytes] = {};
  for (size_t done = 0; done < sizeof(bytes);) {
    const ssize_t step = is_sent ? ::send(fd, bytes + done, sizeof(bytes) - done, MSG_NOSIGNAL)
                                 : ::recv(fd, bytes + done, sizeof(bytes) - done, 0);
    if (step <= 0) return false;
    done += static_cast<size_t>(step);
  }
  return true;
}

absl::StatusOr<double> MeasureRoundTrip(absl::Duration time) {
  CTDB_ASSIGN_OR_RETURN(auto ends, Connection());
  std::thread echo([fd = ends.second.get()] {
    while (Pass(fd, false) && Pass(fd, true)) continue;
  });
  std::vector<double> micros;
  const int64_t end = NowNanos() + absl::ToInt64Nanoseconds(time);
  for (int64_t begin = NowNanos(); begin < end;) {
    if (!Pass(ends.first.get(), true) || !Pass(ends.first.get(), false)) break;
    const int64_t now = NowNanos();
    micros.push_back(static_cast<double>(now - begin) * 1e-3);
    begin = now;
  }
  ::shutdown(ends.first.get(), SHUT_RDWR);
  echo.join();
  return Median(std::move(micros));
}

}  // namespace

absl::StatusOr<RawCommit> MeasureRawCommit(const std::string& directory, uint32_t nodes,
                                           absl::Duration time) {
  RawCommit raw;
  CTDB_ASSIGN_OR_RETURN(raw.sync_micros, MeasureSync(directory, nodes, time));
  CTDB_ASSIGN_OR_RETURN(raw.round_trip_micros, MeasureRoundTrip(time));
  return raw;
}

}  // namespace ctdb::bench
