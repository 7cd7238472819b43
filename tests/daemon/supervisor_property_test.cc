// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Random worlds: children that start, fail, hang, crash and ignore signals, with requests at any
// time and inputs that do not fit. The seed of a failed run is in its trace.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/daemon/supervisor.h"

namespace ctdb::daemon {
namespace {

constexpr int kSeeds = 3000;
constexpr int kSteps = 200;

// What really runs, kept apart from what the supervisor believes.
class RandomWorld {
 public:
  explicit RandomWorld(uint64_t seed)
      : random_(seed), children_(1 + random_.Below(5)), supervisor_(Table(), Opts(), &random_) {}

  void Run() {
    for (int step = 0; step < kSteps && !::testing::Test::HasFatalFailure(); ++step) Step();
    // The end: whatever the state, a stop terminates once exits are delivered.
    supervisor_.OnStartRequested(now_);
    supervisor_.OnStopRequested(now_);
    Obey();
    const size_t rounds_max = 4 * children_.size() + 4;
    for (size_t round = 0; round < rounds_max && !all_stopped_; ++round) {
      now_ = After(now_, absl::Minutes(10));
      supervisor_.OnTick(now_);
      Obey();
      for (size_t i = 0; i < children_.size(); ++i) {
        if (children_[i].is_asked || children_[i].is_launching) Exit(i);
      }
    }
    ASSERT_TRUE(all_stopped_);
    ASSERT_EQ(supervisor_.NextDeadline(), kNever);
  }

 private:
  struct Child {
    bool is_launching = false;
    bool runs = false;
    bool is_asked = false;  // was sent a signal
  };

  std::vector<ChildSpec> Table() {
    std::vector<ChildSpec> table;
    for (size_t i = 0; i < children_.size(); ++i) {
      ChildSpec spec;
      spec.name = absl::StrCat("child", i);
      spec.is_essential = random_.Below(3) != 0;
      if (random_.Below(4) == 0) spec.final_exit_codes = {2};
      table.push_back(spec);
    }
    return table;
  }
  Supervisor::Options Opts() {
    Supervisor::Options options;
    options.failures_max = random_.Below(3) == 0 ? 3 : 0;
    return options;
  }

  void Exit(size_t i) {
    const bool was_launching = std::exchange(children_[i], Child()).is_launching;
    const int code = static_cast<int>(random_.Below(4));
    const auto kind = static_cast<ChildExit::Kind>(random_.Below(3));
    const ChildNumber number(static_cast<uint32_t>(i));
    if (was_launching && random_.Below(2) == 0) {
      supervisor_.OnNotStarted(number, "no process", now_);
    } else {
      supervisor_.OnExited(number, {kind, code}, now_);
    }
    Obey();
  }

  void Step() {
    now_ = After(now_, absl::Milliseconds(static_cast<int64_t>(random_.Below(4000))));
    const size_t i = random_.Below(children_.size());
    const ChildNumber number(static_cast<uint32_t>(i));
    Child& child = children_[i];
    switch (random_.Below(20)) {
      case 0:
        if (random_.Below(10) == 0) supervisor_.OnStopRequested(now_);
        break;
      case 1:
        supervisor_.OnStartRequested(now_);
        break;
      case 2:
        supervisor_.OnRestartRequested(number, now_).IgnoreError();
        break;
      case 3:  // a notice that fits or does not
        supervisor_.OnReady(number, now_);
        break;
      case 4:
        supervisor_.OnReady(ChildNumber(99), now_);
        supervisor_.OnExited(ChildNumber(99), {}, now_);
        break;
      case 5:
      case 6:
      case 7:
        if (child.runs || child.is_launching) Exit(i);
        break;
      case 8:
        now_ = After(now_, absl::Seconds(static_cast<int64_t>(random_.Below(100))));
        break;
      case 9:
      case 10:
      case 11:
      case 12:
      case 13:
        if (child.is_launching) {
          child.is_launching = false;
          child.runs = true;
          supervisor_.OnStarted(number, 1000 + static_cast<int>(i), now_);
        }
        break;
      default:
        if (child.runs) supervisor_.OnReady(number, now_);
        supervisor_.OnTick(now_);
        break;
    }
    Obey();
  }

  void Obey() {
    for (const Supervisor::Action& action : supervisor_.TakeOutput()) {
      if (const auto* start = std::get_if<Supervisor::StartChild>(&action)) {
        Child& child = children_[start->child.value()];
        ASSERT_FALSE(child.runs || child.is_launching) << "started twice at the same time";
        ASSERT_FALSE(all_stopped_) << "started after the end";
        child.is_launching = true;
      } else if (const auto* order = std::get_if<Supervisor::SendSignal>(&action)) {
        Child& child = children_[order->child.value()];
        ASSERT_TRUE(child.runs) << "signal to a process that is not there";
        child.is_asked = true;
      } else if (std::get_if<Supervisor::AllStopped>(&action) != nullptr) {
        ASSERT_FALSE(all_stopped_) << "stopped twice";
        all_stopped_ = true;
        for (const Child& child : children_) ASSERT_FALSE(child.runs || child.is_launching);
      }
    }
    ASSERT_EQ(supervisor_.CheckInvariants(), "");
  }

  Random random_;
  std::vector<Child> children_;
  Supervisor supervisor_;
  Instant now_;
  bool all_stopped_ = false;
};

TEST(SupervisorPropertyTest, NoChildOutlivesTheStopNoneRunsTwiceAndEveryStopEnds) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    RandomWorld(seed).Run();
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace ctdb::daemon
