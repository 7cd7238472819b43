// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/supervisor_driver.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/daemon/process_test_support.h"

namespace ctdb::daemon {
namespace {

class SupervisorDriverTest : public ::testing::Test, public SupervisorDriver::Listener {
 protected:
  ~SupervisorDriverTest() noexcept override {}
  void OnLine(absl::string_view child, ChildProcess::Stream, absl::string_view line) override {
    lines_.push_back(absl::StrCat(child, ": ", line));
    texts_.push_back(std::string(line));
  }
  void OnAlert(const Supervisor::Alert& alert) override { alerts_.push_back(alert.kind); }

  static SupervisorDriver::Child Part(const std::string& name, const std::string& mode) {
    SupervisorDriver::Child part;
    part.spec.name = name;
    part.process.arguments = {kTestProgram, mode};
    return part;
  }
  bool Saw(Supervisor::Alert::Kind kind) const {
    return std::count(alerts_.begin(), alerts_.end(), kind) > 0;
  }
  bool AwaitAllReady(const SupervisorDriver& driver) {
    return Eventually(io_, [&] { return driver.Describe().all_ready; });
  }
  void StopAndWait(SupervisorDriver& driver) {
    driver.Stop();
    driver.WhenStopped().wait(io_.waitScope);
  }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  std::vector<std::string> lines_;
  std::vector<std::string> texts_;
  std::vector<Supervisor::Alert::Kind> alerts_;
};

TEST_F(SupervisorDriverTest, PartsStartInOrderAndStopInReverse) {
  SupervisorDriver driver(io_.unixEventPort, {Part("a", "serve"), Part("b", "serve")}, {}, *this);
  driver.Start();
  ASSERT_TRUE(AwaitAllReady(driver));
  const auto children = driver.Describe().children;
  StopAndWait(driver);
  EXPECT_EQ(lines_, (std::vector<std::string>{absl::StrCat("a: pid ", children[0].pid),
                                              absl::StrCat("b: pid ", children[1].pid), "b: bye",
                                              "a: bye"}));
  EXPECT_TRUE(alerts_.empty());
  EXPECT_FALSE(Runs(children[0].pid));
  EXPECT_FALSE(Runs(children[1].pid));
}

TEST_F(SupervisorDriverTest, AKilledPartIsRestartedAndOthersGoOn) {
  SupervisorDriver driver(io_.unixEventPort, {Part("a", "serve"), Part("b", "serve")}, {}, *this);
  driver.Start();
  ASSERT_TRUE(AwaitAllReady(driver));
  const auto before = driver.Describe().children;
  ASSERT_EQ(::kill(before[0].pid, SIGKILL), 0);
  ASSERT_TRUE(Eventually(io_, [&] {
    const auto child = driver.Describe().children[0];
    return child.state == Supervisor::State::kReady && child.pid != before[0].pid;
  }));
  const auto after = driver.Describe().children;
  EXPECT_EQ(after[0].restart_count, 1u);
  EXPECT_EQ(after[0].last_exit->how, (ChildExit{ChildExit::Kind::kSignalled, SIGKILL}));
  EXPECT_EQ(after[1].pid, before[1].pid);
  StopAndWait(driver);
}

TEST_F(SupervisorDriverTest, APartThatIgnoresTheRequestToStopIsKilledAfterItsBudget) {
  auto part = Part("stubborn", "ignore-stop");
  part.spec.stop_budget = absl::Milliseconds(50);
  SupervisorDriver driver(io_.unixEventPort, {part}, {}, *this);
  driver.Start();
  ASSERT_TRUE(AwaitAllReady(driver));
  StopAndWait(driver);
  EXPECT_TRUE(Saw(Supervisor::Alert::Kind::kStopTooSlow));
  ASSERT_EQ(Pids(texts_).size(), 1u);
  EXPECT_FALSE(Runs(Pids(texts_)[0]));
}

TEST_F(SupervisorDriverTest, APartThatNeverGetsReadyIsKilledAndTriedAgain) {
  auto part = Part("hanging", "hang");
  part.spec.ready_limit = absl::Milliseconds(50);
  SupervisorDriver driver(io_.unixEventPort, {part}, {}, *this);
  driver.Start();
  EXPECT_TRUE(Eventually(io_, [&] { return driver.Describe().children[0].restart_count >= 2; }));
  EXPECT_TRUE(Saw(Supervisor::Alert::Kind::kHungAtStart));
  StopAndWait(driver);
}

TEST_F(SupervisorDriverTest, AProgramThatIsNotThereIsTriedAgainAndStopWorksMeanwhile) {
  SupervisorDriver::Child part;
  part.spec.name = "absent";
  part.process.arguments = {"/nonexistent/program"};
  SupervisorDriver::Child nameless;
  nameless.spec.name = "nameless";
  part.spec.is_essential = false;
  SupervisorDriver driver(io_.unixEventPort, {part, nameless}, {}, *this);
  driver.Start();
  ASSERT_TRUE(Eventually(io_, [&] {
    const auto children = driver.Describe().children;
    return children[0].restart_count >= 2 && children[1].restart_count >= 2;
  }));
  const auto children = driver.Describe().children;
  EXPECT_EQ(children[0].last_exit->how, (ChildExit{ChildExit::Kind::kNotStarted, ENOENT}));
  EXPECT_EQ(children[1].last_exit->text,
            "could not be started: cannot start a child process: no program is named");
  StopAndWait(driver);
}

TEST_F(SupervisorDriverTest, AFinalExitCodeOfAnEssentialPartStopsAll) {
  auto part = Part("b", "exit");
  part.process.arguments.push_back("65");
  part.spec.final_exit_codes = {65};
  SupervisorDriver driver(io_.unixEventPort, {Part("a", "serve"), part}, {}, *this);
  driver.Start();
  driver.WhenStopped().wait(io_.waitScope);
  EXPECT_EQ(driver.Describe().gave_up, "b exited with code 65");
}

TEST_F(SupervisorDriverTest, RestartByNameIsOrderlyAndAnUnknownNameHasASuggestion) {
  SupervisorDriver driver(io_.unixEventPort, {Part("databased", "serve")}, {}, *this);
  driver.Start();
  ASSERT_TRUE(AwaitAllReady(driver));
  EXPECT_EQ(driver.Restart("databsed").code(), absl::StatusCode::kNotFound);
  EXPECT_NE(driver.Restart("databsed").message().find("did you mean \"databased\""),
            absl::string_view::npos);
  ASSERT_TRUE(driver.Restart("databased").ok());
  ASSERT_TRUE(Eventually(io_, [&] {
    return driver.Describe().all_ready && driver.Describe().children[0].restart_count == 1;
  }));
  EXPECT_EQ(driver.Describe().children[0].last_exit->how, (ChildExit{ChildExit::Kind::kExited, 0}));
  StopAndWait(driver);
}

TEST_F(SupervisorDriverTest, DestructionLeavesNoProcessBehind) {
  std::vector<pid_t> pids;
  {
    SupervisorDriver driver(io_.unixEventPort, {Part("a", "ignore-stop"), Part("b", "serve")}, {},
                            *this);
    driver.Start();
    ASSERT_TRUE(AwaitAllReady(driver));
    for (const auto& child : driver.Describe().children) pids.push_back(child.pid);
  }
  for (const pid_t pid : pids) EXPECT_FALSE(Runs(pid));
}

// A whole supervising process, as a child of the test.
TEST_F(SupervisorDriverTest, ASupervisorThatIsKilledLeavesNoChildBehindNotEvenADeafOne) {
  auto host =
      ChildProcess::Start(io_.unixEventPort, {.arguments = {kTestProgram, "host", "ignore-stop"}},
                          [this](ChildProcess::Stream, absl::string_view line) {
                            texts_.push_back(std::string(line));
                          });
  ASSERT_TRUE(host.ok());
  ASSERT_TRUE(Eventually(io_, [&] { return Pids(texts_).size() == 2; }));
  for (const pid_t pid : Pids(texts_)) EXPECT_TRUE(Runs(pid));
  ASSERT_EQ(::kill((*host)->pid(), SIGKILL), 0);  // not its group: the children lead their own
  EXPECT_TRUE(Eventually(io_, [&] { return !Runs(Pids(texts_)[0]) && !Runs(Pids(texts_)[1]); }));
}

TEST_F(SupervisorDriverTest, ASupervisorStopsItsPartsOnSigterm) {
  auto host = ChildProcess::Start(io_.unixEventPort, {.arguments = {kTestProgram, "host", "serve"}},
                                  [this](ChildProcess::Stream, absl::string_view line) {
                                    texts_.push_back(std::string(line));
                                  });
  ASSERT_TRUE(host.ok());
  ASSERT_TRUE(Eventually(io_, [&] { return Pids(texts_).size() == 2; }));
  ASSERT_TRUE((*host)->Signal(SIGTERM).ok());
  EXPECT_EQ((*host)->WhenExited().wait(io_.waitScope), (ChildExit{ChildExit::Kind::kExited, 0}));
  ASSERT_FALSE(texts_.empty());
  EXPECT_EQ(texts_.back(), "stopped");
  for (const pid_t pid : Pids(texts_)) EXPECT_FALSE(Runs(pid));
}

}  // namespace
}  // namespace ctdb::daemon
