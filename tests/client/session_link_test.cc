// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Sessions and their connection: lost, made again, refused, stuck.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <thread>
#include <vector>

#include "lib/client/session.h"
#include "tests/client/session_fixture.h"

namespace ctdb {
namespace {

using test::kSoon;
using testing::HasSubstr;

class SessionLinkTest : public test::SessionFixture {};

TEST_F(SessionLinkTest, NoSocketIsUnavailableAndNamed) {
  const absl::Status status = Session::Open({.socket_path = "/nonexistent/x.socket"}).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("/nonexistent/x.socket"));
}

TEST_F(SessionLinkTest, ATransportThatNeverAnswersIsGivenUpInTime) {
  const auto silent = ListenUnix(SocketPath(8), 0700);
  ASSERT_TRUE(silent.ok());
  const absl::Status status =
      Session::Open({.socket_path = SocketPath(8), .timeout = absl::Milliseconds(50)}).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("50ms"));
}

TEST_F(SessionLinkTest, TheNextCallConnectsAgain) {
  StartNodes(1);
  auto session = Open(0);
  loops_[0].reset();
  EXPECT_TRUE(absl::IsUnavailable(session->SendMessage(NodeNumber(0), ChannelId(1), "x")));
  Start(0);
  EXPECT_EQ(session->SendMessage(NodeNumber(0), ChannelId(1), "x"), absl::OkStatus());
}

TEST_F(SessionLinkTest, ACallRightAfterARestartSucceeds) {
  StartNodes(1);
  auto session = Open(0);
  loops_[0].reset();
  Start(0);
  auto service = Serve(0);
  EXPECT_EQ(Members(*session, NodeNumber(0)).value_or(0), 7u);
}

TEST_F(SessionLinkTest, CallsThatWaitWhenTheTransportEndsFailAtOnce) {
  StartNodes(1);
  auto service = Serve(0);
  auto session = Open(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const absl::Status status = Get(*session, NodeNumber(0));
      EXPECT_TRUE(absl::IsUnavailable(status)) << status;
      EXPECT_THAT(status.message(), HasSubstr("lost"));
    });
  }
  Await([&] { return service->gets() == 4; });
  loops_[0].reset();
  for (auto& thread : threads) thread.join();
}

// A program that only polls must hear of it, and get its messages again when the transport is back.
TEST_F(SessionLinkTest, APollingSubscriberIsToldOfTheLossAndSubscribedAgain) {
  StartNodes(1);
  auto session = Open(0);
  std::vector<std::string> heard;
  ASSERT_EQ(session->Subscribe(ChannelId(1),
                               [&](const ClientMessage& message) {
                                 heard.push_back(std::string(message.payload));
                               }),
            absl::OkStatus());
  loops_[0].reset();
  Start(0);
  auto sender = Open(0);
  int losses = 0;
  const TimeLimit limit = LimitIn(kSoon);
  while (heard.empty() && !IsOver(limit)) {
    ASSERT_EQ(sender->SendMessage(NodeNumber(0), ChannelId(1), "again"), absl::OkStatus());
    pollfd poll_fd = {session->fd(), POLLIN, 0};
    ::poll(&poll_fd, 1, 10);
    const auto count = session->Dispatch();
    if (count.ok()) continue;
    EXPECT_TRUE(absl::IsUnavailable(count.status())) << count.status();
    EXPECT_THAT(count.status().message(), HasSubstr("messages may be missing"));
    ++losses;
  }
  EXPECT_EQ(losses, 1);
  EXPECT_THAT(heard, testing::Contains("again"));
}

// The socket itself is gone from what is polled.
TEST_F(SessionLinkTest, ALossThatAnotherCallHasNoticedWakesWhoPolls) {
  StartNodes(1);
  auto session = Open(0);
  ASSERT_EQ(session->Subscribe(ChannelId(1), [](const ClientMessage&) {}), absl::OkStatus());
  loops_[0].reset();
  EXPECT_TRUE(absl::IsUnavailable(session->SendMessage(NodeNumber(0), ChannelId(1), "x")));
  pollfd poll_fd = {session->fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&poll_fd, 1, 0), 1);
  EXPECT_TRUE(absl::IsUnavailable(session->Dispatch().status()));
}

