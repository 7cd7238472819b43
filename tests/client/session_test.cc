// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "tests/client/session_test_support.h"

namespace ctdb {
namespace {

using test::kSoon;
using test::SessionTest;
using testing::HasSubstr;

TEST_F(SessionTest, ACallIsAnsweredByTheServiceOfAnyNode) {
  StartNodes(2);
  auto service = Serve(0);
  auto other = Serve(1);
  auto session = Open(0);
  EXPECT_EQ(session->node(), NodeNumber(0));
  EXPECT_EQ(Members(*session, NodeNumber(0)).value_or(0), 7u);
  EXPECT_EQ(Members(*session, NodeNumber(1)).value_or(0), 7u);
}

TEST_F(SessionTest, ManyThreadsShareItAndEachGetsItsOwnAnswer) {
  StartNodes(1);
  auto service = Serve(0);
  auto session = Open(0);
  ASSERT_EQ(Subscribe(*session, 5), absl::OkStatus());
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 200; ++j) {
        const std::string name = absl::StrCat(i, "/", j);
        if (Echo(*session, name) != name) ++wrong;
        if (!session->SendMessage(NodeNumber(0), ChannelId(5), name).ok()) ++wrong;
      }
    });
  }
  Take(*session, 6 * 200);
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  for (int i = 0; i < 6; ++i) {
    std::vector<std::string> of_thread;
    for (const std::string& text : heard_) {
      if (absl::StartsWith(text, absl::StrCat(i, "/"))) of_thread.push_back(text);
    }
    for (int j = 0; j < 200; ++j)
      EXPECT_EQ(of_thread[static_cast<size_t>(j)], absl::StrCat(i, "/", j));
  }
}

TEST_F(SessionTest, TheDeadlineEndsACallAndTheServiceForgetsIt) {
  StartNodes(1);
  auto service = Serve(0);
  auto session = Open(0);
  const TimeLimit before = LimitIn(absl::Milliseconds(60));
  const absl::Status status = Get(*session, NodeNumber(0), absl::Milliseconds(60));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_TRUE(IsOver(before));
  Await([&] { return service->cancels() == 1; });
  EXPECT_EQ(Members(*session, NodeNumber(0)).value_or(0), 7u);
}

// Whoever read for all must leave that to somebody who waits still.
TEST_F(SessionTest, AThreadThatSleepsReadsOnWhenTheReaderIsDone) {
  StartNodes(1);
  auto service = Serve(0);
  auto session = Open(0);
  auto sender = Open(0);
  ASSERT_EQ(Subscribe(*session, 1), absl::OkStatus());
  std::thread reader([&] { Get(*session, NodeNumber(0), absl::Milliseconds(100)).IgnoreError(); });
  Await([&] { return service->gets() == 1; });
  std::thread sleeper([&] { EXPECT_EQ(session->Dispatch(kSoon).value_or(-1), 1); });
  reader.join();
  Await([&] { return service->cancels() == 1; });
  ASSERT_EQ(sender->SendMessage(NodeNumber(0), ChannelId(1), "x"), absl::OkStatus());
  sleeper.join();
}

TEST_F(SessionTest, AServiceThatIsNotThereIsUnavailableAtOnce) {
  StartNodes(2);
  auto session = Open(0);
  EXPECT_TRUE(absl::IsUnavailable(Get(*session, NodeNumber(0))));
  const absl::Status status = Get(*session, NodeNumber(1));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("node 1"));
}

// Its successor knows nothing of what it was asked.
TEST_F(SessionTest, AServiceThatIsStartedAgainFailsWhatWaitsForItSoon) {
  StartNodes(1);
  auto service = Serve(0);
  auto session = Open(0);
  ASSERT_TRUE(Members(*session, NodeNumber(0)).ok());
  std::thread waiting([&] {
    const absl::Status status = Get(*session, NodeNumber(0));
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  });
  Await([&] { return service->gets() == 1; });
  service->Stop();
  Await([&] { return loops_[0]->Endpoints().size() == 1; });
  service = Serve(0);
  waiting.join();
}

TEST_F(SessionTest, ANodeThatIsLostFailsWhatWaitsForItAtOnce) {
  StartNodes(2);
  auto service = Serve(1);
  auto session = Open(0);
  std::thread waiting([&] {
    const absl::Status status = Get(*session, NodeNumber(1));
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr("link to node 1"));
  });
  Await([&] { return service->gets() == 1; });
  service->Stop();
  loops_[1].reset();
  waiting.join();
}

TEST_F(SessionTest, AnotherClientCannotAnswerInTheServicesPlace) {
  StartNodes(1);
  auto service = Serve(0);
  auto session = Open(0);
  auto liar = Connect(0);
  std::thread waiting([&] {
    const absl::Status status = Get(*session, NodeNumber(0), absl::Milliseconds(300));
    EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  });
  Await([&] { return service->gets() == 1; });
  Envelope envelope = liar->To(session->address(), PacketKind::kData);
  for (uint64_t request = 0; request < 20; ++request) {
    envelope.request_id = request;
    Send(*liar, envelope, "yes");
  }
  waiting.join();
}

