// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/supervisor.h"

#include <gtest/gtest.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace ctdb::daemon {
namespace {

constexpr int kSigterm = 15;
constexpr int kSigkill = 9;

// A supervisor with a clock in hand and its output as words: "start a, TERM b, failed a, stopped".
class World {
 public:
  explicit World(std::vector<ChildSpec> table, Supervisor::Options options = {})
      : names_(Names(table)), supervisor_(std::move(table), options, &random_) {}

  void Start() { supervisor_.OnStartRequested(now_); }
  void Stop() { supervisor_.OnStopRequested(now_); }
  void Started(int child) { supervisor_.OnStarted(At(child), ++last_pid_, now_); }
  void Ready(int child) { supervisor_.OnReady(At(child), now_); }
  void Up(int child) {
    Started(child);
    Ready(child);
  }
  void Exited(int child, int code) {
    supervisor_.OnExited(At(child), {ChildExit::Kind::kExited, code}, now_);
  }
  void Killed(int child, int signal) {
    supervisor_.OnExited(At(child), {ChildExit::Kind::kSignalled, signal}, now_);
  }
  absl::Status Restart(int child) { return supervisor_.OnRestartRequested(At(child), now_); }
  void Pass(absl::Duration time) {
    now_ = After(now_, time);
    supervisor_.OnTick(now_);
  }
  void PassToDeadline() {
    ASSERT_NE(supervisor_.NextDeadline(), kNever);
    now_ = supervisor_.NextDeadline();
    supervisor_.OnTick(now_);
  }
  absl::Duration TimeToDeadline() const { return ToAbsl(supervisor_.NextDeadline() - now_); }

  std::string Output() {
    std::vector<std::string> words;
    for (const Supervisor::Action& action : supervisor_.TakeOutput()) words.push_back(Word(action));
    EXPECT_EQ(supervisor_.CheckInvariants(), "");
    return absl::StrJoin(words, ", ");
  }
  Supervisor::ChildStatus Status(int child) const {
    return supervisor_.Describe().children[static_cast<size_t>(child)];
  }
  Supervisor& supervisor() { return supervisor_; }
  const std::string& alert_text() const { return alert_text_; }
  Instant now() const { return now_; }

 private:
  static ChildNumber At(int child) { return ChildNumber(static_cast<uint32_t>(child)); }
  static std::vector<std::string> Names(const std::vector<ChildSpec>& table) {
    std::vector<std::string> names;
    for (const ChildSpec& spec : table) names.push_back(spec.name);
    return names;
  }
  std::string Word(const Supervisor::Action& action) {
    if (const auto* start = std::get_if<Supervisor::StartChild>(&action)) {
      return absl::StrCat("start ", names_[start->child.value()]);
    }
    if (const auto* order = std::get_if<Supervisor::SendSignal>(&action)) {
      const bool is_kill = order->signal == Supervisor::SignalKind::kKill;
      return absl::StrCat(is_kill ? "KILL " : "TERM ", names_[order->child.value()]);
    }
    if (const auto* alert = std::get_if<Supervisor::Alert>(&action)) {
      static constexpr const char* kWords[] = {"failed ", "hung ", "slow ", "unkillable ",
                                               "gave up "};
      alert_text_ = alert->text;
      return absl::StrCat(kWords[static_cast<int>(alert->kind)], names_[alert->child.value()]);
    }
    return "stopped";
  }

