// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/snapshot_server.h"

#include <gtest/gtest.h>
#include <kj/async.h>
#include <kj/timer.h>

#include <utility>
#include <vector>

#include "absl/strings/match.h"

namespace ctdb::daemon {
namespace {

// Two pages of one record each.
class TwoPages final : public database::ReplicatedDatabase::Snapshot {
 public:
  explicit TwoPages(int& alive) : alive_(alive) { ++alive_; }
  ~TwoPages() override { --alive_; }
  database::ReplicatedDatabase::LogPosition position() const override { return {1, 2}; }
  absl::StatusOr<bool> Next(std::vector<Record>& records) override {
    records = {{"key", std::to_string(++pages_)}};
    return pages_ < 2;
  }

 private:
  int& alive_;
  int pages_ = 0;
};

class SnapshotServerTest : public testing::Test {
 protected:
  ~SnapshotServerTest() noexcept override = default;
  wire::Snapshot::Client Make() { return *snapshots_.Make(std::make_unique<TwoPages>(alive_)); }
  void Pass(kj::Duration time) {
    timer_.advanceTo(timer_.now() + time);
    wait_scope_.poll();
  }

  kj::EventLoop loop_;
  kj::WaitScope wait_scope_{loop_};
  kj::TimerImpl timer_{kj::origin<kj::TimePoint>()};
  int alive_ = 0;
  Snapshots snapshots_{timer_};
};

TEST_F(SnapshotServerTest, PagesComeUntilTheLast) {
  auto client = Make();
  const auto first = client.nextRequest().send().wait(wait_scope_);
  ASSERT_EQ(first.getRecords().size(), 1u);
  EXPECT_EQ(first.getRecords()[0].getValue().size(), 1u);
  EXPECT_FALSE(first.getLast());
  EXPECT_TRUE(client.nextRequest().send().wait(wait_scope_).getLast());
}

TEST_F(SnapshotServerTest, ItEndsWithWhoAskedForIt) {
  {
    const auto client = Make();
    EXPECT_EQ(snapshots_.count(), 1);
  }
  EXPECT_EQ(alive_, 0);
  EXPECT_EQ(snapshots_.count(), 0);
}

TEST_F(SnapshotServerTest, ItEndsWhenNobodyAsks) {
  auto client = Make();
  Pass(Snapshots::kIdle / 2);
  client.nextRequest().send().wait(wait_scope_);
  Pass(Snapshots::kIdle / 2 + kj::SECONDS);
  EXPECT_EQ(alive_, 1);
  Pass(Snapshots::kIdle);
  EXPECT_EQ(alive_, 0);
  EXPECT_EQ(snapshots_.count(), 0);
  kj::Maybe<kj::Exception> failure =
      kj::runCatchingExceptions([&] { client.nextRequest().send().wait(wait_scope_); });
  KJ_IF_MAYBE (exception, failure) {
    EXPECT_TRUE(absl::StrContains(exception->getDescription().cStr(), "has ended"));
  } else {
    ADD_FAILURE() << "it has not ended";
  }
}

TEST_F(SnapshotServerTest, ThereAreNotMany) {
  std::vector<wire::Snapshot::Client> clients;
  for (int i = 0; i < Snapshots::kSnapshotsMax; ++i) clients.push_back(Make());
  EXPECT_TRUE(
      absl::IsResourceExhausted(snapshots_.Make(std::make_unique<TwoPages>(alive_)).status()));
  clients.pop_back();
  EXPECT_TRUE(snapshots_.Make(std::make_unique<TwoPages>(alive_)).ok());
}

}  // namespace
}  // namespace ctdb::daemon