TEST_F(SessionTest, CancelEndsEveryWaitAtOnceAndResumeAllowsThemAgain) {
  StartNodes(1);
  auto service = Serve(0);
  auto session = Open(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] { EXPECT_TRUE(absl::IsCancelled(Get(*session, NodeNumber(0)))); });
  }
  threads.emplace_back([&] { EXPECT_TRUE(absl::IsCancelled(session->Dispatch(kSoon).status())); });
  threads.emplace_back([&] { EXPECT_TRUE(absl::IsCancelled(session->Pause(kSoon))); });
  Await([&] { return service->gets() == 3; });
  const TimeLimit soon = LimitIn(kSoon / 2);
  session->Cancel();
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(IsOver(soon));
  EXPECT_TRUE(absl::IsCancelled(Members(*session, NodeNumber(0)).status()));
  EXPECT_EQ(session->Dispatch().value_or(-1), 0) << "it does not wait";
  Await([&] { return service->cancels() >= 3; });
  session->Resume();
  EXPECT_EQ(Members(*session, NodeNumber(0)).value_or(0), 7u);
}

TEST_F(SessionTest, AClientExistsUntilItEnds) {
  StartNodes(2);
  auto session = Open(0);
  auto other = Open(1);
  const Address address = other->address();
  EXPECT_TRUE(session->ClientExists(session->address()).value_or(false));
  EXPECT_TRUE(session->ClientExists(address).value_or(false));
  other.reset();
  Await([&] { return loops_[1]->Endpoints().empty(); });
  EXPECT_FALSE(session->ClientExists(address).value_or(true));
  loops_[1].reset();
  Await([&] { return !loops_[0]->Nodes()[1].is_connected; });
  EXPECT_TRUE(absl::IsUnavailable(session->ClientExists(address).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      session->ClientExists({kConnectedNodes, ServiceId::kClient, InstanceNumber(1)}).status()));
}

TEST_F(SessionTest, AProcessExistsOnTheNodeThatItIsAClientOf) {
  StartNodes(2);
  auto session = Open(0);
  auto other = Open(1);
  const auto pid = static_cast<uint32_t>(::getpid());
  EXPECT_TRUE(session->ProcessExists(NodeNumber(0), pid).value_or(false));
  EXPECT_TRUE(session->ProcessExists(NodeNumber(1), pid).value_or(false));
  EXPECT_TRUE(session->ProcessExists(kThisNode, pid).value_or(false));
  EXPECT_FALSE(session->ProcessExists(NodeNumber(1), pid, ChannelId(42)).value_or(true));
  ASSERT_EQ(other->Subscribe(ChannelId(42), [](const ClientMessage&) {}), absl::OkStatus());
  EXPECT_TRUE(session->ProcessExists(NodeNumber(1), pid, ChannelId(42)).value_or(false));
  EXPECT_FALSE(session->ProcessExists(NodeNumber(0), pid, ChannelId(42)).value_or(true));
  // It lives, and is no client.
  EXPECT_FALSE(session->ProcessExists(NodeNumber(1), 1).value_or(true));
  other.reset();
  Await([&] { return loops_[1]->Endpoints().empty(); });
  EXPECT_FALSE(session->ProcessExists(NodeNumber(1), pid).value_or(true));
  loops_[1].reset();
  Await([&] { return !loops_[0]->Nodes()[1].is_connected; });
  EXPECT_TRUE(absl::IsUnavailable(session->ProcessExists(NodeNumber(1), pid).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(session->ProcessExists(kConnectedNodes, pid).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(session->ProcessExists(NodeNumber(0), 0).status()));
}

// A child has the connection, and its parent has ended: whoever asks for the parent means the
// parent.
TEST_F(SessionTest, AProcessThatHasEndedDoesNotExistThoughItsChildHasTheConnection) {
  StartNodes(1);
  auto session = Open(0);
  int from_child[2];
  int to_child[2];
  ASSERT_EQ(::pipe(from_child), 0);
  ASSERT_EQ(::pipe(to_child), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    auto own = Session::Open({.socket_path = SocketPath(0)});
    own->get()->Subscribe(ChannelId(42), [](const ClientMessage&) {}).IgnoreError();
    char byte = 'x';
    if (::fork() == 0) {
      ::close(to_child[1]);
      [[maybe_unused]] ssize_t done = ::write(from_child[1], &byte, 1);
      done = ::read(to_child[0], &byte, 1);
      ::_exit(0);
    }
    ::_exit(0);
  }
  char byte;
  ASSERT_EQ(::read(from_child[0], &byte, 1), 1);
  ::waitpid(parent, nullptr, 0);
  const auto pid = static_cast<uint32_t>(parent);
  EXPECT_FALSE(session->ProcessExists(NodeNumber(0), pid).value_or(true));
  // What it has subscribed to is there as long as the connection is.
  EXPECT_TRUE(session->ProcessExists(NodeNumber(0), pid, ChannelId(42)).value_or(false));
  for (const int fd : {from_child[0], from_child[1], to_child[0], to_child[1]}) ::close(fd);
}

TEST_F(SessionTest, UseAfterForkIsRefused) {
  StartNodes(1);
  auto session = Open(0);
  ASSERT_EQ(Subscribe(*session, 1), absl::OkStatus());
  const pid_t child = ::fork();
  if (child == 0) {
    const bool is_refused = absl::IsFailedPrecondition(session->Dispatch().status()) &&
                            absl::IsFailedPrecondition(Members(*session, NodeNumber(0)).status()) &&
                            absl::IsFailedPrecondition(
                                session->SendMessage(NodeNumber(0), ChannelId(1), "from a child"));
    session.release()->CloseAfterFork();
    ::_exit(is_refused ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  // The parent goes on.
  ASSERT_EQ(session->SendMessage(NodeNumber(0), ChannelId(1), "from the parent"), absl::OkStatus());
  Take(*session, 1);
  EXPECT_THAT(heard_, testing::ElementsAre("from the parent"));
}

}  // namespace
}  // namespace ctdb
