// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/logging/testing.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace ctdb::logging {
namespace {

void Require(bool condition, const char* what) {
  if (condition) return;
  std::perror(what);
  std::abort();
}

}  // namespace

absl::Time TestTime() { return absl::FromUnixMicros(1935648672000345); }

absl::TimeZone TestZone() { return absl::FixedTimeZone(2 * 60 * 60); }

Event TestEvent(LogLevel level, absl::string_view text, absl::string_view name,
                std::initializer_list<Field> fields) {
  return MakeEvent({"ctdbd", 812}, level, TestTime(), name, text, fields);
}

Logger::Options TestOptions() {
  Logger::Options options;
  options.level = LogLevel::kInfo;
  options.writer.source = {"ctdbd", 812};
  options.writer.clock = TestTime;
  options.writer.retry_min = absl::Milliseconds(1);
  options.writer.retry_max = absl::Milliseconds(10);
  return options;
}

std::string TestPath(const std::string& name) {
  return absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
}

std::string TestSocketPath(const std::string& name) {
  Require(::chdir(std::getenv("TEST_TMPDIR")) == 0, "chdir to TEST_TMPDIR");
  return name;
}

bool Eventually(const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + kTestDeadline;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    ::poll(nullptr, 0, 1);
  }
  return true;
}

void LogFromTwoThreads(const Logger& logger, int count) {
  const auto log = [&logger, count](int first) {
    for (int i = first; i < count; i += 2) logger.Notice("test", absl::StrCat("message ", i));
  };
  std::thread odd(log, 1);
  log(0);
  odd.join();
}

LineCount CountLines(const std::vector<std::string>& lines) {
  LineCount count;
  for (const std::string& line : lines) {
    const size_t start = line.find("[Dropped ");
    uint64_t dropped = 0;
    if (start == std::string::npos) {
      ++count.others;
    } else if (std::sscanf(line.c_str() + start, "[Dropped %lu log messages]", &dropped) == 1) {
      count.dropped += dropped;
    }
  }
  return count;
}

void GatedSink::Control::SetOpen(bool open) {
  std::lock_guard lock(mutex);
  is_open = open;
  changed.notify_all();
}

void GatedSink::Control::SetStatus(absl::Status new_status) {
  std::lock_guard lock(mutex);
  status = std::move(new_status);
}

void GatedSink::Control::SetReopenStatus(absl::Status new_status) {
  std::lock_guard lock(mutex);
  reopen_status = std::move(new_status);
}

std::vector<std::string> GatedSink::Control::texts() const {
  std::lock_guard lock(mutex);
  return written;
}

bool GatedSink::Control::WaitUntilBlocked() {
  std::unique_lock lock(mutex);
  return changed.wait_for(lock, absl::ToChronoNanoseconds(kTestDeadline),
                          [this] { return is_blocked; });
}

absl::Status GatedSink::Write(const Event& event) {
  std::unique_lock lock(control_->mutex);
  control_->is_blocked = !control_->is_open;
  control_->changed.notify_all();
  control_->changed.wait(lock, [this] { return control_->is_open; });
  control_->is_blocked = false;
  if (control_->status.ok()) control_->written.push_back(event.text);
  return control_->status;
}

absl::Status GatedSink::Reopen() {
  std::lock_guard lock(control_->mutex);
  return control_->reopen_status;
}

Receiver Receiver::Unix(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  Require(path.size() < sizeof(address.sun_path), "socket path");
  std::memcpy(address.sun_path, path.data(), path.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  Require(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0, "bind");
  return Receiver(std::move(fd));
}

Receiver Receiver::Udp(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const int bytes = 4 << 20;  // Room for a burst while the test is not scheduled.
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
  Require(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0, "bind");
  return Receiver(std::move(fd));
}

uint16_t Receiver::port() const {
  sockaddr_in address = {};
  socklen_t bytes = sizeof(address);
  Require(::getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &bytes) == 0, "port");
  return ntohs(address.sin_port);
}

std::string Receiver::Receive() {
  pollfd request = {fd_.get(), POLLIN, 0};
  if (::poll(&request, 1, static_cast<int>(absl::ToInt64Milliseconds(kTestDeadline))) != 1) {
    return "(nothing)";
  }
  char buffer[65536];
  const ssize_t bytes = ::recv(fd_.get(), buffer, sizeof(buffer), 0);
  Require(bytes >= 0, "recv");
  return std::string(buffer, static_cast<size_t>(bytes));
}

}  // namespace ctdb::logging
