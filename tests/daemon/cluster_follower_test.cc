// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/cluster_follower.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <kj/debug.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/daemon/services/change_feed.h"

namespace ctdb::daemon {
namespace {

// One run of a cluster service; what happens in it has the run's name before its number.
struct ServiceRun {
  uint64_t number = 1;
  std::string name;
  cluster::ChangeLog log;
  std::unique_ptr<ChangeFeed> feed = std::make_unique<ChangeFeed>(log);
};

class TestCluster final : public wire::Cluster::Server {
 public:
  explicit TestCluster(ServiceRun& run) : run_(run) {}

  kj::Promise<void> subscribe(SubscribeContext context) override {
    const auto params = context.getParams();
    const bool is_of_this_run = params.getRun() == 0 || params.getRun() == run_.number;
    auto subscription =
        run_.feed->Subscribe(params.getListener(), is_of_this_run ? params.getAfter() : 0);
    context.getResults().setRun(run_.number);
    context.getResults().setSubscription(*std::move(subscription));
    return kj::READY_NOW;
  }

 private:
  ServiceRun& run_;
};

class ClusterFollowerTest : public testing::Test {
 protected:
  ClusterFollowerTest() {
    run_ = MakeRun(1, "a");
    follower_ = std::make_unique<ClusterFollower>(
        [this] { return Service(); }, timer_,
        [this](wire::Change::Reader change) {
          absl::StrAppend(&heard_, heard_.empty() ? "" : " ", change.getText().cStr());
        });
    PassPause();
  }
  ~ClusterFollowerTest() noexcept override = default;

  static std::unique_ptr<ServiceRun> MakeRun(uint64_t number, const std::string& name) {
    auto run = std::make_unique<ServiceRun>();
    run->number = number;
    run->name = name;
    return run;
  }
  wire::Cluster::Client Service() {
    ++asked_;
    if (run_ == nullptr) return KJ_EXCEPTION(DISCONNECTED, "the service does not run");
    return kj::heap<TestCluster>(*run_);
  }
  void Happen(int count = 1) {
    for (int i = 0; i < count; ++i) {
      cluster::Change change;
      change.text = absl::StrCat(run_->name, run_->log.last() + 1);
      run_->log.Add(change, Instant{});
      run_->feed->Deliver();
    }
    Turn();
  }
  // All subscribers are lost; the run stays.
  void LoseConnections() {
    run_->feed = std::make_unique<ChangeFeed>(run_->log);
    Turn();
  }
  void End() {
    run_.reset();
    Turn();
  }
  void Turn() {
    for (int i = 0; i < 10; ++i) kj::evalLast([] {}).wait(io_.waitScope);
  }
  void Pass(kj::Duration time) {
    now_ += time;
    timer_.advanceTo(now_);
    Turn();
  }
  void PassPause() { Pass(ClusterFollower::kPause); }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  kj::TimePoint now_ = kj::origin<kj::TimePoint>();
  kj::TimerImpl timer_{now_};
  std::unique_ptr<ServiceRun> run_;
  int asked_ = 0;
  std::string heard_;
  std::unique_ptr<ClusterFollower> follower_;
};

TEST_F(ClusterFollowerTest, EveryChangeIsHeardOnceAndInOrder) {
  Happen(2);
  Happen(1);
  EXPECT_EQ(heard_, "a1 a2 a3");
  EXPECT_EQ(asked_, 1);
}

TEST_F(ClusterFollowerTest, AfterALostConnectionItGoesOnWhereItWas) {
  Happen(2);
  LoseConnections();
  Happen(1);
  EXPECT_EQ(heard_, "a1 a2");
  PassPause();
  EXPECT_EQ(heard_, "a1 a2 a3");
  LoseConnections();
  PassPause();
  Happen();
  EXPECT_EQ(heard_, "a1 a2 a3 a4");
}

TEST_F(ClusterFollowerTest, WhatHappenedBeforeItCameIsHeardOnceToo) {
  LoseConnections();
  Happen(3);
  PassPause();
  EXPECT_EQ(heard_, "a1 a2 a3");
  LoseConnections();
  PassPause();
  EXPECT_EQ(heard_, "a1 a2 a3");
}

TEST_F(ClusterFollowerTest, AServiceThatIsAwayIsAskedAgainAfterAPauseUntilItIsBack) {
  Happen();
  End();
  PassPause();
  EXPECT_EQ(asked_, 2);
  Pass(ClusterFollower::kPause - 1 * kj::NANOSECONDS);
  EXPECT_EQ(asked_, 2);
  Pass(1 * kj::NANOSECONDS);
  EXPECT_EQ(asked_, 3);
  run_ = MakeRun(2, "b");
  Happen();
  PassPause();
  EXPECT_EQ(heard_, "a1 b1");
}

TEST_F(ClusterFollowerTest, AnotherRunIsHeardFromItsBeginning) {
  Happen(1);
  End();
  run_ = MakeRun(2, "b");
  Happen(3);
  PassPause();
  EXPECT_EQ(heard_, "a1 b1 b2 b3");
  LoseConnections();
  Happen();
  PassPause();
  EXPECT_EQ(heard_, "a1 b1 b2 b3 b4");
}

TEST_F(ClusterFollowerTest, ARunInWhichNothingHasHappenedYetCountsToo) {
  Happen(2);
  End();
  run_ = MakeRun(2, "b");
  PassPause();
  LoseConnections();
  Happen(3);
  PassPause();
  EXPECT_EQ(heard_, "a1 a2 b1 b2 b3");
}

TEST_F(ClusterFollowerTest, AFollowerThatIsGoneHearsNothing) {
  Happen();
  follower_.reset();
  Happen();
  EXPECT_EQ(heard_, "a1");
  EXPECT_EQ(run_->feed->subscriber_count(), 0u);
}

TEST_F(ClusterFollowerTest, AFollowerThatGoesWhileAChangeIsOnItsWayHearsNothing) {
  cluster::Change change;
  change.text = "late";
  run_->log.Add(change, Instant{});
  run_->feed->Deliver();
  follower_.reset();
  Turn();
  EXPECT_EQ(heard_, "");
}

}  // namespace
}  // namespace ctdb::daemon