  std::vector<std::string> names_;
  Random random_{1};
  Instant now_;
  int last_pid_ = 100;
  std::string alert_text_;
  Supervisor supervisor_;
};

std::vector<ChildSpec> Table(std::vector<std::string> names) {
  std::vector<ChildSpec> table;
  for (std::string& name : names) {
    ChildSpec spec;
    spec.name = std::move(name);
    table.push_back(spec);
  }
  return table;
}

TEST(SupervisorTest, ChildrenStartInOrderEachWhenTheFormerIsReady) {
  World world(Table({"a", "b"}));
  EXPECT_EQ(world.Output(), "");
  world.Start();
  EXPECT_EQ(world.Output(), "start a");
  world.Started(0);
  EXPECT_EQ(world.Output(), "");
  world.Ready(0);
  EXPECT_EQ(world.Output(), "start b");
  EXPECT_FALSE(world.supervisor().Describe().all_ready);
  world.Up(1);
  EXPECT_EQ(world.Output(), "");
  EXPECT_TRUE(world.supervisor().Describe().all_ready);
  EXPECT_EQ(world.supervisor().NextDeadline(), kNever);
}

TEST(SupervisorTest, AnEmptyTableStopsAtOnce) {
  World world({});
  world.Start();
  EXPECT_EQ(world.Output(), "");
  world.Stop();
  EXPECT_EQ(world.Output(), "stopped");
}

TEST(SupervisorTest, AFailedChildRestartsAtOnceTheFirstTimeAndOthersAreLeftAlone) {
  World world(Table({"a", "b"}));
  world.Start();
  world.Up(0);
  world.Up(1);
  world.Output();
  world.Killed(0, kSigkill);
  EXPECT_EQ(world.Output(), "failed a, start a");
  EXPECT_TRUE(absl::StrContains(world.alert_text(), "a was killed by signal 9 (Killed)"));
  EXPECT_EQ(world.Status(1).state, Supervisor::State::kReady);
}

TEST(SupervisorTest, PausesGrowFromWellBelowASecondToTheCap) {
  World world(Table({"a"}));
  world.Start();
  world.Started(0);
  world.Exited(0, 1);
  EXPECT_EQ(world.Output(), "start a, failed a, start a");
  for (const double cap_seconds : {0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30., 30., 30.}) {
    world.Started(0);
    world.Exited(0, 1);
    EXPECT_EQ(world.Output(), "failed a");
    EXPECT_LE(world.TimeToDeadline(), absl::Seconds(cap_seconds));
    EXPECT_GE(world.TimeToDeadline(), absl::Seconds(cap_seconds / 2) - absl::Milliseconds(1));
    world.PassToDeadline();
    EXPECT_EQ(world.Output(), "start a");
  }
}

TEST(SupervisorTest, AChildThatRanStablyStartsAfresh) {
  World world(Table({"a"}));
  world.Start();
  world.Started(0);
  world.Exited(0, 1);
  world.Started(0);
  world.Exited(0, 1);
  world.PassToDeadline();
  world.Up(0);
  world.Pass(absl::Seconds(60));
  world.Output();
  world.Exited(0, 1);
  EXPECT_EQ(world.Output(), "failed a, start a");
  EXPECT_EQ(world.Status(0).failures_in_row, 1u);
}

TEST(SupervisorTest, AChildThatRanShortlyDoesNotStartAfresh) {
  World world(Table({"a"}));
  world.Start();
  world.Up(0);
  world.Exited(0, 1);
  world.Up(0);
  world.Pass(absl::Seconds(59));
  world.Output();
  world.Exited(0, 1);
  EXPECT_EQ(world.Output(), "failed a");
}

TEST(SupervisorTest, AChildThatDoesNotGetReadyIsKilledAndRetried) {
  World world(Table({"a", "b"}));
  world.Start();
  world.Started(0);
  world.Output();
  EXPECT_EQ(world.TimeToDeadline(), absl::Seconds(30));
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "hung a, KILL a");
  world.Killed(0, kSigkill);
  EXPECT_EQ(world.Output(), "failed a, start a");
  EXPECT_EQ(world.Status(0).last_exit->reason, Supervisor::Reason::kHungAtStart);
}

TEST(SupervisorTest, AStartThatLeadsToNoProcessIsAFailureLikeOthers) {
  World world(Table({"a"}));
  world.Start();
  world.supervisor().OnExited(ChildNumber(0), {ChildExit::Kind::kNotStarted, 2}, world.now());
  EXPECT_EQ(world.Output(), "start a, failed a, start a");
  EXPECT_TRUE(absl::StrContains(world.alert_text(), "could not be started: No such file"));
  world.supervisor().OnNotStarted(ChildNumber(0), "too many processes", world.now());
  EXPECT_EQ(world.Output(), "failed a");
  EXPECT_TRUE(absl::StrContains(world.alert_text(), "could not be started: too many processes"));
  EXPECT_FALSE(world.Status(0).last_exit->how.has_value());
}

