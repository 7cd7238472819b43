// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/render.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "tests/config/fake_probe.h"

namespace ctdb::config {
namespace {

Config Parse(absl::string_view text) {
  return Config::Parse(text, "F", Paths(), FakeProbe(), Strictness::kStrict);
}

TEST(RenderTest, DumpOfDefaultsIsAllCommentedOut) {
  EXPECT_EQ(RenderDump(Config(Paths())),
            "[logging]\n"
            "\t# location = file:/var/log/ctdb/log.ctdb\n"
            "\t# log level = NOTICE\n"
            "[cluster]\n"
            "\t# transport = tcp\n"
            "\t# node address = \n"
            "\t# cluster lock = \n"
            "\t# recovery lock = \n"
            "\t# nodes list = \n"
            "\t# leader timeout = 5\n"
            "\t# two nodes = false\n"
            "\t# leader capability = true\n"
            "[database]\n"
            "\t# volatile database directory = /var/lib/ctdb/volatile\n"
            "\t# persistent database directory = /var/lib/ctdb/persistent\n"
            "\t# state database directory = /var/lib/ctdb/state\n"
            "\t# volatile database memory = 0\n"
            "\t# lock debug script = \n"
            "\t# tdb mutexes = true\n"
            "[event]\n"
            "\t# debug script = \n"
            "[failover]\n"
            "\t# disabled = false\n"
            "\t# shutdown extra timeout = 0\n"
            "\t# shutdown failover timeout = 10\n"
            "[legacy]\n"
            "\t# realtime scheduling = true\n"
            "\t# lmaster capability = true\n"
            "\t# start as stopped = false\n"
            "\t# start as disabled = false\n"
            "\t# script log level = ERROR\n"
            "[daemon]\n"
            "\t# process model = single\n"
            "\t# keep processors awake = true\n"
            "[samba]\n"
            "\t# enabled = false\n");
}

TEST(RenderTest, DumpShowsValuesThatDifferFromTheDefault) {
  const std::string dump =
      RenderDump(Parse("[cluster]\nleader timeout = 0x10\nleader capability = yes\n"));
  EXPECT_TRUE(absl::StrContains(dump, "\n\tleader timeout = 16\n"));
  EXPECT_TRUE(absl::StrContains(dump, "\n\t# leader capability = true\n"));
}

TEST(RenderTest, ShowHasOneAlignedLinePerOption) {
  const std::string table = RenderShow(Parse("[cluster]\nleader timeout = 7\n"));
  EXPECT_TRUE(absl::StartsWith(table, "SECTION   OPTION                         VALUE "));
  EXPECT_TRUE(absl::StrContains(
      table, "\ncluster   node address                   -                            default\n"));
  EXPECT_TRUE(absl::StrContains(
      table, "\ncluster   leader timeout                 7 seconds                    F:2\n"));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 29);
}

TEST(RenderTest, RowsHaveEverythingAboutAnOption) {
  const auto rows = OptionRows(Parse("[cluster]\nleader timeout = 7\n"), Paths());
  ASSERT_EQ(rows.size(), OptionTable().size());
  const OptionRow& row = rows[7];
  EXPECT_EQ(row.section, "cluster");
  EXPECT_EQ(row.option, "leader timeout");
  EXPECT_EQ(row.type, "integer");
  EXPECT_EQ(row.value, "7");
  EXPECT_EQ(row.default_value, "5");
  EXPECT_EQ(row.origin, "F:2");
  EXPECT_EQ(row.unit, "seconds");
  EXPECT_TRUE(row.reloadable);
  EXPECT_EQ(rows[0].origin, "default");
  EXPECT_FALSE(rows[0].reloadable);
}

}  // namespace
}  // namespace ctdb::config
