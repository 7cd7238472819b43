// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/signals.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/daemon/process_test_support.h"

namespace ctdb::daemon {
namespace {

class SignalsTest : public ::testing::Test {
 protected:
  ~SignalsTest() noexcept override {}
  SignalsTest() {
    EXPECT_TRUE(BlockSignals().ok());
    io_ = kj::heap<kj::AsyncIoContext>(kj::setupAsyncIo());
    auto source = SignalSource::Create(io_->unixEventPort, [this](SignalRequest request) {
      requests_.push_back(absl::StrCat(
          request.kind == SignalRequest::Kind::kStop ? "stop" : "reload", " by ", request.cause));
      sender_ = request.sender_pid;
    });
    EXPECT_TRUE(source.ok());
    source_ = *std::move(source);
  }
  bool Await(size_t count) {
    return Eventually(*io_, [&] { return requests_.size() >= count; });
  }

  kj::Own<kj::AsyncIoContext> io_;
  std::vector<std::string> requests_;
  int sender_ = 0;
  kj::Own<SignalSource> source_;
};

TEST_F(SignalsTest, TermAndIntStopAndHupReloads) {
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGHUP}) {
    const size_t before = requests_.size();
    ASSERT_EQ(::kill(::getpid(), signal), 0);
    ASSERT_TRUE(Await(before + 1));
  }
  EXPECT_EQ(requests_, (std::vector<std::string>{"stop by SIGTERM", "stop by SIGINT",
                                                 "reload by SIGHUP", "reload by SIGHUP"}));
  EXPECT_EQ(sender_, ::getpid());
}

TEST_F(SignalsTest, ASignalBeforeTheLoopRunsIsNotLost) {
  ASSERT_EQ(::kill(::getpid(), SIGHUP), 0);
  EXPECT_TRUE(requests_.empty());
  EXPECT_TRUE(Await(1));
}

TEST_F(SignalsTest, PipeAndUsr1AreIgnored) {
  ASSERT_EQ(::kill(::getpid(), SIGPIPE), 0);
  ASSERT_EQ(::kill(::getpid(), SIGUSR1), 0);
  ASSERT_EQ(::kill(::getpid(), SIGHUP), 0);
  ASSERT_TRUE(Await(1));
  EXPECT_EQ(requests_, std::vector<std::string>{"reload by SIGHUP"});
}

TEST_F(SignalsTest, ThreadsStartedLaterDoNotTakeTheSignalAway) {
  std::thread thread([] {
    sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    EXPECT_TRUE(sigismember(&blocked, SIGTERM));
    // To this thread alone it would stay pending; to the process, the source gets it.
    ::kill(::getpid(), SIGTERM);
  });
  thread.join();
  ASSERT_TRUE(Await(1));
  EXPECT_EQ(requests_[0], "stop by SIGTERM");
}

}  // namespace
}  // namespace ctdb::daemon
