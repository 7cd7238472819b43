// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Its messages, and what Dispatch() does besides.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "lib/client/session.h"
#include "tests/client/session_test_support.h"

namespace ctdb {
namespace {

using test::kSoon;
using testing::HasSubstr;

class SessionMessagesTest : public test::SessionTest {};

TEST_F(SessionMessagesTest, MessagesOfEachSenderComeInOrder) {
  constexpr int kMessages = 500;
  StartNodes(2);
  auto receiver = Open(0);
  ASSERT_EQ(Subscribe(*receiver, 77), absl::OkStatus());
  std::vector<std::thread> senders;
  for (uint32_t i = 0; i < 4; ++i) {
    senders.emplace_back([this, i] {
      auto sender = Open(i % 2);
      for (int j = 0; j < kMessages; ++j) {
        EXPECT_EQ(sender->SendMessage(NodeNumber(0), ChannelId(77), absl::StrCat(i, " ", j)),
                  absl::OkStatus());
      }
      // What was written before the end arrives.
      EXPECT_TRUE(sender->ClientExists(sender->address()).ok());
    });
  }
  Take(*receiver, 4 * kMessages);
  for (auto& sender : senders) sender.join();
  std::vector<int> next(4, 0);
  for (const std::string& text : heard_) {
    const size_t sender = static_cast<size_t>(text[0] - '0');
    EXPECT_EQ(text, absl::StrCat(sender, " ", next[sender]++));
  }
}

// More than the transport keeps for one who sends to itself.
TEST_F(SessionMessagesTest, AFloodToItselfNeitherBlocksNorIsLost) {
  StartNodes(1);
  auto session = Open(0);
  ASSERT_EQ(Subscribe(*session, 1), absl::OkStatus());
  const std::string payload(100'000, 'x');
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(session->SendMessage(NodeNumber(0), ChannelId(1), payload), absl::OkStatus()) << i;
  }
  Take(*session, 100);
  EXPECT_EQ(session->dropped_messages(), 0u);
}

// An answer and messages behind it come with one read: then no socket is readable any more.
TEST_F(SessionMessagesTest, TheDescriptorIsReadableForMessagesThatCameWithAnAnswer) {
  StartNodes(1);
  auto service = Serve(0);
  auto session = Open(0);
  ASSERT_EQ(Subscribe(*session, 3), absl::OkStatus());
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(session->SendMessage(NodeNumber(0), ChannelId(3), "x"), absl::OkStatus());
    ASSERT_TRUE(Members(*session, NodeNumber(0)).ok());
    ASSERT_TRUE(IsReadable(session->fd(), kSoon)) << i;
    Take(*session, 1);
    ASSERT_FALSE(IsReadable(session->fd())) << i;
  }
}

TEST_F(SessionMessagesTest, DispatchWithoutPatienceReturnsAtOnce) {
  StartNodes(1);
  auto session = Open(0);
  EXPECT_EQ(session->Dispatch().value_or(-1), 0);
  EXPECT_EQ(session->Dispatch(absl::Milliseconds(10)).value_or(-1), 0);
}

TEST_F(SessionMessagesTest, WithinAReceiverAllButDispatchWorks) {
  StartNodes(1);
  auto service = Serve(0);
  auto session = Open(0);
  int calls = 0;
  ASSERT_EQ(session->Subscribe(ChannelId(1),
                               [&](const ClientMessage& message) {
                                 ++calls;
                                 EXPECT_TRUE(Members(*session, NodeNumber(0)).ok());
                                 EXPECT_TRUE(
                                     absl::IsFailedPrecondition(session->Dispatch(kSoon).status()));
                                 EXPECT_EQ(session->Unsubscribe(message.channel), absl::OkStatus());
                               }),
            absl::OkStatus());
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(session->SendMessage(NodeNumber(0), ChannelId(1), "x"), absl::OkStatus());
  }
  Take(*session, 1);
  EXPECT_TRUE(session->ClientExists(session->address()).value_or(false));
  EXPECT_EQ(session->Dispatch().value_or(-1), 0);
  EXPECT_EQ(calls, 1);
}

