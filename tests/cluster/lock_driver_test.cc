// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/io/lock_driver.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "tests/cluster/lock_test_support.h"

namespace ctdb::cluster {
namespace {

using State = LockClient::State;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr LockClient::Options kQuick = {.attempt_limit = absl::Milliseconds(300),
                                        .end_grace = absl::Milliseconds(100)};

size_t OpenDescriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

class LockDriverTest : public DriverTest {};

TEST_F(LockDriverTest, OneCharacterWithoutALineBreakTakesTheLockAndReleaseEndsTheHelper) {
  MakeScriptDriver("printf 0; exec sleep 60");
  driver_->Take();
  const LockClient::Answer answer = NextAnswer();
  EXPECT_EQ(answer.answer, LockAnswer::kTaken);
  EXPECT_TRUE(answer.latency.has_value());
  EXPECT_TRUE(driver_->is_held());
  const pid_t pid = driver_->Describe().pid;
  EXPECT_TRUE(daemon::Runs(pid));
  driver_->Release();
  EXPECT_TRUE(AwaitFree());
  EXPECT_FALSE(daemon::Runs(pid));
  EXPECT_EQ(driver_->Describe().pid, 0);
  EXPECT_EQ(answers_.size(), 1u);
}

TEST_F(LockDriverTest, OtherAnswersArrive) {
  MakeScriptDriver("printf 1");
  EXPECT_EQ(Take(), LockAnswer::kContended);
  MakeScriptDriver("printf 2");
  EXPECT_EQ(Take(), LockAnswer::kTimedOut);
  MakeScriptDriver("printf 3");
  EXPECT_EQ(Take(), LockAnswer::kFailed);
}

TEST_F(LockDriverTest, MissingHelperSaysWhatToDo) {
  MakeDriver({folder_ + "/gone"});
  driver_->Take();
  const LockClient::Answer answer = NextAnswer();
  EXPECT_EQ(answer.answer, LockAnswer::kFailed);
  EXPECT_THAT(answer.why, HasSubstr(folder_ + "/gone cannot be executed: No such file or "
                                              "directory: install it, or correct"));
}

TEST_F(LockDriverTest, HelperThatIsNotExecutableSaysWhatToDo) {
  MakeDriver({WriteScript("printf 0", 0644)});
  driver_->Take();
  EXPECT_THAT(NextAnswer().why,
              HasSubstr("cannot be executed: Permission denied: make it executable, or correct"));
}

TEST_F(LockDriverTest, FailedAttemptsLeaveNothingBehind_Bug89) {
  MakeDriver({folder_ + "/gone"});
  EXPECT_EQ(Take(), LockAnswer::kFailed);
  EXPECT_TRUE(AwaitFree());
  const size_t before = OpenDescriptors();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(Take(), LockAnswer::kFailed);
    EXPECT_TRUE(AwaitFree());
  }
  EXPECT_EQ(OpenDescriptors(), before);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);  // No child, not even a dead one.
}

TEST_F(LockDriverTest, HangingHelperTimesOutAndIsEnded_Bug91) {
  MakeScriptDriver("exec sleep 60", kQuick);
  driver_->Take();
  const pid_t pid = driver_->Describe().pid;
  const LockClient::Answer answer = NextAnswer();
  EXPECT_EQ(answer.answer, LockAnswer::kTimedOut);
  EXPECT_THAT(answer.why, HasSubstr("did not answer within 300ms"));
  EXPECT_TRUE(AwaitFree());
  EXPECT_FALSE(daemon::Runs(pid));
}

TEST_F(LockDriverTest, HelperThatIgnoresSigtermIsKilledWithAllItsProcessesAndThatIsLogged_Bug91) {
  MakeScriptDriver("trap '' TERM; sleep 60 & echo $! >&2; printf 0; while :; do sleep 60; done",
                   kQuick);
  EXPECT_EQ(Take(), LockAnswer::kTaken);
  ASSERT_TRUE(Await([this] { return !lines_.empty(); }));
  const pid_t child = std::stoi(lines_[0]);
  driver_->Release();
  EXPECT_TRUE(AwaitFree());
  EXPECT_TRUE(Await([&] { return !daemon::Runs(child); }));
  EXPECT_THAT(lines_, Contains(HasSubstr("was killed by signal 9 (Killed)")));
}

