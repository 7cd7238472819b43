// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/view_follower.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <kj/debug.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

namespace ctdb::daemon {
namespace {

class TestCluster final : public wire::Cluster::Server {
 public:
  explicit TestCluster(ViewFeed& feed) : feed_(feed) {}

  kj::Promise<void> follow(FollowContext context) override {
    context.getResults().setSubscription(*feed_.Subscribe(context.getParams().getListener()));
    return kj::READY_NOW;
  }

 private:
  ViewFeed& feed_;
};

class ViewFollowerTest : public testing::Test {
 protected:
  ViewFollowerTest() : io_(kj::setupAsyncIo()), timer_(kj::origin<kj::TimePoint>()) {
    follower_ = std::make_unique<ViewFollower>(
        [this]() -> wire::Cluster::Client {
          if (feed_ == nullptr) return KJ_EXCEPTION(DISCONNECTED, "the service does not run");
          return kj::heap<TestCluster>(*feed_);
        },
        timer_,
        [this](const NodePart& part) {
          absl::StrAppend(&heard_, heard_.empty() ? "" : " ",
                          part.view.has_value() ? part.view->epoch.value() : 0, "/",
                          part.serve_until);
        });
    Pass();
  }
  ~ViewFollowerTest() noexcept override = default;

  void Tell(uint64_t epoch, int64_t serve_until) {
    const NodeNumber node(0);
    feed_->Tell(
        {cluster::View{Epoch(epoch), node, {node}, {node}, {Epoch(epoch)}, false}, serve_until});
    Pass();
  }
  void Pass() {
    now_ += ViewFollower::kPause;
    timer_.advanceTo(kj::origin<kj::TimePoint>() + now_);
    for (int i = 0; i < 20; ++i) kj::evalLast([] {}).wait(io_.waitScope);
  }

  kj::AsyncIoContext io_;
  kj::TimerImpl timer_;
  kj::Duration now_ = 0 * kj::SECONDS;
  std::string heard_;
  std::unique_ptr<ViewFeed> feed_ = std::make_unique<ViewFeed>();
  std::unique_ptr<ViewFollower> follower_;
};

TEST_F(ViewFollowerTest, HearsOfViewsAndLeases) {
  EXPECT_EQ(heard_, "0/0");
  Tell(1, 100);
  Tell(2, 0);
  EXPECT_EQ(heard_, "0/0 1/100 2/0");
}

TEST_F(ViewFollowerTest, AsksAgainWhenTheServiceIsStartedAnew) {
  Tell(1, 100);
  feed_.reset();
  Pass();
  feed_ = std::make_unique<ViewFeed>();
  Pass();
  Tell(3, 300);
  EXPECT_EQ(heard_, "0/0 1/100 0/0 3/300");
}

}  // namespace
}  // namespace ctdb::daemon
