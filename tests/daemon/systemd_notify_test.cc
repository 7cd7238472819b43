// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/systemd_notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "lib/base/io/unique_fd.h"
#include "lib/daemon/notify_message.h"

namespace ctdb::daemon {
namespace {

// A service manager's socket; `name` as in $NOTIFY_SOCKET.
class Manager {
 public:
  explicit Manager(const std::string& name)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const size_t bytes = offsetof(sockaddr_un, sun_path) + name.size() + (name[0] == '/');
    EXPECT_EQ(
        ::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(bytes)), 0);
  }
  std::string Receive() {
    char buffer[4096];
    const ssize_t got = ::recv(fd_.get(), buffer, sizeof(buffer), 0);
    return got < 0 ? "" : std::string(buffer, static_cast<size_t>(got));
  }

 private:
  UniqueFd fd_;
};

// Not in TEST_TMPDIR, whose path may exceed what a socket's address can hold.
std::string SocketPath(const std::string& name) {
  return absl::StrCat("/tmp/ctdb_notify_", ::getpid(), "_", name);
}

TEST(SystemdNotifyTest, AMessageArrivesAsOneDatagram) {
  const std::string path = SocketPath("arrives");
  Manager manager(path);
  EXPECT_TRUE(SendNotify(path, JoinMessages({ReadyMessage(), StatusMessage("ok")})).ok());
  EXPECT_EQ(manager.Receive(), "READY=1\nSTATUS=ok\n");
  ::unlink(path.c_str());
}

TEST(SystemdNotifyTest, AnAbstractNameBeginsWithAt) {
  const std::string name = absl::StrCat("@ctdb_notify_", ::getpid());
  Manager manager(name);
  EXPECT_TRUE(SendNotify(name, WatchdogMessage()).ok());
  EXPECT_EQ(manager.Receive(), "WATCHDOG=1\n");
}

TEST(SystemdNotifyTest, WithoutServiceManagerNothingHappens) {
  EXPECT_TRUE(SendNotify("", ReadyMessage()).ok());
}

TEST(SystemdNotifyTest, NobodyThereIsAnErrorThatNamesThePath) {
  const std::string path = SocketPath("absent");
  const absl::Status status = SendNotify(path, ReadyMessage());
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_NE(status.message().find(path), absl::string_view::npos);
  { Manager manager(path); }
  EXPECT_EQ(SendNotify(path, ReadyMessage()).code(), absl::StatusCode::kUnavailable);
  ::unlink(path.c_str());
}

TEST(SystemdNotifyTest, PathsThatCannotBeSocketsAreRefused) {
  for (const std::string& path :
       {std::string("relative"), std::string("/"), std::string("@"), "/" + std::string(200, 'x')}) {
    EXPECT_EQ(SendNotify(path, ReadyMessage()).code(), absl::StatusCode::kInvalidArgument) << path;
  }
}

TEST(SystemdNotifyTest, AManagerThatDoesNotReadCostsAnErrorNotAWait) {
  const std::string path = SocketPath("full");
  Manager manager(path);
  absl::Status status;
  for (int i = 0; i < 100000 && status.ok(); ++i) status = SendNotify(path, WatchdogMessage());
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  ::unlink(path.c_str());
}

}  // namespace
}  // namespace ctdb::daemon