TEST_F(LockDriverTest, HelperThatEndsAtOnceIsAnErrorWithItsOwnWords) {
  MakeScriptDriver("echo 'no such server' >&2; exit 5");
  driver_->Take();
  const LockClient::Answer answer = NextAnswer();
  EXPECT_EQ(answer.answer, LockAnswer::kFailed);
  EXPECT_THAT(answer.why, HasSubstr("exited with code 5 without an answer"));
  EXPECT_THAT(lines_, ElementsAre("no such server"));
}

TEST_F(LockDriverTest, EndWhileHoldingIsALoss) {
  MakeScriptDriver("printf 0; exec sleep 60");
  EXPECT_EQ(Take(), LockAnswer::kTaken);
  ::kill(driver_->Describe().pid, SIGKILL);
  EXPECT_EQ(NextAnswer().answer, LockAnswer::kLost);
  EXPECT_TRUE(AwaitFree());
  EXPECT_EQ(answers_.size(), 2u);
  EXPECT_EQ(Take(), LockAnswer::kTaken);  // A new helper.
}

TEST_F(LockDriverTest, ZeroFollowedByTheEndIsTakenAndThenLost) {
  MakeScriptDriver("printf 0");
  EXPECT_EQ(Take(), LockAnswer::kTaken);
  EXPECT_EQ(NextAnswer().answer, LockAnswer::kLost);
}

TEST_F(LockDriverTest, ClosedOutputWhileHoldingIsALossAndEndsTheHelper) {
  MakeScriptDriver("printf 0; exec sleep 60 >&-");
  EXPECT_EQ(Take(), LockAnswer::kTaken);
  EXPECT_EQ(NextAnswer().answer, LockAnswer::kLost);
  EXPECT_TRUE(AwaitFree());
}

TEST_F(LockDriverTest, NonsenseIsAnOrdinaryError_Bug97) {
  MakeScriptDriver("echo 'hello, world'; exec sleep 60", kQuick);
  driver_->Take();
  const LockClient::Answer answer = NextAnswer();
  EXPECT_EQ(answer.answer, LockAnswer::kFailed);
  EXPECT_THAT(answer.why, HasSubstr("printed \"h\", which is no answer"));
  EXPECT_TRUE(AwaitFree());
  EXPECT_EQ(Take(), LockAnswer::kFailed);  // It may try again.
}

TEST_F(LockDriverTest, FurtherOutputIsIgnored) {
  MakeScriptDriver(
      "printf 0; printf 0; echo 3; yes 1 | head -c 300000; echo done >&2\n"
      "exec sleep 60");
  EXPECT_EQ(Take(), LockAnswer::kTaken);
  EXPECT_TRUE(Await([this] { return !lines_.empty(); }));
  EXPECT_THAT(lines_, ElementsAre("done"));
  EXPECT_EQ(answers_.size(), 1u);
  EXPECT_TRUE(driver_->is_held());
}

TEST_F(LockDriverTest, NextHelperStartsWhenTheFormerOneHasGone) {
  const std::string pids = folder_ + "/pids";
  // Says "both" if the former helper still runs.
  MakeScriptDriver("kill -0 $(cat " + pids + ") && echo both >&2\necho $$ > " + pids +
                   "\nprintf 0\ntrap 'exit 0' TERM\nwhile :; do sleep 0.1; done");
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Take(), LockAnswer::kTaken);
    driver_->Release();
  }
  EXPECT_TRUE(AwaitFree());
  EXPECT_THAT(lines_, testing::Not(Contains("both")));
}

TEST_F(LockDriverTest, HelperCanBeKilledWhateverWeBlockOrIgnore_Bug93) {
  sigset_t all, before;
  sigfillset(&all);
  ASSERT_EQ(::sigprocmask(SIG_BLOCK, &all, &before), 0);
  ::signal(SIGTERM, SIG_IGN);
  MakeScriptDriver("grep -E 'Sig(Blk|Ign)' /proc/self/status >&2; printf 0; exec sleep 60",
                   {.end_grace = absl::Hours(1)});  // Only SIGTERM can end it.
  driver_->Take();
  ::signal(SIGTERM, SIG_DFL);
  ASSERT_EQ(::sigprocmask(SIG_SETMASK, &before, nullptr), 0);
  EXPECT_EQ(NextAnswer().answer, LockAnswer::kTaken);
  driver_->Release();
  EXPECT_TRUE(AwaitFree());
  ASSERT_EQ(lines_.size(), 2u);
  for (const std::string& line : lines_) {
    // Those from 32 on are the C library's own.
    EXPECT_EQ(std::stoull(line.substr(line.find('\t')), nullptr, 16) & 0x7fffffff, 0u) << line;
  }
}

