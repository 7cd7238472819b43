// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// What was counted, and the tunables.

#include "lib/samba/statistics.h"
#include "lib/samba/tunables.h"
#include "tests/samba/proxy_fixture.h"

namespace ctdb::samba {
namespace {

class StatisticsHandlersTest : public ProxyFixture {
 protected:
  Statistics Counted() { return *Decode<Statistics>(Control(client_, Opcode::kStatistics).data); }
  const ClientId client_ = Connect(1);
};

TEST_F(StatisticsHandlersTest, CountsPacketsUntilItIsReset) {
  Control(client_, Opcode::kGetPnn);
  EXPECT_EQ(Counted().from_clients.controls, 2u);
  EXPECT_EQ(Counted().clients, 1u);
  EXPECT_EQ(Control(client_, Opcode::kStatisticsReset).status, 0);
  EXPECT_EQ(Counted().from_clients.controls, 1u);
  EXPECT_EQ(Counted().clients, 1u) << "what there is now is not counted";
}

TEST_F(StatisticsHandlersTest, HasTheLocksOfAllDatabasesThatAnswer) {
  databases_.counts["locking.tdb"] = {
      .locks = {.calls = 3, .pending = 1, .failed = 2},
      .lock_wait = {.count = 3, .min_seconds = 1, .max_seconds = 4, .total_seconds = 6},
      .lock_waits = {0, 3},
      .copies_lent = 5,
      .copies_revoked = 4};
  databases_.Add({DbId(5), "brlock.tdb", DatabaseKind::kVolatile, "/brlock", 0});
  databases_.counts["brlock.tdb"] = {
      .locks = {.calls = 1},
      .lock_wait = {.count = 1, .min_seconds = 0.5, .max_seconds = 0.5, .total_seconds = 0.5},
      .lock_waits = {1}};
  const Statistics counted = Counted();
  EXPECT_EQ(counted.locks, (LockCounts{.calls = 4, .pending = 1, .failed = 2}));
  EXPECT_EQ(
      counted.lock_wait,
      (LatencyCounter{.count = 4, .min_seconds = 0.5, .max_seconds = 4, .total_seconds = 6.5}));
  EXPECT_EQ(counted.lock_wait_histogram[0], 1u);
  EXPECT_EQ(counted.lock_wait_histogram[1], 3u);
  EXPECT_EQ(counted.readonly_delegations, 5u);
  EXPECT_EQ(counted.readonly_revokes, 4u);
  EXPECT_EQ(counted.memory_used, 5u << 20);
}

TEST_F(StatisticsHandlersTest, ASumThatDoesNotFitIsTheLargestNumber) {
  const DatabaseCounts most{.locks = {.calls = 0xFFFFFFFF},
                            .lock_wait = {.count = 0x7FFFFFFF},
                            .lock_waits = {0xFFFFFFFF}};
  databases_.counts["locking.tdb"] = most;
  databases_.counts["secrets.tdb"] = most;
  EXPECT_EQ(Counted().locks.calls, 0xFFFFFFFF);
  EXPECT_EQ(Counted().lock_wait.count, 0x7FFFFFFF);
  EXPECT_EQ(Counted().lock_wait_histogram[0], 0xFFFFFFFF);
}

TEST_F(StatisticsHandlersTest, AreToldWithoutDatabasesWhenTheirServiceIsAway) {
  databases_.failures = 1;
  EXPECT_EQ(Counted().clients, 1u);
}

TEST_F(StatisticsHandlersTest, TheHistoryHasAHundredEntries) {
  const std::string data = Control(client_, Opcode::kGetStatHistory).data;
  EXPECT_EQ(data.size(), 8u + 100 * 488);
}

TEST_F(StatisticsHandlersTest, TunablesAreFoundWhateverTheirCase) {
  const auto get = [this](absl::string_view name) {
    return Control(client_, Opcode::kGetTunable, Encode(TunableGet{name}));
  };
  EXPECT_EQ(Decode<NumberPayload<uint32_t>>(get("controltimeout").data)->value, 60u);
  EXPECT_EQ(get("NoSuchThing").status, -22);
  EXPECT_EQ(Control(client_, Opcode::kSetTunable, Encode(TunableSet{5, "CONTROLTIMEOUT"})).status,
            0);
  EXPECT_EQ(Decode<NumberPayload<uint32_t>>(get("ControlTimeout").data)->value, 5u);
  EXPECT_EQ(told_tunables_.at("ControlTimeout"), 5u);
  EXPECT_EQ(Control(client_, Opcode::kSetTunable, Encode(TunableSet{5, "VacuumLimit"})).status, 1);
  EXPECT_EQ(Control(client_, Opcode::kSetTunable, Encode(TunableSet{5, "NoSuchThing"})).status, -1);
}

TEST_F(StatisticsHandlersTest, ObsoleteTunablesAreNotListed) {
  const std::string data = Control(client_, Opcode::kListTunables).data;
  const auto names = SplitTunableNames(Decode<TunableNames>(data)->text);
  EXPECT_THAT(names, testing::Contains("SeqnumInterval"));
  EXPECT_THAT(names, testing::Not(testing::Contains("VacuumLimit")));
  EXPECT_EQ(Control(client_, Opcode::kGetAllTunables).data.size(), 248u);
}

}  // namespace
}  // namespace ctdb::samba
