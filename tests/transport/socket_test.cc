// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/socket.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/testing/free_port.h"

namespace ctdb {
namespace {

std::string TestPath(absl::string_view name) {
  return absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
}

void AwaitEvents(int fd, short events) {
  pollfd poll_fd = {fd, events, 0};
  ASSERT_EQ(::poll(&poll_fd, 1, 10000), 1);
}

// The accepted end of a connection that has begun.
UniqueFd AwaitAccept(const UniqueFd& listener) {
  AwaitEvents(listener.get(), POLLIN);
  auto accepted = Accept(listener.get());
  EXPECT_TRUE(accepted.ok()) << accepted.status();
  return *std::move(accepted);
}

void ExpectTalking(const UniqueFd& a, const UniqueFd& b) {
  ASSERT_EQ(::write(a.get(), "x", 1), 1);
  AwaitEvents(b.get(), POLLIN);
  char c = 0;
  ASSERT_EQ(::read(b.get(), &c, 1), 1);
  EXPECT_EQ(c, 'x');
}

TEST(UnixSocketTest, EndsTalkAndCredentialsAreThoseOfTheCaller) {
  const auto listener = ListenUnix(TestPath("talk"), 0700);
  ASSERT_TRUE(listener.ok()) << listener.status();
  const auto client = ConnectUnix(TestPath("talk"));
  ASSERT_TRUE(client.ok()) << client.status();
  const UniqueFd server = AwaitAccept(*listener);
  ExpectTalking(*client, server);
  const auto credentials = GetPeerCredentials(server.get());
  ASSERT_TRUE(credentials.ok());
  EXPECT_EQ(credentials->pid, static_cast<uint32_t>(::getpid()));
  EXPECT_EQ(credentials->uid, ::geteuid());
}

TEST(UnixSocketTest, AllDescriptorsAreNonBlockingAndCloseOnExec) {
  const auto listener = ListenUnix(TestPath("flags"), 0700);
  const auto client = ConnectUnix(TestPath("flags"));
  const UniqueFd server = AwaitAccept(*listener);
  const auto pair = MakeSocketPair();
  for (int fd :
       {listener->get(), client->get(), server.get(), pair->first.get(), pair->second.get()}) {
    EXPECT_NE(::fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
  }
}

TEST(UnixSocketTest, TheModeIsAsAskedFor) {
  const auto listener = ListenUnix(TestPath("mode"), 0640);
  ASSERT_TRUE(listener.ok());
  struct stat info;
  ASSERT_EQ(::stat(TestPath("mode").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST(UnixSocketTest, AcceptWithoutAnybodyWaitingIsNoError) {
  const auto listener = ListenUnix(TestPath("nobody"), 0700);
  const auto accepted = Accept(listener->get());
  ASSERT_TRUE(accepted.ok());
  EXPECT_FALSE(accepted->is_open());
}

TEST(UnixSocketTest, TheFileOfADeadProcessIsReplaced) {
  { ASSERT_TRUE(ListenUnix(TestPath("stale"), 0700).ok()); }
  EXPECT_TRUE(absl::IsUnavailable(ConnectUnix(TestPath("stale")).status()));
  const auto listener = ListenUnix(TestPath("stale"), 0700);
  ASSERT_TRUE(listener.ok()) << listener.status();
  EXPECT_TRUE(ConnectUnix(TestPath("stale")).ok());
}

TEST(UnixSocketTest, AnAnsweringSocketIsLeftAlone) {
  const auto first = ListenUnix(TestPath("busy"), 0700);
  const absl::Status second = ListenUnix(TestPath("busy"), 0700).status();
  EXPECT_TRUE(absl::IsAlreadyExists(second)) << second;
  EXPECT_TRUE(absl::StrContains(second.message(), "another daemon answers")) << second;
  EXPECT_TRUE(ConnectUnix(TestPath("busy")).ok());
}

TEST(UnixSocketTest, ASocketWhoseBacklogIsFullCountsAsAnswering) {
  const auto first = ListenUnix(TestPath("full"), 0700);
  std::vector<UniqueFd> waiting;
  absl::StatusOr<UniqueFd> next = ConnectUnix(TestPath("full"));
  while (next.ok()) {
    waiting.push_back(*std::move(next));
    ASSERT_LT(waiting.size(), 10000u);
    next = ConnectUnix(TestPath("full"));
  }
  EXPECT_TRUE(absl::IsAlreadyExists(ListenUnix(TestPath("full"), 0700).status()));
}

TEST(UnixSocketTest, WhatIsNoSocketIsNeverRemoved) {
  const std::string file = TestPath("file");
  { UniqueFd fd(::open(file.c_str(), O_CREAT | O_WRONLY, 0600)); }
  ASSERT_EQ(::mkdir(TestPath("directory").c_str(), 0700), 0);
  ASSERT_EQ(::symlink(TestPath("elsewhere").c_str(), TestPath("link").c_str()), 0);
  for (const char* name : {"file", "directory", "link"}) {
    const absl::Status status = ListenUnix(TestPath(name), 0700).status();
    EXPECT_TRUE(absl::IsAlreadyExists(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "is not a socket")) << status;
    struct stat info;
    EXPECT_EQ(::lstat(TestPath(name).c_str(), &info), 0) << name;
  }
}

TEST(UnixSocketTest, ADirectoryOfAnyLengthWorksAndIsReplacedWhenStale) {
  std::string directory = TestPath(std::string(100, 'd'));
  ASSERT_EQ(::mkdir(directory.c_str(), 0700), 0);
  directory += "/" + std::string(100, 'e');
  ASSERT_EQ(::mkdir(directory.c_str(), 0700), 0);
  const std::string path = directory + "/ctdbd.socket";
  { ASSERT_TRUE(ListenUnix(path, 0700).ok()); }
  const auto listener = ListenUnix(path, 0600);
  ASSERT_TRUE(listener.ok()) << listener.status();
  const auto client = ConnectUnix(path);
  ASSERT_TRUE(client.ok()) << client.status();
  ExpectTalking(*client, AwaitAccept(*listener));
}

TEST(UnixSocketTest, BadPathsAreClearErrors) {
  EXPECT_TRUE(absl::IsInvalidArgument(ListenUnix("", 0700).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ConnectUnix("").status()));
  const absl::Status name = ListenUnix(TestPath(std::string(120, 'n')), 0700).status();
  EXPECT_TRUE(absl::IsInvalidArgument(name)) << name;
  EXPECT_TRUE(absl::StrContains(name.message(), "too long")) << name;
  const absl::Status directory = ListenUnix(TestPath("missing/socket"), 0700).status();
  EXPECT_TRUE(absl::IsNotFound(directory)) << directory;
  EXPECT_TRUE(absl::StrContains(directory.message(), "/missing")) << directory;
  EXPECT_TRUE(absl::IsNotFound(ConnectUnix(TestPath("absent")).status()));
}

// Listens, dials, and checks that each side knows the other.
void ExpectTcpWorks(const std::string& from, const std::string& to) {
  const uint16_t port = test::FreePort();
  const auto listener = ListenTcp(to, port);
  ASSERT_TRUE(listener.ok()) << listener.status();
  const auto client = DialTcp(from, to, port);
  ASSERT_TRUE(client.ok()) << client.status();
  AwaitEvents(client->get(), POLLOUT);
  EXPECT_TRUE(FinishConnect(client->get(), to).ok());
  const UniqueFd server = AwaitAccept(*listener);
  EXPECT_EQ(*GetPeerAddress(server.get()), from);
  EXPECT_EQ(*GetPeerAddress(client->get()), to);
  TuneNodeLink(client->get());
  ExpectTalking(*client, server);
}

TEST(TcpSocketTest, TheOtherSideSeesTheAddressThatWasDialledFrom) {
  ExpectTcpWorks("127.0.0.2", "127.0.0.1");
}

TEST(TcpSocketTest, Ipv6Works) {
  if (!ListenTcp("::1", 0).ok()) GTEST_SKIP() << "this machine has no IPv6";
  ExpectTcpWorks("::1", "::1");
}

TEST(TcpSocketTest, ABusyPortIsNamed) {
  const uint16_t port = test::FreePort();
  const auto first = ListenTcp("127.0.0.1", port);
  const absl::Status second = ListenTcp("127.0.0.1", port).status();
  EXPECT_TRUE(absl::IsAlreadyExists(second)) << second;
  EXPECT_TRUE(absl::StrContains(second.message(), absl::StrCat("127.0.0.1 port ", port)));
}

TEST(TcpSocketTest, NobodyThereIsUnavailable) {
  const auto client = DialTcp("127.0.0.1", "127.0.0.1", test::FreePort());
  absl::Status status = client.status();
  if (status.ok()) {
    AwaitEvents(client->get(), POLLOUT);
    status = FinishConnect(client->get(), "127.0.0.1");
  }
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "127.0.0.1")) << status;
}

TEST(TcpSocketTest, NamesAndMixedFamiliesAreClearErrors) {
  for (const char* address : {"localhost", "", "127.0.0.1:80", "127.1", "::1%lo"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ListenTcp(address, 1).status())) << address;
  }
  const absl::Status mixed = DialTcp("127.0.0.1", "::1", 1).status();
  EXPECT_TRUE(absl::IsInvalidArgument(mixed)) << mixed;
  EXPECT_TRUE(absl::StrContains(mixed.message(), "do not mix")) << mixed;
}

TEST(TcpSocketTest, AnAddressOfAnotherMachineCannotBeUsed) {
  EXPECT_FALSE(ListenTcp("192.0.2.1", 1).ok());
  EXPECT_FALSE(DialTcp("192.0.2.1", "127.0.0.1", 1).ok());
}

}  // namespace
}  // namespace ctdb
