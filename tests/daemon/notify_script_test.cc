// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/notify_script.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <memory>

#include "lib/base/io/file.h"
#include "tests/daemon/process_test_support.h"
#include "tests/testing/captured_log.h"

namespace ctdb::daemon {
namespace {

class NotifyScriptTest : public testing::Test {
 protected:
  ~NotifyScriptTest() noexcept override = default;

  void SetUp() override {
    std::filesystem::remove_all(TestPath("notify"));
    std::filesystem::create_directory(TestPath("notify"));
  }
  static std::string ScriptPath() { return TestPath("notify/notify.sh"); }
  static std::string Path(const std::string& name) { return TestPath("notify/" + name); }
  void Write(const std::string& lines, unsigned int mode = 0755) {
    ASSERT_TRUE(WriteFileAtomically(ScriptPath(), "#!/bin/sh\n" + lines, mode).ok());
    ASSERT_EQ(::chmod(ScriptPath().c_str(), mode), 0);
  }
  bool Await(const std::string& logged, int count = 1) {
    return Eventually(io_, [&] { return log_.Count(logged) == count; });
  }
  // What the scripts have written so far.
  std::string Written() { return ReadFile(Path("written"), 100000).value_or(""); }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  test::CapturedLog log_;
  std::unique_ptr<NotifyScript> notify_ =
      std::make_unique<NotifyScript>(io_, ScriptPath(), log_.logger());
};

TEST_F(NotifyScriptTest, TheScriptGetsTheEventAndItsOutputIsLogged) {
  Write("echo \"event: $1, arguments: $#\"");
  notify_->Run("healthy");
  EXPECT_TRUE(Await("notify.sh: event: healthy, arguments: 1"));
}

TEST_F(NotifyScriptTest, EventsAreHandledOneAfterTheOtherInTheirOrder) {
  Write("echo begin $1 >> " + Path("written") + "; echo end $1 >> " + Path("written"));
  for (const char* event : {"init", "setup", "startup"}) notify_->Run(event);
  EXPECT_TRUE(Eventually(io_, [&] { return absl::StrContains(Written(), "end startup"); }));
  EXPECT_EQ(Written(),
            "begin init\nend init\nbegin setup\nend setup\nbegin startup\nend startup\n");
}

TEST_F(NotifyScriptTest, AMissingScriptIsSaidOnceAndHarmless) {
  notify_->Run("init");
  notify_->Run("setup");
  EXPECT_EQ(log_.Count("Could not stat notification script " + ScriptPath()), 1);
  Write("echo $1");
  notify_->Run("startup");
  EXPECT_TRUE(Await("notify.sh: startup")) << "it came later";
  EXPECT_FALSE(log_.Contains("notify.sh: init"));
}

TEST_F(NotifyScriptTest, AScriptThatIsNotExecutableIsSaidOnceAndNotRun) {
  Write("echo $1", 0644);
  notify_->Run("init");
  notify_->Run("setup");
  EXPECT_EQ(log_.Count("Notification script " + ScriptPath() + " is not executable."), 1);
}

TEST_F(NotifyScriptTest, AFailingScriptIsLoggedAndTheNextEventsGoOn) {
  Write("echo $1; [ $1 != unhealthy ] || exit 3");
  notify_->Run("unhealthy");
  notify_->Run("healthy");
  EXPECT_TRUE(Await("notify.sh: healthy"));
  EXPECT_TRUE(log_.Contains(ScriptPath() + " unhealthy\" exited with code 3"));
}

TEST_F(NotifyScriptTest, AScriptThatIsKilledIsLogged) {
  Write("kill -9 $$");
  notify_->Run("healthy");
  EXPECT_TRUE(Await("was killed by signal 9"));
}

TEST_F(NotifyScriptTest, EventsThatWaitForASlowScriptAreBounded) {
  Write("echo $1 >> " + Path("written") + "; while [ ! -e " + Path("go") +
        " ]; do sleep 0.01; done");
  notify_->Run("first");
  for (size_t i = 0; i < NotifyScript::kWaitingMax; ++i) notify_->Run("waiting");
  EXPECT_FALSE(log_.Contains("notify_dropped"));
  notify_->Run("healthy");
  EXPECT_TRUE(log_.Contains("Dropped the notification \"healthy\""));
  ASSERT_TRUE(WriteFileAtomically(Path("go"), "").ok());
  const std::string last = "waiting\n";
  const size_t size = std::string("first\n").size() + NotifyScript::kWaitingMax * last.size();
  EXPECT_TRUE(Eventually(io_, [&] { return Written().size() == size; }));
}

TEST_F(NotifyScriptTest, AtItsEndARunningScriptIsKilled) {
  Write("echo pid $$; while true; do sleep 1; done");
  notify_->Run("healthy");
  ASSERT_TRUE(Await("notify.sh: pid "));
  const std::string text = log_.text();
  int pid = 0;
  const size_t at = text.find("notify.sh: pid ") + 15;
  ASSERT_TRUE(
      absl::SimpleAtoi(text.substr(at, text.find_first_not_of("0123456789", at) - at), &pid));
  EXPECT_TRUE(Runs(pid));
  notify_.reset();
  EXPECT_TRUE(Eventually(io_, [&] { return !Runs(pid); }));
}

}  // namespace
}  // namespace ctdb::daemon