TEST(SupervisorTest, AnEssentialChildThatFailsHoldsUpThoseBehindIt) {
  World world(Table({"a", "b"}));
  world.Start();
  world.Started(0);
  world.Exited(0, 1);
  EXPECT_EQ(world.Output(), "start a, failed a, start a");
}

TEST(SupervisorTest, AChildThatIsNotEssentialHoldsUpOthersOnlyUntilItFails) {
  std::vector<ChildSpec> table = Table({"a", "b"});
  table[0].is_essential = false;
  World world(table);
  world.Start();
  world.Started(0);
  EXPECT_EQ(world.Output(), "start a");
  world.Exited(0, 1);
  EXPECT_EQ(world.Output(), "failed a, start a, start b");
}

TEST(SupervisorTest, StopIsInReverseOrderOneByOne) {
  World world(Table({"a", "b"}));
  world.Start();
  world.Up(0);
  world.Up(1);
  world.Output();
  world.Stop();
  EXPECT_EQ(world.Output(), "TERM b");
  world.Exited(1, 0);
  EXPECT_EQ(world.Output(), "TERM a");
  world.Killed(0, kSigterm);
  EXPECT_EQ(world.Output(), "stopped");
  EXPECT_EQ(world.Status(0).last_exit->reason, Supervisor::Reason::kStopAsked);
}

TEST(SupervisorTest, AChildThatIgnoresTheRequestToStopIsKilledAfterItsBudget) {
  World world(Table({"a", "b"}));
  world.Start();
  world.Up(0);
  world.Up(1);
  world.Stop();
  world.Output();
  EXPECT_EQ(world.TimeToDeadline(), absl::Seconds(10));
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "slow b, KILL b");
  world.Killed(1, kSigkill);
  EXPECT_EQ(world.Output(), "TERM a");
}

TEST(SupervisorTest, AProcessThatSurvivesItsKillIsReportedOnceAndWaitedFor) {
  World world(Table({"a"}));
  world.Start();
  world.Up(0);
  world.Stop();
  world.PassToDeadline();
  world.Output();
  world.PassToDeadline();
  EXPECT_EQ(world.Output(), "unkillable a");
  EXPECT_EQ(world.supervisor().NextDeadline(), kNever);
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.Output(), "");
  world.Killed(0, kSigkill);
  EXPECT_EQ(world.Output(), "stopped");
}

TEST(SupervisorTest, StopDuringStartEndsTheChildThatIsStarting) {
  World world(Table({"a", "b"}));
  world.Start();
  world.Output();
  world.Stop();
  EXPECT_EQ(world.Output(), "");  // it has no process number yet
  world.Started(0);
  EXPECT_EQ(world.Output(), "TERM a");
  world.Ready(0);
  EXPECT_EQ(world.Output(), "");
  world.Exited(0, 0);
  EXPECT_EQ(world.Output(), "stopped");
}

TEST(SupervisorTest, StopDuringAPauseDoesNotWaitForItsEnd) {
  World world(Table({"a"}));
  world.Start();
  world.Started(0);
  world.Exited(0, 1);
  world.Started(0);
  world.Exited(0, 1);
  world.Output();
  world.Stop();
  EXPECT_EQ(world.Output(), "stopped");
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.Output(), "");
}

TEST(SupervisorTest, RestartOnRequestIsOrderlyAtOnceAndNoFailure) {
  World world(Table({"a"}));
  world.Start();
  world.Up(0);
  world.Output();
  EXPECT_TRUE(world.Restart(0).ok());
  EXPECT_EQ(world.Output(), "TERM a");
  world.Exited(0, 0);
  EXPECT_EQ(world.Output(), "start a");
  EXPECT_EQ(world.Status(0).failures_in_row, 0u);
  EXPECT_EQ(world.Status(0).restart_count, 1u);
}

