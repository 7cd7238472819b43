// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/view_feed.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace ctdb::daemon {
namespace {

class Listener final : public wire::ViewListener::Server {
 public:
  explicit Listener(std::string& heard) : heard_(heard) {}

  kj::Promise<void> changed(ChangedContext context) override {
    const auto params = context.getParams();
    absl::StrAppend(&heard_, heard_.empty() ? "" : " ", params.getView().getEpoch(), "/",
                    params.getServeUntil());
    auto answer = kj::newPromiseAndFulfiller<void>();
    answer_ = kj::mv(answer.fulfiller);
    return kj::mv(answer.promise);
  }
  void Answer() { answer_->fulfill(); }

 private:
  std::string& heard_;
  kj::Own<kj::PromiseFulfiller<void>> answer_;
};

class ViewFeedTest : public testing::Test {
 protected:
  ViewFeedTest() : io_(kj::setupAsyncIo()) {
    auto listener = kj::heap<Listener>(heard_);
    listener_ = listener.get();
    subscription_ = *feed_.Subscribe(kj::mv(listener));
    Turn();
  }
  ~ViewFeedTest() noexcept override = default;

  void Tell(uint64_t epoch, int64_t serve_until) {
    cluster::View view;
    view.epoch = Epoch(epoch);
    feed_.Tell({view, serve_until});
    Turn();
  }
  void Answer() {
    listener_->Answer();
    Turn();
  }
  void Turn() {
    for (int i = 0; i < 10; ++i) kj::evalLast([] {}).wait(io_.waitScope);
  }

  kj::AsyncIoContext io_;
  std::string heard_;
  ViewFeed feed_;
  Listener* listener_ = nullptr;
  wire::Subscription::Client subscription_ = nullptr;
};

TEST_F(ViewFeedTest, ASubscriberIsToldWhatHoldsAtOnceAndWhatChanges) {
  EXPECT_EQ(heard_, "0/0") << "no view yet";
  Answer();
  Tell(1, 100);
  EXPECT_EQ(heard_, "0/0 1/100");
  Answer();
  Tell(1, 100);
  EXPECT_EQ(heard_, "0/0 1/100") << "nothing new";
  Tell(1, 200);
  EXPECT_EQ(heard_, "0/0 1/100 1/200");
}

TEST_F(ViewFeedTest, ASlowSubscriberMissesWhatWasReplacedAndHearsTheNewest) {
  Tell(1, 100);
  Tell(2, 0);
  Tell(3, 300);
  EXPECT_EQ(heard_, "0/0") << "it has not answered";
  Answer();
  EXPECT_EQ(heard_, "0/0 3/300");
}

TEST_F(ViewFeedTest, WhoLetsGoOfTheSubscriptionHearsNothingMore) {
  Answer();
  subscription_ = nullptr;
  Turn();
  Tell(1, 100);
  EXPECT_EQ(heard_, "0/0");
}

}  // namespace
}  // namespace ctdb::daemon
