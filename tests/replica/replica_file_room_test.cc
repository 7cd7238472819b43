// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// How much a copy may still grow. On file systems that are full: tests/integration/cli.

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "lib/replica/limits.h"
#include "tests/replica/replica_file_support.h"

namespace ctdb::replica {
namespace {

constexpr uint64_t kMapBytes = 16 << 20;

class ReplicaFileRoomTest : public testing::Test {
 protected:
  ReplicaFileRoomTest() {
    ReplicaFile::Options options = directory_.Options();
    options.map_bytes_max = kMapBytes;
    opened_ = MustOpen(options);
  }
  // Ten records, or none.
  void Write(uint64_t sequence, std::optional<std::string> value) {
    std::vector<replica::Write> writes;
    for (int i = 0; i < 10; ++i) writes.push_back({absl::StrCat("key", i), value});
    auto [store, after] = AppendTo(model_, {EntryAt(At(1, sequence), writes)});
    ASSERT_EQ(opened_.file->Apply(store), absl::OkStatus());
    model_ = std::move(after);
  }
  uint64_t Room() { return opened_.file->TakeRoom(); }

  const FileDirectory directory_;
  ReplicaFile::Opened opened_;
  ModelStorage model_;
};

TEST_F(ReplicaFileRoomTest, AnEmptyCopyHasTheMap) {
  EXPECT_GT(Room(), kMapBytes * 9 / 10);
  EXPECT_LE(Room(), kMapBytes);
}

TEST_F(ReplicaFileRoomTest, RecordsTakeItAndGiveItBackInsideTheFile) {
  const uint64_t empty = Room();
  Write(1, std::string(200'000, 'x'));
  const uint64_t full = Room();
  EXPECT_LT(full, empty - 2'000'000);
  Write(2, std::nullopt);
  EXPECT_GT(Room(), full + 1'900'000);
}

TEST_F(ReplicaFileRoomTest, WhatIsKeptInReserveCountsAsRoom) {
  const uint64_t first = Room();
  EXPECT_EQ(Room(), first) << "asking twice takes nothing";
  const absl::StatusOr<ReplicaFile::Statistics> statistics = opened_.file->GetStatistics();
  ASSERT_TRUE(statistics.ok());
  EXPECT_GE(first, kMapBytes - statistics->file_bytes);
}

}  // namespace
}  // namespace ctdb::replica
