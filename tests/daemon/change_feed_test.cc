// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/change_feed.h"

#include <capnp/message.h>
#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <kj/debug.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace ctdb::daemon {
namespace {

// What a subscriber was told: "1 2 3", with "(5 missed)" before what came after a gap.
struct Heard {
  std::string text;
  int calls = 0;
  size_t largest = 0;
  bool is_slow = false;  // Answers only when told to.
  bool is_broken = false;
  kj::Own<kj::PromiseFulfiller<void>> answer;
};

class TestListener final : public wire::ChangeListener::Server {
 public:
  explicit TestListener(Heard& heard) : heard_(heard) {}

  kj::Promise<void> changed(ChangedContext context) override {
    const auto params = context.getParams();
    const auto add = [&](const std::string& word) {
      absl::StrAppend(&heard_.text, heard_.text.empty() ? "" : " ", word);
    };
    ++heard_.calls;
    heard_.largest = std::max<size_t>(heard_.largest, params.getChanges().size());
    if (params.getMissed() > 0) add(absl::StrCat("(", params.getMissed(), " missed)"));
    for (const auto change : params.getChanges()) add(absl::StrCat(change.getSequence()));
    if (heard_.is_broken) return KJ_EXCEPTION(DISCONNECTED, "test");
    if (!heard_.is_slow) return kj::READY_NOW;
    auto pair = kj::newPromiseAndFulfiller<void>();
    heard_.answer = kj::mv(pair.fulfiller);
    return kj::mv(pair.promise);
  }

 private:
  Heard& heard_;
};

class ChangeFeedTest : public testing::Test {
 protected:
  ~ChangeFeedTest() noexcept override = default;

