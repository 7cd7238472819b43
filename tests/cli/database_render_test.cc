// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The texts here are what administrators' scripts parse: a change of a byte is a break.

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "cli/render/database.h"

namespace ctdb::cli {
namespace {

capnp::Data::Reader Data(absl::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

class DatabaseRenderTest : public testing::Test {
 protected:
  DatabaseRenderTest() : status_(message_.initRoot<wire::DatabaseStatus>()) {
    auto info = status_.initInfo();
    info.setId(0x7a19d84d);
    info.setName("locking.tdb");
    info.setPath("/v/locking.tdb.0");
    status_.setReadOnlyCopies("automatic");
    status_.setCopiesLent(4);
    status_.setCopiesRevoked(2);
    auto locks = status_.initLocks();
    locks.setTaken(10);
    locks.setWaiting(1);
    auto waits = locks.initWaits(3);
    waits.set(1, 9);
    waits.set(2, 1);
    locks.setMinSeconds(0.000101);
    locks.setAverageSeconds(0.00211);
    locks.setMaxSeconds(0.03187);
  }
  ~DatabaseRenderTest() noexcept override {}

  capnp::MallocMessageBuilder message_;
  wire::DatabaseStatus::Builder status_;
};

TEST_F(DatabaseRenderTest, MapOfDatabases) {
  EXPECT_EQ(DatabaseMap({}), "Number of databases:0\n");
  EXPECT_EQ(DatabaseMap({status_.asReader()}),
            "Number of databases:1\n"
            "dbid:0x7a19d84d name:locking.tdb path:/v/locking.tdb.0\n");
}

TEST_F(DatabaseRenderTest, WordsBehindThePathHaveAFixedOrder) {
  status_.setReadOnlyCopies("on");
  status_.getInfo().setKind(wire::DatabaseKind::REPLICATED);
  EXPECT_EQ(DatabaseMap({status_.asReader()}),
            "Number of databases:1\n"
            "dbid:0x7a19d84d name:locking.tdb path:/v/locking.tdb.0 READONLY REPLICATED\n");
  status_.setReadOnlyCopies("off");
  status_.getInfo().setKind(wire::DatabaseKind::PERSISTENT);
  EXPECT_TRUE(absl::EndsWith(DatabaseMap({status_.asReader()}), ".0 PERSISTENT\n"));
}

TEST_F(DatabaseRenderTest, MachineFormHasTheNumberInUpperCase) {
  EXPECT_EQ(DatabaseMapTable({status_.asReader()}).Machine("|"),
            "|ID|Name|Path|Persistent|Sticky|Unhealthy|Readonly|Replicated|\n"
            "|0x7A19D84D|locking.tdb|/v/locking.tdb.0|0|0|0|0|0|\n");
}

TEST_F(DatabaseRenderTest, StatusHasEightLines) {
  EXPECT_EQ(DatabaseStatusText(status_),
            "dbid: 0x7a19d84d\n"
            "name: locking.tdb\n"
            "path: /v/locking.tdb.0\n"
            "PERSISTENT: no\n"
            "REPLICATED: no\n"
            "STICKY: no\n"
            "READONLY: no\n"
            "HEALTH: OK\n");
}

// admin-interface 3.10: the recorded reason stands instead of OK, and UNHEALTHY last in the map.
TEST_F(DatabaseRenderTest, ADatabaseThatIsNotHealthySaysWhy) {
  status_.getInfo().setKind(wire::DatabaseKind::REPLICATED);
  status_.setState("closed");
  status_.setReason("page 7 is damaged\x1b");
  EXPECT_TRUE(absl::EndsWith(DatabaseStatusText(status_), "\nHEALTH: page 7 is damaged\\x1b\n"))
      << DatabaseStatusText(status_);
  EXPECT_TRUE(absl::EndsWith(DatabaseMap({status_.asReader()}), " REPLICATED UNHEALTHY\n"));
  EXPECT_TRUE(absl::EndsWith(DatabaseMapTable({status_.asReader()}).Machine("|"), "|0|0|1|0|1|\n"));
}

TEST_F(DatabaseRenderTest, StatisticsHaveTheKnownLinesAndOursBehindThem) {
  auto hot = status_.initHotRecords(1);
  hot[0].setKey(Data("ab"));
  hot[0].setMoves(7);
  auto counters = status_.initCounters(1);
  counters[0].setName("directory.transfers");
  counters[0].setValue(12);
  EXPECT_EQ(DatabaseStatisticsText(status_),
            "DB Statistics locking.tdb\n"
            " db_ro_delegations                  4\n"
            " db_ro_revokes                      2\n"
            " locks\n"
            "     num_calls                     10\n"
            "     num_current                    0\n"
            "     num_pending                    1\n"
            "     num_failed                     0\n"
            " hop_count_buckets: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
            " lock_buckets: 0 9 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
            " locks_latency      MIN/AVG/MAX     0.000101/0.002110/0.031870 sec out of 10\n"
            " vacuum_latency     MIN/AVG/MAX     0.000000/0.000000/0.000000 sec out of 0\n"
            " Num Hot Keys:     1\n"
            "     Count:7 Key:6162\n"
            " directory.transfers               12\n");
  EXPECT_EQ(DatabaseStatisticsTable(status_).Machine("|"),
            "|Counter|Value|\n"
            "|db_ro_delegations|4|\n"
            "|db_ro_revokes|2|\n"
            "|locks.num_calls|10|\n"
            "|locks.num_pending|1|\n"
            "|locks.num_failed|0|\n"
            "|directory.transfers|12|\n"
            "|hot_key.0x6162|7|\n");
}

TEST(RecordRenderTest, RecordAsScriptsKnowIt) {
  capnp::MallocMessageBuilder message;
  auto copy = message.initRoot<wire::RecordCopy>();
  copy.setKey(Data(absl::string_view("ab\0\"c", 5)));
  copy.setValue(Data("v\n"));
  copy.setOwner(1);
  copy.setEpoch(16781313);
  copy.setCounter(17);
  copy.setFlags(4);
  EXPECT_EQ(RecordText(copy, /*with_epoch=*/false),
            "key(5) = \"ab\\00\\22c\"\n"
            "dmaster: 1\n"
            "rsn: 17\n"
            "flags: 0x01000000 RO_HAVE_DELEGATIONS\n"
            "data(2) = \"v\\0A\"\n"
            "\n");
  EXPECT_TRUE(absl::StrContains(RecordText(copy, /*with_epoch=*/true),
                                "\nepoch: 16781313\nowned: no\ndata(2)"));
  EXPECT_EQ(RecordHeaderRow("|") + RecordRow(copy, "|"),
            "|Key|Owner|Epoch|Counter|Flags|Owned|Value|\n"
            "|0x6162002263|1|16781313|17|0x4|0|0x760a|\n");
}

TEST(RecordRenderTest, FlagsHaveTheNumbersOfOlderTools) {
  EXPECT_EQ(RecordFlags(0), "0x00000000");
  EXPECT_EQ(RecordFlags(1), "0x00000000");
  EXPECT_EQ(RecordFlags(2), "0x02000000 RO_HAVE_READONLY");
  EXPECT_EQ(RecordFlags(6), "0x03000000 RO_HAVE_DELEGATIONS RO_HAVE_READONLY");
}

TEST(HotRecordRenderTest, TheHottestIsOnTop) {
  capnp::MallocMessageBuilder message;
  auto status = message.initRoot<wire::DatabaseStatus>();
  auto hot = status.initHotRecords(3);
  const std::string long_key(100, 'k');
  const absl::string_view keys[] = {"visitors", long_key, absl::string_view("\0\1", 2)};
  for (uint32_t i = 0; i < 3; ++i) {
    hot[i].setDatabase("counters.tdb");
    hot[i].setKey(Data(keys[i]));
    hot[i].setMoves(i + 1);
  }
  std::vector<HotRecord> records;
  for (uint32_t i = 0; i < 3; ++i) records.emplace_back(NodeNumber(i), hot[i].asReader());
  SortByHeat(records);
  EXPECT_EQ(HotRecordTable(records).Human(/*colour=*/false),
            "Moves/s  Database      Home  Key\n"
            "      3  counters.tdb     2  0x0001\n"
            "      2  counters.tdb     1  " +
                std::string(57, 'k') +
                "...\n"
                "      1  counters.tdb     0  visitors\n");
  records.resize(1);
  EXPECT_EQ(HotRecordTable(records).Machine("|"),
            "|Moves|Database|Home|Key|\n|3|counters.tdb|2|0x0001|\n");
}

TEST(LockRenderTest, PeopleSeeTheHolderAndScriptsTheWholeSentence) {
  capnp::MallocMessageBuilder message;
  auto lock = message.initRoot<wire::LockReport>();
  lock.setDatabase("counters.tdb");
  lock.setKey(Data("visitors"));
  lock.setWaitedSeconds(5.25);
  lock.setObstacle("cannot lock bucket 7 within 1s: held by process 4711");
  const std::vector<WaitingLock> locks = {{NodeNumber(1), lock.asReader()}};
  EXPECT_EQ(LockTable(locks).Human(/*colour=*/false),
            "Node  Database      Waiting  Key       Held by\n"
            "   1  counters.tdb       5s  visitors  process 4711\n");
  EXPECT_EQ(LockTable(locks).Machine("|"),
            "|Node|Database|Seconds|Key|Obstacle|\n"
            "|1|counters.tdb|5.250000|0x76697369746f7273|"
            "cannot lock bucket 7 within 1s: held by process 4711|\n");
}

}  // namespace
}  // namespace ctdb::cli
