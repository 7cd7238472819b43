// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/statistics.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/samba/layout.h"

namespace ctdb::samba {
namespace {

template <typename Integer>
Integer At(absl::string_view bytes, size_t offset) {
  Integer value{};
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

TEST(StatisticsTest, ALatencyIsPaddedBehindItsCount) {
  ExpectFixedLayout(LatencyCounter{1, 0.5, 1.0, 1.5},
                    "01000000 00000000 00000000 0000e03f 00000000 0000f03f 00000000 0000f83f");
}

TEST(StatisticsTest, EachCounterOfADaemonIsAtItsPlace) {
  Statistics statistics;
  statistics.clients = 1;
  statistics.keepalives_received = 2;
  statistics.from_nodes.call_requests = 3;
  statistics.from_nodes.tunnels = 4;
  statistics.from_clients.calls = 5;
  statistics.from_clients.tunnels = 6;
  statistics.call_timeouts = 7;
  statistics.traverse_timeouts = 8;
  statistics.daemon_cluster_lock.count = 9;
  statistics.recovery_cluster_lock.total_seconds = 10;
  statistics.locks.calls = 11;
  statistics.locks.failed = 12;
  statistics.lock_wait.count = 13;
  statistics.lock_wait_histogram[0] = 14;
  statistics.lock_wait_histogram[15] = 15;
  statistics.total_calls = 16;
  statistics.max_hop_count = 17;
  statistics.hop_count_histogram[0] = 18;
  statistics.hop_count_histogram[15] = 19;
  statistics.call_latency.count = 20;
  statistics.childwrite_latency.count = 21;
  statistics.recoveries = 22;
  statistics.started.seconds = 23;
  statistics.now.microseconds = 24;
  statistics.readonly_delegations = 25;
  statistics.readonly_revokes = 26;
  const std::string bytes = Encode(statistics);
  ASSERT_EQ(bytes.size(), Statistics::kBytes);
  const size_t offsets[] = {0,   32,  36,  68,  72,  84,  88,  96,  104, 0,   168, 180, 184,
                            216, 276, 280, 304, 308, 368, 376, 408, 440, 448, 472, 480, 484};
  for (uint32_t i = 0; i < std::size(offsets); ++i) {
    if (i == 9) continue;
    EXPECT_EQ(At<uint32_t>(bytes, offsets[i]), i + 1) << offsets[i];
  }
  EXPECT_EQ(At<double>(bytes, 136 + 24), 10);
  ExpectFixedLayout(statistics, ToHex(bytes));
}

TEST(StatisticsTest, AHistoryIsPaddedBehindItsNumber) {
  StatisticsHistory history;
  history.entries.resize(2);
  history.entries[1].clients = 7;
  const std::string bytes = Encode(history);
  EXPECT_EQ(bytes.size(), 8 + 2 * Statistics::kBytes);
  EXPECT_EQ(At<uint32_t>(bytes, 8 + Statistics::kBytes), 7);
  ExpectLayout(history, ToHex(bytes));
}

TEST(StatisticsTest, EachCounterOfADatabaseIsAtItsPlaceWithTheHotKeysBehind) {
  DbStatistics statistics;
  statistics.locks.calls = 1;
  statistics.lock_wait.count = 2;
  statistics.lock_wait_histogram[0] = 3;
  statistics.vacuum.count = 4;
  statistics.readonly_delegations = 5;
  statistics.readonly_revokes = 6;
  statistics.hop_count_histogram[0] = 7;
  statistics.hot_keys[0] = {9, "hot"};
  statistics.hot_keys[1] = {8, "warm"};
  const std::string bytes = Encode(statistics);
  ASSERT_EQ(bytes.size(), DbStatistics::kBytes + 7);
  const size_t offsets[] = {0, 16, 48, 112, 144, 148, 152};
  for (uint32_t i = 0; i < std::size(offsets); ++i) {
    EXPECT_EQ(At<uint32_t>(bytes, offsets[i]), i + 1) << offsets[i];
  }
  EXPECT_EQ(At<uint32_t>(bytes, 216), kHotKeysMax);
  EXPECT_EQ(At<uint32_t>(bytes, 224), 9);
  EXPECT_EQ(At<uint64_t>(bytes, 240), 3);
  EXPECT_EQ(At<uint32_t>(bytes, 248), 8);
  EXPECT_EQ(At<uint64_t>(bytes, 264), 4);
  EXPECT_EQ(bytes.substr(464), "hotwarm");
  ExpectLayout(statistics, ToHex(bytes));
}

TEST(StatisticsTest, HotKeysThatAreTooManyOrTooLongAreRefused) {
  std::string bytes = Encode(DbStatistics());
  bytes[216] = 11;
  EXPECT_FALSE(Decode<DbStatistics>(bytes).ok());
  bytes[216] = 10;
  EXPECT_TRUE(Decode<DbStatistics>(bytes).ok());
  bytes[240] = 1;
  EXPECT_FALSE(Decode<DbStatistics>(bytes).ok());
  // A length that 32 bits would cut to zero.
  bytes[240] = 0;
  bytes[244] = 1;
  EXPECT_FALSE(Decode<DbStatistics>(bytes).ok());
}

}  // namespace
}  // namespace ctdb::samba