  void Happen(uint64_t count = 1) {
    for (uint64_t i = 0; i < count; ++i) {
      log_.Add({}, Instant{});
      feed_->Deliver();
    }
  }
  wire::Subscription::Client Subscribe(Heard& heard, uint64_t after = 0) {
    auto subscription = feed_->Subscribe(kj::heap<TestListener>(heard), after);
    EXPECT_TRUE(subscription.ok()) << subscription.status();
    Turn();
    return *std::move(subscription);
  }
  // Until there is nothing to do.
  void Turn() {
    for (int i = 0; i < 10; ++i) kj::evalLast([] {}).wait(io_.waitScope);
  }
  static std::string Numbers(uint64_t first, uint64_t last) {
    std::string text;
    for (uint64_t i = first; i <= last; ++i) absl::StrAppend(&text, i == first ? "" : " ", i);
    return text;
  }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  cluster::ChangeLog log_;
  std::unique_ptr<ChangeFeed> feed_ = std::make_unique<ChangeFeed>(log_);
};

TEST_F(ChangeFeedTest, AChangeIsWrittenWithAllThatIsKnownOfIt) {
  capnp::MallocMessageBuilder message;
  cluster::Change change;
  change.sequence = 7;
  change.kind = cluster::ChangeKind::kFlags;
  change.node = NodeNumber(2);
  change.before = "OK";
  change.after = "STOPPED";
  change.text = "Node 2 is STOPPED";
  change.cause = 5;
  auto written = message.initRoot<wire::Change>();
  WriteChange(change, written);
  EXPECT_EQ(written.getSequence(), 7u);
  EXPECT_EQ(written.getKind(), wire::ChangeKind::FLAGS);
  EXPECT_EQ(written.getNode(), 2u);
  EXPECT_STREQ(written.getBefore().cStr(), "OK");
  EXPECT_STREQ(written.getAfter().cStr(), "STOPPED");
  EXPECT_STREQ(written.getText().cStr(), "Node 2 is STOPPED");
  EXPECT_EQ(written.getCause(), 5u);
  EXPECT_GT(written.getTime(), 0);
}

TEST_F(ChangeFeedTest, ASubscriberGetsWhatIsKeptAndThenWhatIsNewOnceAndInOrder) {
  Happen(3);
  Heard heard;
  const auto subscription = Subscribe(heard);
  EXPECT_EQ(heard.text, "1 2 3");
  Happen(2);
  Turn();
  EXPECT_EQ(heard.text, "1 2 3 4 5");
  feed_->Deliver();
  Turn();
  EXPECT_EQ(heard.text, "1 2 3 4 5");
}

TEST_F(ChangeFeedTest, ASubscriberGoesOnWhereItWas) {
  Happen(5);
  Heard heard;
  const auto subscription = Subscribe(heard, 3);
  EXPECT_EQ(heard.text, "4 5");
}

TEST_F(ChangeFeedTest, ANumberThatWasNeverGivenOutIsOfAnotherRunAndAllIsTold) {
  Happen(2);
  Heard heard;
  const auto subscription = Subscribe(heard, 99);
  EXPECT_EQ(heard.text, "1 2");
}

TEST_F(ChangeFeedTest, WhatIsNotKeptAnyMoreIsAGapThatIsTold) {
  constexpr uint64_t kLast = cluster::ChangeLog::kKept + 5;
  Happen(kLast);
  Heard heard;
  const auto subscription = Subscribe(heard, 2);
  EXPECT_EQ(heard.text, absl::StrCat("(3 missed) ", Numbers(6, kLast)));
}

TEST_F(ChangeFeedTest, ACallHasABoundedNumberOfChanges) {
  Happen(3 * ChangeFeed::kBatchMax + 1);
  Heard heard;
  const auto subscription = Subscribe(heard);
  EXPECT_EQ(heard.text, Numbers(1, 3 * ChangeFeed::kBatchMax + 1));
  EXPECT_EQ(heard.calls, 4);
  EXPECT_EQ(heard.largest, ChangeFeed::kBatchMax);
}

TEST_F(ChangeFeedTest, ASlowSubscriberHasOneCallAtATimeAndDelaysNobodyElse) {
  Heard slow;
  slow.is_slow = true;
  Heard quick;
  const auto one = Subscribe(slow);
  const auto other = Subscribe(quick);
  Happen(3);
  Turn();
  Happen(2);
  Turn();
  EXPECT_EQ(quick.text, "1 2 3 4 5");
  EXPECT_EQ(slow.text, "1");
  slow.answer->fulfill();
  Turn();
  EXPECT_EQ(slow.text, "1 2 3 4 5");
  EXPECT_EQ(slow.calls, 2);
}

TEST_F(ChangeFeedTest, ASubscriberThatIsTooSlowIsToldHowMuchItMissed) {
  Heard slow;
  slow.is_slow = true;
  const auto subscription = Subscribe(slow);
  Happen(cluster::ChangeLog::kKept + 11);
  Turn();
  slow.is_slow = false;
  slow.answer->fulfill();
  Turn();
  EXPECT_EQ(slow.text, absl::StrCat("1 (10 missed) ", Numbers(12, cluster::ChangeLog::kKept + 11)));
}

TEST_F(ChangeFeedTest, ADroppedSubscriptionEnds) {
  Heard heard;
  {
    const auto subscription = Subscribe(heard);
    EXPECT_EQ(feed_->subscriber_count(), 1u);
  }
  Turn();
  EXPECT_EQ(feed_->subscriber_count(), 0u);
  Happen();
  Turn();
  EXPECT_EQ(heard.text, "");
}

TEST_F(ChangeFeedTest, ASubscriptionDroppedDuringACallEnds) {
  Heard slow;
  slow.is_slow = true;
  {
    const auto subscription = Subscribe(slow);
    Happen();
    Turn();
  }
  Turn();
  EXPECT_EQ(feed_->subscriber_count(), 0u);
  Happen();
  slow.answer->fulfill();
  Turn();
  EXPECT_EQ(slow.text, "1");
}

TEST_F(ChangeFeedTest, ASubscriberThatCannotBeReachedIsForgotten) {
  Heard broken;
  broken.is_broken = true;
  const auto subscription = Subscribe(broken);
  Happen();
  Turn();
  EXPECT_EQ(feed_->subscriber_count(), 0u);
}

TEST_F(ChangeFeedTest, SubscribersBeyondTheLimitAreRefused) {
  std::vector<Heard> heard(ChangeFeed::kSubscribersMax + 1);
  std::vector<wire::Subscription::Client> subscriptions;
  for (size_t i = 0; i < ChangeFeed::kSubscribersMax; ++i) {
    auto subscription = feed_->Subscribe(kj::heap<TestListener>(heard[i]), 0);
    ASSERT_TRUE(subscription.ok());
    subscriptions.push_back(*std::move(subscription));
  }
  const auto refused = feed_->Subscribe(kj::heap<TestListener>(heard.back()), 0);
  EXPECT_TRUE(absl::IsResourceExhausted(refused.status()));
  subscriptions.pop_back();
  Turn();
  EXPECT_TRUE(feed_->Subscribe(kj::heap<TestListener>(heard.back()), 0).ok());
}

TEST_F(ChangeFeedTest, ASubscriptionMayOutliveTheFeed) {
  Heard slow;
  slow.is_slow = true;
  {
    const auto subscription = Subscribe(slow);
    Happen();
    Turn();
    feed_.reset();
    slow.answer->fulfill();
    Turn();
  }
  Turn();
  EXPECT_EQ(slow.text, "1");
}

}  // namespace
}  // namespace ctdb::daemon
