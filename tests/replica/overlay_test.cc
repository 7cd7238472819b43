// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/overlay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/replica/replica_file_support.h"

namespace ctdb::replica {
namespace {

TEST(OverlayTest, HasTheLastOfEachRecordAndAllEntries) {
  Overlay overlay;
  EXPECT_TRUE(overlay.empty());
  overlay.Add({EntryAt(At(1, 1), {{"a", "1"}, {"b", "1"}}), EntryAt(At(1, 2), {{"a", "2"}})},
              {{3, {1, 1}}});
  overlay.Add({EntryAt(At(1, 3), {{"b", std::nullopt}})}, {{3, {2, 2}}});
  EXPECT_EQ(overlay.Find("a")->value, "2");
  EXPECT_EQ(overlay.Find("a")->info, (RecordInfo{At(1, 2), FingerprintOf("a", At(1, 2), "2")}));
  EXPECT_EQ(overlay.Find("b")->value, std::nullopt) << "it is deleted";
  EXPECT_EQ(overlay.Find("c"), nullptr) << "the tables say";
  EXPECT_EQ(overlay.entries().size(), 3u);
  EXPECT_EQ(overlay.end(), At(1, 3));
  EXPECT_EQ(overlay.digests().at(3), (Digest{2, 2}));
  EXPECT_GT(overlay.bytes(), 0u);
  overlay.Clear();
  EXPECT_TRUE(overlay.empty());
  EXPECT_EQ(overlay.Find("a"), nullptr);
}

// All that a cursor over both shows is tested with the file: replica_file_journal_test.

}  // namespace
}  // namespace ctdb::replica
