// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/master_server.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "lib/config/option_table.h"
#include "lib/config/tunable_table.h"
#include "tests/daemon/daemon_harness.h"

namespace ctdb::daemon {
namespace {

class MasterServerTest : public testing::Test {
 protected:
  MasterServerTest() : master_(nullptr) {
    harness_.StartDaemon(ServiceId::kMaster,
                         [this](DaemonContext& context) -> capnp::Capability::Client {
                           return kj::heap<MasterServer>(context, MakeOptions());
                         });
    master_ = harness_.Daemon<wire::Master>(ServiceId::kMaster);
  }
  ~MasterServerTest() noexcept override = default;

  MasterServer::Options MakeOptions() {
    return {"single",
            config::Config(config::Paths()),
            config::Paths(),
            config::Tunables(),
            [] { return wire::RunState::STARTUP; },
            [] {
              ProcessStatus process;
              process.name = "partd";
              process.pid = 4711;
              process.restart_count = 3;
              process.last_exit = "exited with code 1";
              return std::vector<ProcessStatus>{process};
            },
            /*on_own_change=*/{}};
  }

  test::DaemonHarness harness_;
  wire::Master::Client master_;
};

TEST_F(MasterServerTest, OverviewHasRunStateAndProcesses) {
  const auto reply = harness_.Call(master_.overviewRequest().send());
  ASSERT_TRUE(reply.ok()) << reply.status();
  const auto overview = reply->getOverview();
  EXPECT_EQ(overview.getRunState(), wire::RunState::STARTUP);
  EXPECT_STREQ(overview.getProcessModel().cStr(), "single");
  EXPECT_GE(overview.getCurrentTime(), overview.getStartTime());
  ASSERT_EQ(overview.getProcesses().size(), 1u);
  EXPECT_STREQ(overview.getProcesses()[0].getName().cStr(), "partd");
  EXPECT_EQ(overview.getProcesses()[0].getRestartCount(), 3u);
}

TEST_F(MasterServerTest, ConfigHasEveryOptionWithItsOrigin) {
  const auto reply = harness_.Call(master_.configRequest().send());
  ASSERT_TRUE(reply.ok());
  ASSERT_EQ(reply->getOptions().size(), config::OptionTable().size());
  EXPECT_STREQ(reply->getOptions()[0].getName().cStr(), "location");
  EXPECT_STREQ(reply->getOptions()[0].getOrigin().cStr(), "default");
}

TEST_F(MasterServerTest, ATunableCanBeSetInAnyCaseAndIsLogged) {
  auto request = master_.setTunableRequest();
  request.setName("keepaliveinterval");
  request.setValue(7);
  ASSERT_TRUE(harness_.Call(request.send()).ok());
  const auto reply = harness_.Call(master_.listTunablesRequest().send());
  ASSERT_TRUE(reply.ok());
  ASSERT_EQ(reply->getTunables().size(), config::kTunableCount);
  const auto tunable = reply->getTunables()[3];
  EXPECT_STREQ(tunable.getName().cStr(), "KeepaliveInterval");
  EXPECT_EQ(tunable.getValue(), 7u);
  EXPECT_EQ(tunable.getDefaultValue(), 1u);
  EXPECT_TRUE(harness_.log().Contains("Set tunable keepaliveinterval to 7"));
}

TEST_F(MasterServerTest, AnUnknownTunableIsRefused) {
  auto request = master_.setTunableRequest();
  request.setName("KeepaliveIntervall");
  request.setValue(7);
  const absl::Status status = harness_.Call(request.send()).status();
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(absl::StrContains(status.message(), "KeepaliveInterval")) << status;
}

}  // namespace
}  // namespace ctdb::daemon
