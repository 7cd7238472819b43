// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/database_payloads.h"

#include <gtest/gtest.h>

#include "tests/samba/layout.h"

namespace ctdb::samba {
namespace {

TEST(DatabasePayloadsTest, ADatabaseMapHasPaddedFlags) {
  ExpectFixedLayout(DbMapEntry{DbId(0x7A19D84D), kDatabasePersistent}, "4dd8197a 01000000");
  ExpectLayout(DbMap{{{DbId(1), kDatabaseReadOnly}, {DbId(2), kDatabaseReplicated}}},
               "02000000 01000000 02000000 02000000 08000000");
}

TEST(DatabasePayloadsTest, ATransactionOfARecoveryIsADatabaseAndANumber) {
  ExpectFixedLayout(Transaction{DbId(1), 2}, "01000000 02000000");
}

TEST(DatabasePayloadsTest, APullSaysWhereItsRecordsGo) {
  ExpectFixedLayout(PullDb{DbId(1), NodeNumber(2), ChannelId(3)},
                    "01000000 02000000 03000000 00000000");
}

TEST(DatabasePayloadsTest, ARequestForASequenceNumberIsPadded) {
  ExpectFixedLayout(SeqnumRequest{DbId(1)}, "01000000 00000000");
}

TEST(DatabasePayloadsTest, VacuumingIsFiveBytes) {
  ExpectFixedLayout(Vacuum{DbId(1), true}, "01000000 01");
}

TEST(DatabasePayloadsTest, ATraversesStartHasAnOptionOnlyInItsLongForm) {
  ExpectFixedLayout(TraverseStart{DbId(1), ReqId(2), ChannelId(3)},
                    "01000000 02000000 03000000 00000000");
  ExpectFixedLayout(TraverseStartExt{{DbId(1), ReqId(2), ChannelId(3)}, true},
                    "01000000 02000000 03000000 00000000 01000000 00000000");
}

TEST(DatabasePayloadsTest, ATraverseOfAllNodesKnowsWhoAsked) {
  const TraverseAll all{DbId(1), ReqId(2), NodeNumber(3), ReqId(4), ChannelId(5)};
  ExpectFixedLayout(all, "01000000 02000000 03000000 04000000 05000000 00000000");
  ExpectFixedLayout(TraverseAllExt{all, true},
                    "01000000 02000000 03000000 04000000 05000000 00000000 01000000 00000000");
}

TEST(DatabasePayloadsTest, AnyByteButZeroIsYes) {
  EXPECT_TRUE(Decode<Vacuum>(FromHex("01000000 80"))->is_full);
  EXPECT_FALSE(Decode<Vacuum>(FromHex("01000000 00"))->is_full);
}

}  // namespace
}  // namespace ctdb::samba
