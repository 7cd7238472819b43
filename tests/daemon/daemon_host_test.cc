// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/daemon_host.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "lib/base/version.h"
#include "tests/daemon/daemon_harness.h"

namespace ctdb::daemon {
namespace {

constexpr auto kService = static_cast<ServiceId>(1000);

class CountingServer final : public ControlServer {
 public:
  explicit CountingServer(DaemonContext& context) : ControlServer(context) {}

 private:
  std::vector<CounterLine> Counters() override { return {{"test.count", count_, "counted"}}; }
  void ResetCounters() override { count_ = 0; }
  uint64_t count_ = 42;
};

// A daemon that implements nothing itself answers all common controls.
class DaemonHostTest : public testing::Test {
 protected:
  DaemonHostTest() : control_(nullptr) {
    harness_.StartDaemon(kService, [](DaemonContext& context) -> capnp::Capability::Client {
      return kj::heap<CountingServer>(context);
    });
    control_ = harness_.Daemon<wire::DaemonControl>(kService);
  }
  ~DaemonHostTest() noexcept override = default;

  test::DaemonHarness harness_;
  wire::DaemonControl::Client control_;
};

TEST_F(DaemonHostTest, PingAnswersWithTheDaemonsClock) {
  const auto reply = harness_.Call(control_.pingRequest().send());
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_GT(reply->getTime(), 1.7e9);
}

TEST_F(DaemonHostTest, VersionIsThatOfTheSoftwareAndTheProtocol) {
  const auto reply = harness_.Call(control_.versionRequest().send());
  ASSERT_TRUE(reply.ok());
  EXPECT_STREQ(reply->getVersion().getSoftware().cStr(), kSoftwareVersion);
  EXPECT_EQ(reply->getVersion().getProtocolMajor(), kProtocolMajor);
}

TEST_F(DaemonHostTest, StatusSaysWhoAndWhereAndHowItsLogIs) {
  const auto reply = harness_.Call(control_.statusRequest().send());
  ASSERT_TRUE(reply.ok());
  const auto status = reply->getStatus();
  EXPECT_STREQ(status.getName().cStr(), "testd");
  EXPECT_EQ(status.getPid(), static_cast<uint32_t>(::getpid()));
  EXPECT_EQ(status.getService(), 1000);
  EXPECT_NE(status.getInstance(), 0u);
  EXPECT_STREQ(status.getLogLevel().cStr(), "DEBUG");
  EXPECT_STREQ(status.getLogSink().getLocation().cStr(), "file:test");
  EXPECT_FALSE(status.getLogSink().getFailing());
}

TEST_F(DaemonHostTest, StatisticsCountFromTheLastReset) {
  auto reply = harness_.Call(control_.statisticsRequest().send());
  ASSERT_TRUE(reply.ok());
  ASSERT_EQ(reply->getCounters().size(), 1u);
  EXPECT_EQ(reply->getCounters()[0].getValue(), 42u);
  const double since = reply->getSince();
  ASSERT_TRUE(harness_.Call(control_.resetStatisticsRequest().send()).ok());
  reply = harness_.Call(control_.statisticsRequest().send());
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->getCounters()[0].getValue(), 0u);
  EXPECT_GT(reply->getSince(), since);
}

TEST_F(DaemonHostTest, LogLevelCanBeChangedAndAWrongOneIsExplained) {
  auto request = control_.setLogLevelRequest();
  request.setLevel("warn");
  ASSERT_TRUE(harness_.Call(request.send()).ok());
  auto level = harness_.Call(control_.getLogLevelRequest().send());
  ASSERT_TRUE(level.ok());
  EXPECT_STREQ(level->getLevel().cStr(), "WARNING");
  auto wrong = control_.setLogLevelRequest();
  wrong.setLevel("loud");
  const absl::Status status = harness_.Call(wrong.send()).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "'loud'"));
}

TEST_F(DaemonHostTest, ReloadAndShutdownReachTheProgramAndAreAnswered) {
  ASSERT_TRUE(harness_.Call(control_.reloadRequest().send()).ok());
  EXPECT_EQ(harness_.reload_cause(), "a request");
  ASSERT_TRUE(harness_.Call(control_.shutdownRequest().send()).ok());
  EXPECT_EQ(harness_.stop_cause(), "a request");
}

TEST_F(DaemonHostTest, IsDrainedWhenTheTransportHasPassedOnEverything) {
  harness_.host().WhenDrained().wait(harness_.wait_scope());
  EXPECT_EQ(harness_.host().endpoint().queued_bytes(), 0u);
}

}  // namespace
}  // namespace ctdb::daemon
