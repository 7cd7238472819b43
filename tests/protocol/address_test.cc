// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/protocol/address.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "capnp/types.capnp.h"

namespace ctdb {
namespace {

TEST(AddressTest, TextFormReadsBack) {
  for (const char* text : {"2/database", "this/client:17", "all/cluster", "connected/event",
                           "active/failover", "leader/samba-proxy", "0/1005", "4095/router"}) {
    const auto address = ParseAddress(text);
    ASSERT_TRUE(address.ok()) << text << ": " << address.status();
    EXPECT_EQ(ToString(*address), text);
  }
}

TEST(AddressTest, WrongTextSaysWhichPartIsWrong) {
  EXPECT_TRUE(absl::StrContains(ParseAddress("database").status().message(), "NODE/SERVICE"));
  EXPECT_TRUE(absl::StrContains(ParseAddress("4096/database").status().message(), "invalid node"));
  EXPECT_TRUE(absl::StrContains(ParseAddress("-1/database").status().message(), "invalid node"));
  EXPECT_TRUE(
      absl::StrContains(ParseAddress("al/database").status().message(), "did you mean \"all\"?"));
  EXPECT_TRUE(absl::StrContains(ParseAddress("1/databse").status().message(),
                                "did you mean \"database\"?"));
  EXPECT_TRUE(absl::StrContains(ParseAddress("1/999").status().message(), "unknown service"));
  EXPECT_TRUE(absl::StrContains(ParseAddress("1/client:x").status().message(), "invalid instance"));
}

TEST(AddressTest, ServiceNumbersAreThoseOfTheSchema) {
  EXPECT_EQ(static_cast<int>(ServiceId::kRouter), static_cast<int>(wire::Service::ROUTER));
  EXPECT_EQ(static_cast<int>(ServiceId::kTransport), static_cast<int>(wire::Service::TRANSPORT));
  EXPECT_EQ(static_cast<int>(ServiceId::kMaster), static_cast<int>(wire::Service::MASTER));
  EXPECT_EQ(static_cast<int>(ServiceId::kCluster), static_cast<int>(wire::Service::CLUSTER));
  EXPECT_EQ(static_cast<int>(ServiceId::kDatabase), static_cast<int>(wire::Service::DATABASE));
  EXPECT_EQ(static_cast<int>(ServiceId::kFailover), static_cast<int>(wire::Service::FAILOVER));
  EXPECT_EQ(static_cast<int>(ServiceId::kConntrack), static_cast<int>(wire::Service::CONNTRACK));
  EXPECT_EQ(static_cast<int>(ServiceId::kService), static_cast<int>(wire::Service::SERVICE));
  EXPECT_EQ(static_cast<int>(ServiceId::kEvent), static_cast<int>(wire::Service::EVENT));
  EXPECT_EQ(static_cast<int>(ServiceId::kSambaProxy), static_cast<int>(wire::Service::SAMBA_PROXY));
  EXPECT_EQ(static_cast<int>(ServiceId::kClient), static_cast<int>(wire::Service::CLIENT));
}

}  // namespace
}  // namespace ctdb
