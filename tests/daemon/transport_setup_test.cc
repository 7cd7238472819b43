// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/transport_setup.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "lib/daemon/exit_code.h"

namespace ctdb::daemon {
namespace {

const std::vector<TransportNode> kNodes = {{NodeNumber(0), "10.0.0.1", /*is_deleted=*/true},
                                           {NodeNumber(1), "10.0.0.2"},
                                           {NodeNumber(2), "10.0.0.3"}};

bool Never(const std::string&) { return false; }
bool Always(const std::string&) { return true; }

TEST(FindLocalNodeTest, WithoutConfiguredAddressItIsTheFirstThatThisHostHas) {
  const auto node =
      FindLocalNode(kNodes, "", [](const std::string& address) { return address == "10.0.0.3"; });
  ASSERT_TRUE(node.ok()) << node.status();
  EXPECT_EQ(*node, NodeNumber(2));
}

TEST(FindLocalNodeTest, DeletedNodesAreNobody) {
  EXPECT_EQ(FindLocalNode(kNodes, "", Always).value_or(NodeNumber(99)), NodeNumber(1));
  EXPECT_FALSE(FindLocalNode(kNodes, "10.0.0.1", Always).ok());
}

TEST(FindLocalNodeTest, ConfiguredAddressDecidesWhateverThisHostHas) {
  EXPECT_EQ(FindLocalNode(kNodes, "10.0.0.3", Never).value_or(NodeNumber(99)), NodeNumber(2));
}

TEST(FindLocalNodeTest, ConfiguredAddressThatIsNotInTheListIsNamed) {
  const auto node = FindLocalNode(kNodes, "10.9.9.9", Always);
  EXPECT_TRUE(absl::IsInvalidArgument(node.status()));
  EXPECT_TRUE(absl::StrContains(node.status().message(), "10.9.9.9")) << node.status();
}

TEST(FindLocalNodeTest, HostWithoutAnyAddressOfTheListHasItsOwnExitCode) {
  const auto node = FindLocalNode(kNodes, "", Never);
  EXPECT_TRUE(absl::IsNotFound(node.status()));
  EXPECT_EQ(ExitCodeOf(node.status()), ExitCode::kAddressMissing);
}

}  // namespace
}  // namespace ctdb::daemon