TEST_F(SessionMessagesTest, AfterUnsubscribeTheReceiverDoesNotRun) {
  StartNodes(1);
  auto session = Open(0);
  std::atomic<bool> is_running = false;
  std::atomic<bool> may_end = false;
  ASSERT_EQ(session->Subscribe(ChannelId(1),
                               [&](const ClientMessage&) {
                                 is_running = true;
                                 while (!may_end) ::usleep(1000);
                                 is_running = false;
                               }),
            absl::OkStatus());
  ASSERT_EQ(session->SendMessage(NodeNumber(0), ChannelId(1), "x"), absl::OkStatus());
  std::thread dispatcher([&] { Take(*session, 1); });
  Await([&] { return is_running.load(); });
  EXPECT_TRUE(absl::IsDeadlineExceeded(session->Unsubscribe(ChannelId(1), absl::Milliseconds(20))));
  may_end = true;
  EXPECT_EQ(session->Unsubscribe(ChannelId(1)), absl::OkStatus());
  EXPECT_FALSE(is_running);
  dispatcher.join();
}

class CountingAttendant : public Session::Attendant {
 public:
  int Attend() override {
    ++calls;
    return 1;
  }
  TimeLimit NextTurn() override { return next; }
  int calls = 0;
  TimeLimit next = TimeLimit::max();
};

TEST_F(SessionMessagesTest, AnAttendantIsCalledWhenAskedForInTimeAndWhenMessagesMayBeMissing) {
  StartNodes(2);
  auto session = Open(0);
  auto attendant = std::make_shared<CountingAttendant>();
  EXPECT_EQ(session->SharedAttendant([&] { return attendant; }), attendant);
  EXPECT_EQ(session->SharedAttendant([] { return nullptr; }), attendant);
  // It is told of the other node.
  Await([&] { return session->Dispatch().ok() && session->gaps() == 1; });
  const auto is_readable = [&](absl::Duration time) {
    pollfd poll_fd = {session->fd(), POLLIN, 0};
    return ::poll(&poll_fd, 1, static_cast<int>(absl::ToInt64Milliseconds(time))) == 1;
  };
  EXPECT_FALSE(is_readable(absl::ZeroDuration()));
  attendant->calls = 0;
  session->CallAttendant();
  EXPECT_TRUE(is_readable(kSoon));
  EXPECT_EQ(session->Dispatch(kSoon).value_or(0), 1);
  EXPECT_FALSE(is_readable(absl::ZeroDuration()));
  loops_[1].reset();
  EXPECT_TRUE(is_readable(kSoon));
  EXPECT_EQ(session->Dispatch(kSoon).value_or(0), 1);
  EXPECT_EQ(session->gaps(), 2u);
  attendant->next = LimitIn(absl::Milliseconds(30));
  EXPECT_EQ(session->Dispatch(kSoon).value_or(0), 1);
  EXPECT_TRUE(IsOver(attendant->next));
  attendant->next = LimitIn(absl::Milliseconds(30));
  session->CallAttendant();
  EXPECT_EQ(session->Dispatch(kSoon).value_or(0), 1);
  EXPECT_TRUE(is_readable(kSoon));
  EXPECT_TRUE(IsOver(attendant->next));
  EXPECT_EQ(attendant->calls, 4);
}

TEST_F(SessionMessagesTest, AMessageThatIsTooLongIsRefused) {
  StartNodes(1);
  auto session = Open(0);
  EXPECT_TRUE(absl::IsInvalidArgument(
      session->SendMessage(NodeNumber(0), ChannelId(1), std::string(kMessageBytesMax + 1, 'x'))));
  EXPECT_EQ(session->SendMessage(NodeNumber(0), ChannelId(1), std::string(kMessageBytesMax, 'x')),
            absl::OkStatus());
}

}  // namespace
}  // namespace ctdb