TEST(SupervisorTest, RestartOnRequestEndsAPause) {
  World world(Table({"a"}));
  world.Start();
  world.Started(0);
  world.Exited(0, 1);
  world.Started(0);
  world.Exited(0, 1);
  world.Output();
  EXPECT_TRUE(world.Restart(0).ok());
  EXPECT_EQ(world.Output(), "start a");
}

TEST(SupervisorTest, RestartAskedForBeforeTheProcessHasANumberIsDoneOnceItHasOne) {
  World world(Table({"a"}));
  world.Start();
  EXPECT_TRUE(world.Restart(0).ok());
  EXPECT_EQ(world.Output(), "start a");
  world.Started(0);
  EXPECT_EQ(world.Output(), "TERM a");
}

TEST(SupervisorTest, RestartOfAnUnknownChildOrOutsideOfRunningIsRefused) {
  World world(Table({"a"}));
  EXPECT_EQ(world.Restart(0).code(), absl::StatusCode::kFailedPrecondition);
  world.Start();
  EXPECT_EQ(world.Restart(1).code(), absl::StatusCode::kInvalidArgument);
  world.Stop();
  EXPECT_EQ(world.Restart(0).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(SupervisorTest, AFinalExitCodeOfAnEssentialChildStopsAllAndSaysWhy) {
  std::vector<ChildSpec> table = Table({"a", "b"});
  table[1].final_exit_codes = {65};
  World world(table);
  world.Start();
  world.Up(0);
  world.Started(1);
  world.Output();
  world.Exited(1, 65);
  EXPECT_EQ(world.Output(), "gave up b, TERM a");
  world.Exited(0, 0);
  EXPECT_EQ(world.Output(), "stopped");
  EXPECT_EQ(world.supervisor().Describe().gave_up, "b exited with code 65");
}

TEST(SupervisorTest, AChildThatIsNotEssentialIsGivenUpAloneAndRestartRevivesIt) {
  std::vector<ChildSpec> table = Table({"a", "b"});
  table[1].is_essential = false;
  Supervisor::Options options;
  options.failures_max = 1;
  World world(table, options);
  world.Start();
  world.Up(0);
  world.Up(1);
  world.Output();
  world.Exited(1, 3);
  EXPECT_EQ(world.Output(), "gave up b");
  world.Pass(absl::Hours(1));
  EXPECT_EQ(world.Output(), "");
  EXPECT_TRUE(world.Restart(1).ok());
  EXPECT_EQ(world.Output(), "start b");
}

TEST(SupervisorTest, InputsThatDoNotFitAreIgnored) {
  World world(Table({"a"}));
  world.Ready(0);
  world.Exited(0, 0);
  world.Started(0);
  world.Start();
  world.Start();
  EXPECT_EQ(world.Output(), "start a");
  world.Ready(0);
  world.Up(0);
  world.Up(0);
  world.Up(7);
  world.Exited(7, 0);
  world.supervisor().OnNotStarted(ChildNumber(0), "late", world.now());
  world.Stop();
  world.Stop();
  EXPECT_EQ(world.Output(), "TERM a");
}

TEST(SupervisorTest, DescribeKeepsCountsProcessAndLastExit) {
  World world(Table({"a"}));
  world.Start();
  world.Up(0);
  EXPECT_EQ(world.Status(0).pid, 101);
  EXPECT_FALSE(world.Status(0).last_exit.has_value());
  world.Pass(absl::Seconds(3));
  world.Killed(0, 11);
  const Supervisor::ChildStatus status = world.Status(0);
  EXPECT_EQ(status.name, "a");
  EXPECT_EQ(status.state, Supervisor::State::kLaunching);
  EXPECT_EQ(status.pid, 0);
  EXPECT_EQ(status.start_count, 2u);
  EXPECT_EQ(status.restart_count, 1u);
  EXPECT_EQ(status.last_exit->how, (ChildExit{ChildExit::Kind::kSignalled, 11}));
  EXPECT_EQ(status.last_exit->at, Instant() + std::chrono::seconds(3));
}

}  // namespace
}  // namespace ctdb::daemon
