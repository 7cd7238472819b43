// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/format.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/logging/testing.h"

namespace ctdb::logging {
namespace {

TEST(FormatTest, FileLineIsTheOneThatAdministratorsKnow) {
  Event event = TestEvent(LogLevel::kNotice, "Start election", "election_started", {{"node", 1}});
  event.source = {"ctdb-recoverd", 4711};
  EXPECT_EQ(FormatFileLine(event, {"nas1", TestZone()}),
            "2031-05-04T10:11:12.000345+02:00 nas1 ctdb-recoverd[4711]: Start election\n");
}

TEST(FormatTest, TimestampsHaveSixDigitsAndTheOffsetOfTheirZone) {
  const absl::Time whole_second = absl::FromUnixSeconds(0);
  EXPECT_EQ(FormatTimestamp(whole_second, absl::UTCTimeZone()), "1970-01-01T00:00:00.000000+00:00");
  EXPECT_EQ(FormatTimestamp(whole_second, absl::FixedTimeZone(-(3 * 60 + 30) * 60)),
            "1969-12-31T20:30:00.000000-03:30");
}

TEST(FormatTest, BareLineIsTheTextAlone) {
  EXPECT_EQ(FormatBareLine(TestEvent(LogLevel::kError, "text", "name", {{"a", 1}})), "text\n");
}

TEST(FormatTest, JsonLineHasEverything) {
  const Event event = TestEvent(LogLevel::kNotice, "Lost the link to node 2", "link_lost",
                                {{"node", 2},
                                 {"reason", "say \"no\"\n"},
                                 {"bytes", UINT64_MAX},
                                 {"ratio", 0.5},
                                 {"planned", false},
                                 {"limit", std::numeric_limits<double>::infinity()}});
  EXPECT_EQ(FormatJsonLine(event, {"nas1", TestZone()}),
            "{\"time\":\"2031-05-04T10:11:12.000345+02:00\",\"level\":\"NOTICE\","
            "\"host\":\"nas1\",\"tag\":\"ctdbd\",\"pid\":812,\"event\":\"link_lost\","
            "\"text\":\"Lost the link to node 2\",\"fields\":{\"node\":2,"
            "\"reason\":\"say \\\"no\\\"\\u000a\",\"bytes\":18446744073709551615,\"ratio\":0.5,"
            "\"planned\":false,\"limit\":null}}\n");
}

TEST(FormatTest, JsonLineWithoutNameAndFieldsHasTheSameKeys) {
  EXPECT_EQ(FormatJsonLine(TestEvent(LogLevel::kDebug, ""), {"nas1", TestZone()}),
            "{\"time\":\"2031-05-04T10:11:12.000345+02:00\",\"level\":\"DEBUG\","
            "\"host\":\"nas1\",\"tag\":\"ctdbd\",\"pid\":812,\"event\":\"\",\"text\":\"\","
            "\"fields\":{}}\n");
}

TEST(FormatTest, TextWithNewlinesIsStillOneLine) {
  const Event event =
      TestEvent(LogLevel::kNotice, "one\n2031-05-04T10:11:12.000345+02:00 nas1 ctdbd[1]: forged");
  for (const std::string& line :
       {FormatFileLine(event, {"nas1", TestZone()}), FormatBareLine(event),
        FormatJsonLine(event, {"nas1", TestZone()})}) {
    EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  }
}

}  // namespace
}  // namespace ctdb::logging
