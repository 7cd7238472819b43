// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/transport_setup.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "lib/daemon/exit_code.h"

namespace ctdb::daemon {
namespace {

const std::vector<TransportNode>& Nodes() {
  static const auto* const nodes =
      new std::vector<TransportNode>{{NodeNumber(0), "10.0.0.1", false},
                                     {NodeNumber(1), "0.0.0.0", true},
                                     {NodeNumber(2), "10.0.0.3", false}};
  return *nodes;
}

TEST(TransportSetupTest, AConfiguredAddressDecidesWhateverTheHostHas) {
  EXPECT_EQ(*FindLocalNode(Nodes(), "10.0.0.3", [](const std::string&) { return false; }),
            NodeNumber(2));
}

TEST(TransportSetupTest, AConfiguredAddressThatIsNotInTheListIsNamed) {
  const auto node = FindLocalNode(Nodes(), "10.0.0.9", [](const std::string&) { return true; });
  EXPECT_TRUE(absl::StrContains(node.status().message(), "10.0.0.9 is not in the nodes list"));
}

TEST(TransportSetupTest, OtherwiseTheFirstAddressOfThisHostDecidesDeletedNodesAside) {
  EXPECT_EQ(
      *FindLocalNode(Nodes(), "", [](const std::string& address) { return address != "10.0.0.1"; }),
      NodeNumber(2));
}

TEST(TransportSetupTest, AHostThatIsNotInTheListHasAnExitCodeOfItsOwn) {
  const auto node = FindLocalNode(Nodes(), "", [](const std::string&) { return false; });
  EXPECT_EQ(ExitCodeOf(node.status()), ExitCode::kAddressMissing);
  EXPECT_TRUE(absl::StrContains(node.status().message(), "none of the addresses"));
}

}  // namespace
}  // namespace ctdb::daemon
