// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/worker.h"

#include <gtest/gtest.h>
#include <kj/async-io.h>
#include <sys/resource.h>

#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/status_kj.h"

namespace ctdb {
namespace {

class WorkerTest : public testing::Test {
 protected:
  ~WorkerTest() noexcept override = default;

  // Keeps the worker's thread busy until Release(); returns when it is.
  void Occupy() {
    std::promise<void> began;
    occupied_ = worker_->Run([&began, until = released_.get_future().share()] {
      began.set_value();
      until.wait();
      return 0;
    });
    began.get_future().wait();
  }
  void Release() { released_.set_value(); }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  std::promise<void> released_;
  std::unique_ptr<Worker> worker_ = std::make_unique<Worker>();
  kj::Promise<int> occupied_ = 0;
};

TEST_F(WorkerTest, WorkRunsOnAnotherThreadAndItsResultArrivesOnTheLoop) {
  const std::thread::id here = std::this_thread::get_id();
  std::thread::id worked_on = here;
  std::thread::id arrived_on;
  const std::string result = worker_
                                 ->Run([&worked_on] {
                                   worked_on = std::this_thread::get_id();
                                   return std::string("done");
                                 })
                                 .then([&](std::string text) {
                                   arrived_on = std::this_thread::get_id();
                                   return text;
                                 })
                                 .wait(io_.waitScope);
  EXPECT_EQ(result, "done");
  EXPECT_NE(worked_on, here);
  EXPECT_EQ(arrived_on, here);
}

TEST_F(WorkerTest, PiecesOfWorkRunOneAfterTheOtherInTheirOrder) {
  std::vector<int> order;
  std::vector<kj::Promise<int>> results;
  for (int i = 0; i < 100; ++i) {
    results.push_back(worker_->Run([&order, i] {
      order.push_back(i);
      return i;
    }));
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(results[static_cast<size_t>(i)].wait(io_.waitScope), i);
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(order[static_cast<size_t>(i)], i);
}

TEST_F(WorkerTest, OfSeveralThreadsOneGoesOnWhileAnotherIsBusy) {
  worker_ = std::make_unique<Worker>(Worker::Options{.threads = 2, .nice = 5});
  Occupy();
  EXPECT_EQ(worker_->Run([] { return 7; }).wait(io_.waitScope), 7);
  EXPECT_EQ(worker_->Run([] { return ::getpriority(PRIO_PROCESS, 0); }).wait(io_.waitScope), 5);
  EXPECT_NE(::getpriority(PRIO_PROCESS, 0), 5) << "this thread is as it was";
  Release();
  EXPECT_EQ(occupied_.wait(io_.waitScope), 0);
}

TEST_F(WorkerTest, TheLoopGoesOnWhileWorkIsDone) {
  Occupy();
  bool has_turned = false;
  kj::evalLater([&] { has_turned = true; }).wait(io_.waitScope);
  EXPECT_TRUE(has_turned);
  EXPECT_FALSE(occupied_.poll(io_.waitScope));
  Release();
  EXPECT_EQ(occupied_.wait(io_.waitScope), 0);
}

TEST_F(WorkerTest, WorkBeyondTheLimitIsRefusedAndTheRestIsDone) {
  Occupy();
  std::vector<kj::Promise<int>> results;
  for (size_t i = 0; i < Worker::kQueueMax; ++i) results.push_back(worker_->Run([] { return 1; }));
  std::optional<absl::Status> refusal;
  worker_->Run([] { return 2; })
      .then([](int) {}, [&](kj::Exception&& exception) { refusal = ToStatus(exception); })
      .wait(io_.waitScope);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_TRUE(absl::IsResourceExhausted(*refusal)) << *refusal;
  Release();
  for (auto& result : results) EXPECT_EQ(result.wait(io_.waitScope), 1);
}

TEST_F(WorkerTest, AtItsEndWorkUnderWayIsFinishedAndWhatWaitsIsDropped) {
  Occupy();
  bool has_run = false;
  std::optional<absl::Status> broken;
  auto waiting =
      worker_->Run([&has_run] { return has_run = true; })
          .then([](bool) {}, [&](kj::Exception&& exception) { broken = ToStatus(exception); });
  std::promise<void> is_ending;
  std::thread ender([&] {
    is_ending.set_value();
    worker_.reset();
  });
  is_ending.get_future().wait();
  // The promise breaks while the end still waits for the work under way.
  waiting.wait(io_.waitScope);
  EXPECT_TRUE(broken.has_value());
  EXPECT_FALSE(has_run);
  Release();
  ender.join();
  EXPECT_EQ(occupied_.wait(io_.waitScope), 0);
}

TEST_F(WorkerTest, AResultThatNobodyWaitsForDoesNoHarm) {
  Occupy();
  {
    auto forgotten = worker_->Run([] { return std::string(1000, 'x'); });
  }
  Release();
  EXPECT_EQ(worker_->Run([] { return 3; }).wait(io_.waitScope), 3);
}

TEST_F(WorkerTest, SeveralLoopsMayUseOneWorker) {
  std::thread other([this] {
    kj::AsyncIoContext io = kj::setupAsyncIo();
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(worker_->Run([i] { return i; }).wait(io.waitScope), i);
    }
  });
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(worker_->Run([i] { return -i; }).wait(io_.waitScope), -i);
  }
  other.join();
}

}  // namespace
}  // namespace ctdb