TEST_F(SessionLinkTest, WhileTheTransportIsAwayDispatchWaitsAndDoesNotSpin) {
  StartNodes(1);
  auto session = Open(0);
  ASSERT_EQ(session->Subscribe(ChannelId(1), [](const ClientMessage&) {}), absl::OkStatus());
  loops_[0].reset();
  EXPECT_TRUE(absl::IsUnavailable(session->Dispatch(kSoon).status())) << "the loss is told";
  const TimeLimit before = LimitIn(absl::Milliseconds(250));
  const absl::Status status = session->Dispatch(absl::Milliseconds(250)).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(IsOver(before));
  // And a loop that polls is woken to try again.
  pollfd poll_fd = {session->fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&poll_fd, 1, 5000), 1);
  Start(0);
  EXPECT_EQ(session->Dispatch(absl::Milliseconds(300)).value_or(-1), 0);
}

// A transport that was stopped by a debugger, say: accepts, and does nothing.
class StuckTransport {
 public:
  explicit StuckTransport(const std::string& path) : listener_(*ListenUnix(path, 0700)) {}

 private:
  UniqueFd listener_;
};

TEST_F(SessionLinkTest, WhileOneThreadConnectsTheLimitsOfOthersHold) {
  StartNodes(1);
  auto session = Open(0);
  loops_[0].reset();
  StuckTransport stuck(SocketPath(0));
  std::thread connecting([&] {
    EXPECT_FALSE(session->SendMessage(NodeNumber(0), ChannelId(1), "x", absl::Seconds(2)).ok());
  });
  ::usleep(20'000);
  const TimeLimit limit = LimitIn(absl::Seconds(1));
  EXPECT_FALSE(session->SendMessage(NodeNumber(0), ChannelId(1), "x", absl::Milliseconds(50)).ok());
  EXPECT_EQ(session->dropped_messages(), 0u);
  EXPECT_FALSE(IsOver(limit));
  // And the wait for a greeting can be cancelled.
  session->Cancel();
  connecting.join();
  EXPECT_FALSE(IsOver(limit));
}

// Accepts one connection, greets, and then reads nothing more.
class DeafTransport {
 public:
  explicit DeafTransport(const std::string& path) : listener_(*ListenUnix(path, 0700)) {
    thread_ = std::thread([this] { Greet(); });
  }
  ~DeafTransport() { thread_.join(); }

 private:
  void Greet() {
    const TimeLimit limit = LimitIn(kSoon);
    while (!fd_.is_open() && !IsOver(limit)) {
      auto fd = Accept(listener_.get());
      if (fd.ok()) fd_ = *std::move(fd);
      ::usleep(1000);
    }
    PacketWriter writer;
    const auto frame = WriteGreeting(&writer, Welcome{"deaf", NodeNumber(0), InstanceNumber(1), 1});
    EXPECT_EQ(::send(fd_.get(), frame->data(), frame->size(), 0),
              static_cast<ssize_t>(frame->size()));
  }
  UniqueFd listener_;
  UniqueFd fd_;
  std::thread thread_;
};

TEST_F(SessionLinkTest, ASocketThatTakesNoMoreKeepsTheLimitOfEachSender) {
  DeafTransport deaf(SocketPath(5));
  auto session = Open(5);
  const std::string payload(200'000, 'x');
  absl::Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) {
    const TimeLimit late = LimitIn(absl::Seconds(3));
    status = session->SendMessage(NodeNumber(0), ChannelId(1), payload, absl::Milliseconds(50));
    EXPECT_FALSE(IsOver(late));
  }
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  // One waits long; others give up when they want to.
  std::thread patient([&] {
    EXPECT_TRUE(absl::IsCancelled(session->SendMessage(NodeNumber(0), ChannelId(1), "x", kSoon)));
  });
  ::usleep(20'000);
  status = session->SendMessage(NodeNumber(0), ChannelId(1), "x", absl::Milliseconds(50));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  session->Cancel();
  patient.join();
}

}  // namespace
}  // namespace ctdb
