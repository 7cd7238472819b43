// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/transport_server.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/daemon/daemon_harness.h"

namespace ctdb::daemon {
namespace {

class TransportServerTest : public testing::Test {
 protected:
  TransportServerTest() : transport_(nullptr) {
    harness_.StartDaemon(ServiceId::kTransport,
                         [this](DaemonContext& context) -> capnp::Capability::Client {
                           return kj::heap<TransportServer>(context, harness_.loop());
                         });
    transport_ = harness_.Daemon<wire::Transport>(ServiceId::kTransport);
  }
  ~TransportServerTest() noexcept override = default;

  test::DaemonHarness harness_;
  wire::Transport::Client transport_;
};

TEST_F(TransportServerTest, NodesAreThoseOfTheListWithTheStateOfTheirLinks) {
  const auto reply = harness_.Call(transport_.nodesRequest().send());
  ASSERT_TRUE(reply.ok()) << reply.status();
  ASSERT_EQ(reply->getNodes().size(), 2u);
  EXPECT_TRUE(reply->getNodes()[0].getLocal());
  EXPECT_TRUE(reply->getNodes()[0].getConnected());
  EXPECT_STREQ(reply->getNodes()[0].getSoftware().cStr(), "test transport");
  EXPECT_STREQ(reply->getNodes()[1].getAddress().cStr(), "127.0.0.2");
  EXPECT_FALSE(reply->getNodes()[1].getConnected());
  EXPECT_STREQ(reply->getNodes()[1].getState().cStr(), "waiting for it to connect");
}

TEST_F(TransportServerTest, EndpointsAreTheDaemonAndItsCaller) {
  const auto reply = harness_.Call(transport_.endpointsRequest().send());
  ASSERT_TRUE(reply.ok());
  std::set<uint16_t> services;
  for (auto endpoint : reply->getEndpoints()) {
    services.insert(endpoint.getAddress().getService());
    EXPECT_GT(endpoint.getPacketsReceived(), 0u);
  }
  EXPECT_EQ(services, (std::set<uint16_t>{static_cast<uint16_t>(ServiceId::kTransport),
                                          static_cast<uint16_t>(ServiceId::kClient)}));
}

TEST_F(TransportServerTest, PacketsAreCountedAndTheCountCanBeReset) {
  const auto routed = [&] {
    const auto reply = harness_.Call(transport_.statisticsRequest().send());
    return reply.ok() ? reply->getCounters()[0].getValue() : 0;
  };
  EXPECT_GT(routed(), 0u);
  for (int i = 0; i < 20; ++i) routed();
  const uint64_t before = routed();
  ASSERT_TRUE(harness_.Call(transport_.resetStatisticsRequest().send()).ok());
  EXPECT_LT(routed(), before);
}

}  // namespace
}  // namespace ctdb::daemon