TEST_F(LockDriverTest, SigtermRightAfterTheForkIsNotLostInOurHandler_Bug93) {
  struct sigaction before = {};
  struct sigaction ours = {};
  ours.sa_handler = [](int) {};
  ASSERT_EQ(::sigaction(SIGTERM, &ours, &before), 0);
  MakeDriver({"/bin/sleep", "60"}, {.end_grace = absl::Hours(1)});
  for (int i = 0; i < 100; ++i) {
    driver_->Take();
    driver_->Release();
    ASSERT_TRUE(AwaitFree()) << i;
  }
  ::sigaction(SIGTERM, &before, nullptr);
}

TEST_F(LockDriverTest, HelperInheritsNoDescriptorsOfOurs) {
  const int ours = ::dup(STDERR_FILENO);  // Not close-on-exec.
  MakeScriptDriver("exec ls /proc/self/fd >&2");
  EXPECT_EQ(Take(), LockAnswer::kFailed);
  ::close(ours);
  // 3 is the end of the pipe for readiness (ready_notice.h), 4 the folder that it lists.
  EXPECT_THAT(lines_, ElementsAre("0", "1", "2", "3", "4"));
}

// Without an event loop of its own: a fork must not share one.
TEST(LockDriverProcessTest, HelperDiesWhenWeAreKilled) {
  const std::string pid_file = TestFolder() + "/pid";
  const pid_t daemon = ::fork();
  if (daemon == 0) {
    auto io = kj::setupAsyncIo();
    LockDriver driver(
        io.unixEventPort,
        {{"/bin/sh", "-c", "trap '' TERM; echo $$ > " + pid_file + "; while :; do sleep 1; done"}},
        {}, [](const LockClient::Answer&) {}, [](absl::string_view) {});
    driver.Take();
    kj::Promise<void>(kj::NEVER_DONE).wait(io.waitScope);
  }
  std::string pid;
  EXPECT_TRUE(daemon::Eventually([&] {
    pid = ReadFile(pid_file, 4096).value_or("");
    return absl::EndsWith(pid, "\n");
  }));
  EXPECT_TRUE(daemon::Runs(std::stoi(pid)));
  ::kill(daemon, SIGKILL);
  EXPECT_EQ(::waitpid(daemon, nullptr, 0), daemon);
  EXPECT_TRUE(daemon::Eventually([&] { return !daemon::Runs(std::stoi(pid)); }));
}

TEST_F(LockDriverTest, DestructionKillsTheHelper) {
  MakeScriptDriver("trap '' TERM; printf 0; while :; do sleep 0.1; done");
  EXPECT_EQ(Take(), LockAnswer::kTaken);
  const pid_t pid = driver_->Describe().pid;
  driver_ = nullptr;
  EXPECT_FALSE(daemon::Runs(pid));
}

TEST_F(LockDriverTest, CallbacksMayTakeAndReleaseAndRepetitionDoesNoHarm_Bug96) {
  int answers = 0;
  driver_ = kj::heap<LockDriver>(
      io_.unixEventPort, LockCommand{{WriteScript("printf 0; exec sleep 60")}},
      LockClient::Options{},
      [&](const LockClient::Answer&) {
        driver_->Release();
        driver_->Release();
        if (++answers < 3) driver_->Take();
      },
      [](absl::string_view) {});
  driver_->Take();
  driver_->Take();
  EXPECT_TRUE(Await([&] { return answers == 3; }));
  driver_->Release();
  EXPECT_TRUE(AwaitFree());
  EXPECT_TRUE(AwaitFree());
  EXPECT_EQ(answers, 3);
  EXPECT_EQ(state(), State::kIdle);
}

}  // namespace
}  // namespace ctdb::cluster
