// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/local/process_identity.h"

#include <gtest/gtest.h>

namespace ctdb::cli::local {
namespace {

constexpr char kRest[] = " 1 4711 4711 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 111 222 333";

TEST(ProcessIdentityTest, StatGivesPidStateAndStart) {
  const auto stat = ParseProcessStat(std::string("4711 (ctdbd) S") + kRest);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->identity, (ProcessIdentity{4711, 987654}));
  EXPECT_EQ(stat->state, 'S');
}

TEST(ProcessIdentityTest, AnEvilNameDoesNotConfuse) {
  const auto stat = ParseProcessStat(std::string("4711 (a) Z (b) R) T") + kRest);
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->identity.start_ticks, 987654u);
  EXPECT_EQ(stat->state, 'T');
}

TEST(ProcessIdentityTest, WhatIsNoStatGivesNothing) {
  for (const char* text : {"", "4711", "4711 (x)", "4711 (x) S 1 2 3", "x (x) S 1"}) {
    EXPECT_FALSE(ParseProcessStat(text).has_value()) << text;
  }
}

TEST(ProcessIdentityTest, LineComesBackAsItWas) {
  const ProcessIdentity identity = {4711, 987654};
  EXPECT_EQ(ToLine(identity), "4711 987654\n");
  EXPECT_EQ(ParseIdentityLine(ToLine(identity)), identity);
}

TEST(ProcessIdentityTest, BadLinesGiveNothing) {
  // Pid 1, 0 and negative ones would mean other processes than one of ours to kill().
  for (const char* line : {"", "4711", "4711 x", "1 5", "0 5", "-1 5", "4711 5 6"}) {
    EXPECT_FALSE(ParseIdentityLine(line).has_value()) << line;
  }
}

}  // namespace
}  // namespace ctdb::cli::local
