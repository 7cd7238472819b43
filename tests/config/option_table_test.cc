// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/option_table.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/match.h"

namespace ctdb::config {
namespace {

TEST(OptionTableTest, SectionsAreInTheOrderOfDump) {
  const std::vector<absl::string_view> expected = {"logging",  "cluster", "database", "event",
                                                   "failover", "legacy",  "daemon",   "samba"};
  EXPECT_EQ(SectionNames(), expected);
  EXPECT_EQ(OptionTable().size(), 28u);
}

TEST(OptionTableTest, SambaIsServedOnlyWhenAnAdministratorSaysSo) {
  const OptionSpec* option = FindOption("samba", "enabled");
  ASSERT_NE(option, nullptr);
  EXPECT_EQ(option->default_text, "false");
}

TEST(OptionTableTest, TwoNodesGoOnAloneOnlyWhenAnAdministratorSaysSo) {
  const OptionSpec* option = FindOption("cluster", "two nodes");
  ASSERT_NE(option, nullptr);
  EXPECT_EQ(option->default_text, "false");
}

TEST(OptionTableTest, EveryOptionIsDocumentedAndOnce) {
  std::set<std::pair<absl::string_view, absl::string_view>> seen;
  for (const OptionSpec& option : OptionTable()) {
    EXPECT_TRUE(seen.insert({option.section, option.name}).second) << option.name;
    EXPECT_TRUE(absl::EndsWith(option.doc, ".")) << option.name;
    EXPECT_FALSE(absl::StrContains(option.doc, "\n")) << option.name;
  }
}

TEST(OptionTableTest, EveryDefaultHasItsOptionsTypeOrIsAnUnsetString) {
  for (const OptionSpec& option : OptionTable()) {
    const std::string text = DefaultText(option, Paths());
    if (option.type == OptionType::kString && text.empty()) continue;
    EXPECT_TRUE(ParseOptionValue(option.type, text).has_value()) << option.name;
  }
}

TEST(OptionTableTest, DefaultsFollowThePaths) {
  EXPECT_EQ(DefaultText(*FindOption("logging", "location"), Paths()),
            "file:/var/log/ctdb/log.ctdb");
  EXPECT_EQ(DefaultText(*FindOption("database", "state database directory"), Paths()),
            "/var/lib/ctdb/state");
}

TEST(OptionTableTest, SectionsAreFoundInAnyCaseAndOptionsInTheirs) {
  EXPECT_EQ(FindOption("CLUSTER", "transport"), FindOption("cluster", "transport"));
  EXPECT_NE(FindOption("cluster", "transport"), nullptr);
  EXPECT_EQ(FindOption("cluster", "Transport"), nullptr);
  EXPECT_EQ(FindOption("logging", "transport"), nullptr);
}

TEST(OptionTableTest, OptionNamesAreThoseOfOneSection) {
  const std::vector<absl::string_view> expected = {"location", "log level"};
  EXPECT_EQ(OptionNames("Logging"), expected);
  EXPECT_TRUE(OptionNames("nonsense").empty());
}

}  // namespace
}  // namespace ctdb::config
