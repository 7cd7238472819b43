// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/format_syslog.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "lib/logging/text.h"
#include "tests/logging/testing.h"

namespace ctdb::logging {
namespace {

const Presentation kNas1 = {"nas1", TestZone()};

TEST(FormatSyslogTest, Rfc3164HasNeitherTimeNorHost) {
  EXPECT_EQ(FormatRfc3164(TestEvent(LogLevel::kNotice, "CTDB starting on node")),
            "<29>ctdbd[812]: CTDB starting on node");
}

TEST(FormatSyslogTest, Rfc5424WithoutNameAndFieldsIsCtdbsForm) {
  EXPECT_EQ(FormatRfc5424(TestEvent(LogLevel::kWarning, "text"), kNas1),
            "<28>1 2031-05-04T10:11:12.000345+02:00 nas1 ctdbd 812 - - text");
}

TEST(FormatSyslogTest, PrioritiesOfAllLevels) {
  EXPECT_EQ(FormatRfc3164(TestEvent(LogLevel::kError, "x")), "<27>ctdbd[812]: x");
  EXPECT_EQ(FormatRfc3164(TestEvent(LogLevel::kWarning, "x")), "<28>ctdbd[812]: x");
  EXPECT_EQ(FormatRfc3164(TestEvent(LogLevel::kNotice, "x")), "<29>ctdbd[812]: x");
  EXPECT_EQ(FormatRfc3164(TestEvent(LogLevel::kInfo, "x")), "<29>ctdbd[812]: x");
  EXPECT_EQ(FormatRfc3164(TestEvent(LogLevel::kDebug, "x")), "<31>ctdbd[812]: x");
}

TEST(FormatSyslogTest, Rfc5424CarriesNameAndFields) {
  const Event event = TestEvent(LogLevel::kNotice, "Lost the link to node 2", "link_lost",
                                {{"node", 2}, {"reason", "a \"b\" [c] \\d\ne"}});
  EXPECT_EQ(FormatRfc5424(event, kNas1),
            "<29>1 2031-05-04T10:11:12.000345+02:00 nas1 ctdbd 812 link_lost "
            "[ctdb@32473 node=\"2\" reason=\"a \\\"b\\\" [c\\] \\\\d\\\\ne\"] "
            "Lost the link to node 2");
}

TEST(FormatSyslogTest, UnknownHostIsLocalhostAndHeaderFieldsHaveNoSpaces) {
  Event event = TestEvent(LogLevel::kNotice, "x");
  event.source.tag = "my daemon\n";
  EXPECT_EQ(FormatRfc5424(event, {"", TestZone()}),
            "<29>1 2031-05-04T10:11:12.000345+02:00 localhost my_daemon_ 812 - - x");
  EXPECT_EQ(FormatRfc3164(event), "<29>my_daemon_[812]: x");
  event.source.tag = "";
  EXPECT_EQ(FormatRfc3164(event), "<29>-[812]: x");
}

TEST(FormatSyslogTest, DatagramsAreCutAt1024BytesButNotInsideACharacter) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "\xe2\x82\xac";
  const Event event = TestEvent(LogLevel::kNotice, text);
  for (const std::string& datagram : {FormatRfc3164(event), FormatRfc5424(event, kNas1)}) {
    EXPECT_LE(datagram.size(), 1024u);
    EXPECT_GT(datagram.size(), 1021u);
    EXPECT_TRUE(absl::EndsWith(datagram, "\xe2\x82\xac"));
  }
  const std::string ascii(3000, 'x');
  EXPECT_EQ(FormatRfc3164(TestEvent(LogLevel::kNotice, ascii)).size(), 1024u);
}

TEST(FormatSyslogTest, FieldsLeaveRoomForTheText) {
  const std::string large(1000, ']');
  const std::string medium(400, 'm');
  const Event event = TestEvent(LogLevel::kNotice, "the text", "name",
                                {{"large", large}, {"medium", medium}, {"more", medium}, {"n", 1}});
  const std::string datagram = FormatRfc5424(event, kNas1);
  EXPECT_EQ(datagram,
            "<29>1 2031-05-04T10:11:12.000345+02:00 nas1 ctdbd 812 name [ctdb@32473 "
            "medium=\"" +
                medium + "\" n=\"1\"] the text");
  EXPECT_TRUE(absl::StrContains(
      FormatRfc5424(TestEvent(LogLevel::kNotice, "t", "name", {{"large", large}}), kNas1),
      " name - t"));
}

TEST(FormatSyslogTest, NewlinesDoNotReachTheWire) {
  const Event event = TestEvent(LogLevel::kNotice, "a\n<27>ctdbd[1]: forged", "n", {{"k", "\n"}});
  EXPECT_EQ(FormatRfc3164(event).find('\n'), std::string::npos);
  EXPECT_EQ(FormatRfc5424(event, kNas1).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace ctdb::logging
