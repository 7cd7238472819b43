// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/local/layout.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ctdb::cli::local {
namespace {

TEST(LayoutTest, EveryNodeHasItsOwnDirectory) {
  EXPECT_EQ(LogFile("/c", 2), "/c/node.2/log.ctdb");
  EXPECT_EQ(SocketFile("/c", 2), "/c/node.2/run/transport.socket");
  const std::vector<std::string> directories = NodeDirectories("/c", 0);
  const std::set<std::string> set(directories.begin(), directories.end());
  for (const char* name :
       {"db/volatile", "db/persistent", "db/state", "run", "var", "share", "events/legacy"}) {
    EXPECT_EQ(set.count(absl::StrCat("/c/node.0/", name)), 1u) << name;
  }
}

TEST(LayoutTest, ConfigurationNamesTheNodesOwnPlaces) {
  EXPECT_EQ(ConfigText("/c", 1, "127.5.6.2", false),
            "[logging]\n"
            "\tlocation = file:/c/node.1/log.ctdb\n"
            "\tlog level = INFO\n"
            "\n"
            "[cluster]\n"
            "\tnode address = 127.5.6.2\n"
            "\n"
            "[database]\n"
            "\tvolatile database directory = /c/node.1/db/volatile\n"
            "\tpersistent database directory = /c/node.1/db/persistent\n"
            "\tstate database directory = /c/node.1/db/state\n"
            "\n"
            "[daemon]\n"
            "\tprocess model = single\n");
  EXPECT_TRUE(absl::StrContains(ConfigText("/c", 1, "127.5.6.2", true), "process model = multi\n"));
}

TEST(LayoutTest, AddressesAreABlockOfTheLoopbackNetworkThatOthersDoNotUse) {
  std::set<std::string> first;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const std::vector<std::string> addresses = DrawAddresses(random, 3);
    ASSERT_EQ(addresses.size(), 3u);
    const std::string block = addresses[0].substr(0, addresses[0].rfind('.'));
    EXPECT_EQ(addresses[0], block + ".1");
    EXPECT_EQ(addresses[2], block + ".3");
    EXPECT_TRUE(absl::StartsWith(block, "127."));
    EXPECT_FALSE(absl::StartsWith(block, "127.0."));
    EXPECT_FALSE(absl::StartsWith(block, "127.255."));
    first.insert(block);
  }
  EXPECT_GT(first.size(), 190u);
}

TEST(LayoutTest, NodesFileHasOneAddressPerLine) {
  EXPECT_EQ(NodesText({"127.1.2.1", "127.1.2.2"}), "127.1.2.1\n127.1.2.2\n");
}

TEST(LayoutTest, PlacesThatCannotWorkAreRefusedWithTheReason) {
  EXPECT_TRUE(CheckPlace("/tmp/c", 3).ok());
  EXPECT_TRUE(CheckPlace("/tmp/c", kLocalNodesMax).ok());
  EXPECT_FALSE(CheckPlace("/tmp/c", 0).ok());
  EXPECT_FALSE(CheckPlace("/tmp/c", kLocalNodesMax + 1).ok());
  const absl::Status status = CheckPlace("/" + std::string(100, 'x'), 3);
  EXPECT_TRUE(absl::StrContains(status.message(), "22 bytes too long")) << status;
}

TEST(LayoutTest, EnvironmentPutsAProgramOnTheNode) {
  const auto variables = NodeEnvironment("/c", 1, "/usr/sbin");
  EXPECT_EQ(variables.size(), 3u);
  EXPECT_EQ(variables[1].first, "CTDB_BASE");
  EXPECT_EQ(variables[1].second, "/c/node.1");
}

}  // namespace
}  // namespace ctdb::cli::local
