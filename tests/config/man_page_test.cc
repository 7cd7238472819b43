// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/man_page.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/config/option_table.h"
#include "lib/config/tunable_table.h"

namespace ctdb::config {
namespace {

TEST(ManPageTest, EveryOptionIsInConfPage) {
  const std::string page = ConfManPage();
  for (const OptionSpec& option : OptionTable()) {
    EXPECT_TRUE(absl::StrContains(page, absl::StrCat("\n.B \"", option.name, " ("))) << option.name;
  }
}

TEST(ManPageTest, EveryActiveTunableAndNoObsoleteOneIsInTunablesPage) {
  const std::string page = TunablesManPage();
  for (const TunableSpec& tunable : TunableTable()) {
    EXPECT_TRUE(absl::StrContains(page, absl::StrCat("\n.B \"", tunable.name, " (")))
        << tunable.name;
  }
  for (const ObsoleteTunableSpec& tunable : ObsoleteTunableTable()) {
    EXPECT_FALSE(absl::StrContains(page, tunable.name)) << tunable.name;
  }
}

TEST(ManPageTest, DefaultsAndUnitsAreShown) {
  EXPECT_TRUE(absl::StrContains(ConfManPage(), "leader timeout (seconds, default: 5)"));
  EXPECT_TRUE(absl::StrContains(ConfManPage(), "cluster lock (string, default: unset)"));
  EXPECT_TRUE(absl::StrContains(ConfManPage(), "default: /var/lib/ctdb/volatile)"));
  EXPECT_TRUE(absl::StrContains(TunablesManPage(), "StickyPindown (milliseconds, default: 200)"));
}

TEST(ManPageTest, DashesAndQuotesAreEscaped) {
  EXPECT_TRUE(absl::StrContains(ConfManPage(), "syslog:udp\\-rfc5424\\(dq"));
}

TEST(ManPageTest, NodesPageExplainsDeletedNodes) {
  EXPECT_TRUE(absl::StrContains(NodesManPage(), "#192.168.1.2"));
}

}  // namespace
}  // namespace ctdb::config
