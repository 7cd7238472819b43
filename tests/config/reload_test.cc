// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/reload.h"

#include <gtest/gtest.h>

#include "tests/config/fake_probe.h"

namespace ctdb::config {
namespace {

Reload ReloadTo(absl::string_view text) {
  const Config loaded = Config::Parse(text, "F", Paths(), FakeProbe({{"/d", FileKind::kDirectory}}),
                                      Strictness::kStrict);
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  return CompareForReload(Config(Paths()), loaded);
}

TEST(ReloadTest, SameValuesAreNoChange) {
  const Reload reload = ReloadTo("[cluster]\nleader timeout = 0x5\ntransport = tcp\n");
  EXPECT_TRUE(reload.is_allowed);
  EXPECT_TRUE(reload.changed.empty());
  EXPECT_TRUE(reload.warnings.empty());
}

TEST(ReloadTest, ReloadableOptionsAreToBeApplied) {
  const Reload reload = ReloadTo("[logging]\nlog level = DEBUG\n[cluster]\nleader timeout = 6\n");
  EXPECT_TRUE(reload.is_allowed);
  ASSERT_EQ(reload.changed.size(), 2u);
  EXPECT_EQ(reload.changed[0]->name, "log level");
  EXPECT_EQ(reload.changed[1]->name, "leader timeout");
}

TEST(ReloadTest, OptionsThatNeedARestartAreIgnoredWithAWarning) {
  const Reload reload = ReloadTo(
      "[cluster]\nnodes list = /n\n[database]\nstate database directory = /d\ntdb mutexes = no\n"
      "[failover]\ndisabled = yes\n");
  EXPECT_TRUE(reload.is_allowed);
  EXPECT_TRUE(reload.changed.empty());
  const std::vector<std::string> expected = {
      "Ignoring update of [cluster] -> nodes list",
      "Ignoring update of [database] -> state database directory",
      "Ignoring update of [database] -> tdb mutexes", "Ignoring update of [failover] -> disabled"};
  EXPECT_EQ(reload.warnings, expected);
}

TEST(ReloadTest, ChangedLogLocationIsRefused) {
  const Reload reload = ReloadTo("[logging]\nlocation = syslog\n");
  EXPECT_FALSE(reload.is_allowed);
  const std::vector<std::string> expected = {
      "Ignoring update of logging config option \"location\""};
  EXPECT_EQ(reload.warnings, expected);
}

}  // namespace
}  // namespace ctdb::config
