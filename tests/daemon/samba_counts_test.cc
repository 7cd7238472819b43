// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/samba_counts.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "lib/protocol/bytes_text.h"

namespace ctdb::daemon {
namespace {

TEST(SambaCountsTest, LocksLoansAndHotRecordsAreThoseOfTheService) {
  capnp::MallocMessageBuilder message;
  auto status = message.initRoot<wire::DatabaseStatus>();
  auto locks = status.initLocks();
  locks.setTaken(4);
  locks.setWaiting(2);
  locks.setPostponed(1);
  locks.setMinSeconds(0.25);
  locks.setAverageSeconds(0.5);
  locks.setMaxSeconds(1);
  auto waits = locks.initWaits(3);
  waits.set(2, 4);
  status.setCopiesLent(7);
  status.setCopiesRevoked(uint64_t{1} << 40);
  auto hot = status.initHotRecords(1);
  hot[0].setKey(ToData("key"));
  hot[0].setMoves(99);

  const samba::DatabaseCounts counts = CountsOf(status);
  EXPECT_EQ(counts.locks, (samba::LockCounts{.calls = 4, .pending = 2, .failed = 1}));
  EXPECT_EQ(counts.lock_wait,
            (samba::LatencyCounter{
                .count = 4, .min_seconds = 0.25, .max_seconds = 1, .total_seconds = 2}));
  EXPECT_EQ(counts.lock_waits[2], 4u);
  EXPECT_EQ(counts.copies_lent, 7u);
  EXPECT_EQ(counts.copies_revoked, 0xFFFFFFFFu) << "what does not fit is the largest number";
  ASSERT_EQ(counts.hot_records.size(), 1u);
  EXPECT_EQ(counts.hot_records[0].key, "key");
  EXPECT_EQ(counts.hot_records[0].moves, 99u);
}

TEST(SambaCountsTest, MemoryIsTextInKibibytes) {
  const std::string text = MemoryText({.resident_bytes = 10240, .heap_used_bytes = 3000});
  EXPECT_NE(text.find("resident                   10\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  in use                    2\n"), std::string::npos) << text;
}

}  // namespace
}  // namespace ctdb::daemon
