// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/local/log_merge.h"

#include <gtest/gtest.h>

namespace ctdb::cli::local {
namespace {

TEST(LogMergeTest, LinesOfSeveralNodesAreOrderedByTime) {
  LogMerge merge;
  merge.Add(0, "2026-11-21T02:00:01.000000+00:00 a\n2026-11-21T02:00:03.000000+00:00 c\n");
  merge.Add(1, "2026-11-21T02:00:02.000000+00:00 b\n");
  EXPECT_EQ(merge.Take(),
            "0: 2026-11-21T02:00:01.000000+00:00 a\n"
            "1: 2026-11-21T02:00:02.000000+00:00 b\n"
            "0: 2026-11-21T02:00:03.000000+00:00 c\n");
  EXPECT_EQ(merge.Take(), "");
}

TEST(LogMergeTest, TimeZonesCount) {
  LogMerge merge;
  merge.Add(0, "2026-11-21T04:00:00.000000+02:00 first\n");
  merge.Add(1, "2026-11-21T03:00:00.000000+00:00 second\n");
  EXPECT_EQ(merge.Take(),
            "0: 2026-11-21T04:00:00.000000+02:00 first\n"
            "1: 2026-11-21T03:00:00.000000+00:00 second\n");
}

TEST(LogMergeTest, ALineWithoutAStampStaysBehindTheOneBefore) {
  LogMerge merge;
  merge.Add(0, "2026-11-21T02:00:01Z a\nmore of a\n");
  merge.Add(1, "2026-11-21T02:00:00Z z\nmore of z\n");
  EXPECT_EQ(merge.Take(),
            "1: 2026-11-21T02:00:00Z z\n1: more of z\n"
            "0: 2026-11-21T02:00:01Z a\n0: more of a\n");
}

TEST(LogMergeTest, ANodesOwnLinesKeepTheirOrderWhenItsClockIsSetBack) {
  LogMerge merge;
  merge.Add(0, "2026-11-21T02:00:05Z a\n2026-11-21T02:00:01Z b\n");
  EXPECT_EQ(merge.Take(), "0: 2026-11-21T02:00:05Z a\n0: 2026-11-21T02:00:01Z b\n");
}

TEST(LogMergeTest, AnUnfinishedLineWaitsForItsEnd) {
  LogMerge merge;
  merge.Add(0, "half");
  EXPECT_EQ(merge.Take(), "");
  merge.Add(0, " whole\n");
  EXPECT_EQ(merge.Take(), "0: half whole\n");
}

TEST(LogMergeTest, AnEndlessLineIsCut) {
  LogMerge merge;
  merge.Add(0, std::string(kUnfinishedLineBytesMax, 'x'));
  EXPECT_EQ(merge.Take().size(), kUnfinishedLineBytesMax + 4);
}

TEST(LogMergeTest, OnlyWholeStampsAreStamps) {
  EXPECT_TRUE(TimeStampOf("2026-11-21T02:00:01.000345+01:00 x").has_value());
  for (const char* line : {"", "2026", "2026-11-21 02:00:01", "infinite-future-and-beyond x",
                           "2026-13-21T02:00:01Z x"}) {
    EXPECT_FALSE(TimeStampOf(line).has_value()) << line;
  }
}

}  // namespace
}  // namespace ctdb::cli::local
