// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/text.h"

#include <gtest/gtest.h>

namespace ctdb::cli {
namespace {

TEST(TextTest, ColourOnlyWhenWantedAndOnlyForTonesThatHaveOne) {
  EXPECT_EQ(Paint("OK", Tone::kGood, true), "\x1b[32mOK\x1b[0m");
  EXPECT_EQ(Paint("OK", Tone::kGood, false), "OK");
  EXPECT_EQ(Paint("OK", Tone::kPlain, true), "OK");
}

TEST(TextTest, ControlCharactersAndBrokenUtf8BecomeVisible) {
  EXPECT_EQ(Printable("a\x1b[2Jb\n"), "a\\x1b[2Jb\\x0a");
  EXPECT_EQ(Printable("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(Printable("\xc2\x9b"), "\\xc2\\x9b");           // A control of 8 bits.
  EXPECT_EQ(Printable("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");  // An overlong form.
  EXPECT_EQ(Printable("Zürich €"), "Zürich €");
}

TEST(TextTest, WidthCountsCodePoints) {
  EXPECT_EQ(DisplayWidth("Zürich"), 6);
  EXPECT_EQ(DisplayWidth(""), 0);
}

TEST(TextTest, CalendarTimeIsThatOfCtime) {
  EXPECT_EQ(CalendarTime(1936076410.9, absl::UTCTimeZone()), "Fri May  9 07:00:10 2031");
  EXPECT_EQ(CalendarTime(0, absl::UTCTimeZone()), "Thu Jan  1 00:00:00 1970");
}

TEST(TextTest, AgeCountsDaysAndNeverRunsBackwards) {
  EXPECT_EQ(AgeInDays(93784.9), "(001 02:03:04)");
  EXPECT_EQ(AgeInDays(-5), "(000 00:00:00)");
  EXPECT_EQ(AgeInDays(1e300 * 1e300), "(000 00:00:00)");
}

TEST(TextTest, ShortAgeHasTheTwoLargestUnits) {
  EXPECT_EQ(ShortAge(12.7), "12s");
  EXPECT_EQ(ShortAge(185), "3m 5s");
  EXPECT_EQ(ShortAge(7800), "2h 10m");
  EXPECT_EQ(ShortAge(357000), "4d 3h");
}

TEST(TextTest, ByteCountStaysShort) {
  EXPECT_EQ(ByteCount(0), "0 B");
  EXPECT_EQ(ByteCount(1023), "1023 B");
  EXPECT_EQ(ByteCount(1536), "1.5 KiB");
  EXPECT_EQ(ByteCount(1048575), "1.0 MiB");
  EXPECT_EQ(ByteCount(UINT64_MAX), "16.0 EiB");
}

}  // namespace
}  // namespace ctdb::cli
