// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/line_splitter.h"

#include <gtest/gtest.h>

namespace ctdb::daemon {
namespace {

using Lines = std::vector<std::string>;

TEST(LineSplitterTest, LinesComeWhenCompleteHoweverTheyArrive) {
  LineSplitter splitter;
  EXPECT_EQ(splitter.OnBytes("one\ntw"), Lines{"one"});
  EXPECT_EQ(splitter.OnBytes("o"), Lines{});
  EXPECT_EQ(splitter.OnBytes("\n\nthree\n"), (Lines{"two", "", "three"}));
  EXPECT_EQ(splitter.OnEnd(), Lines{});
}

TEST(LineSplitterTest, TheEndHandsOutTheUnfinishedLineOnce) {
  LineSplitter splitter;
  splitter.OnBytes("half");
  EXPECT_EQ(splitter.OnEnd(), Lines{"half"});
  EXPECT_EQ(splitter.OnEnd(), Lines{});
}

TEST(LineSplitterTest, CarriageReturnsAreDropped) {
  EXPECT_EQ(LineSplitter().OnBytes("a\r\nb\rc\n"), (Lines{"a", "bc"}));
}

TEST(LineSplitterTest, ALineOfTheLimitIsOneAndALongerOneIsSplit) {
  const std::string full(LineSplitter::kLineBytesMax, 'x');
  EXPECT_EQ(LineSplitter().OnBytes(full + "\n"), Lines{full});
  EXPECT_EQ(LineSplitter().OnBytes(full + "y\n"), (Lines{full, "y"}));
  EXPECT_EQ(LineSplitter().OnBytes(full + full + "y"), (Lines{full, full}));
}

TEST(LineSplitterTest, ZeroBytesAreBytesLikeOthers) {
  EXPECT_EQ(LineSplitter().OnBytes({"a\0b\n", 4}), Lines{std::string("a\0b", 3)});
}

}  // namespace
}  // namespace ctdb::daemon
