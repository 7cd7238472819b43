// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/format_journal.h"

#include <gtest/gtest.h>

#include "tests/logging/testing.h"

namespace ctdb::logging {
namespace {

TEST(FormatJournalTest, FieldsAreNamedForJournalctl) {
  EXPECT_EQ(FormatJournal(TestEvent(LogLevel::kError, "Lost it", "link_lost",
                                    {{"node", 2}, {"reason", "a=b"}})),
            "MESSAGE=Lost it\nPRIORITY=3\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=ctdbd\n"
            "SYSLOG_PID=812\nCTDB_EVENT=link_lost\nCTDB_NODE=2\nCTDB_REASON=a=b\n");
}

TEST(FormatJournalTest, EventWithoutNameHasNoEventField) {
  EXPECT_EQ(FormatJournal(TestEvent(LogLevel::kDebug, "text")),
            "MESSAGE=text\nPRIORITY=7\nSYSLOG_FACILITY=3\nSYSLOG_IDENTIFIER=ctdbd\n"
            "SYSLOG_PID=812\n");
}

// A value with a newline could otherwise add fields of its own, such as PRIORITY.
TEST(FormatJournalTest, ValuesWithControlCharactersAreLengthPrefixed) {
  const std::string length_12("\x0c\0\0\0\0\0\0\0", 8);
  const std::string length_3("\x03\0\0\0\0\0\0\0", 8);
  EXPECT_EQ(FormatJournal(TestEvent(LogLevel::kError, "a\nPRIORITY=0", "", {{"k", "x\ty"}})),
            "MESSAGE\n" + length_12 +
                "a\nPRIORITY=0\nPRIORITY=3\nSYSLOG_FACILITY=3\n"
                "SYSLOG_IDENTIFIER=ctdbd\nSYSLOG_PID=812\nCTDB_K\n" +
                length_3 + "x\ty\n");
}

}  // namespace
}  // namespace ctdb::logging
