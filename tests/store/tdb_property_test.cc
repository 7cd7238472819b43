// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Random operations on a file of Samba's and on the model give the same answers; and a process that
// does what smbd does sees nothing but whole records of this node.

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "lib/base/random.h"
#include "lib/store/model_store.h"
#include "tests/store/tdb_store_support.h"

namespace ctdb::store {
namespace {

class TwoStores {
 public:
  explicit TwoStores(uint64_t seed) : random_(seed) { Serve(*tdb_); }

  void Operations(int count) {
    for (int i = 0; i < count && !testing::Test::HasFailure(); ++i) One();
    if (testing::Test::HasFailure()) return;
    EXPECT_TRUE(All(*tdb_) == All(model_));
    EXPECT_EQ(tdb_->Statistics()->records, model_.Statistics()->records);
  }

 private:
  std::string Key() {
    const uint64_t number = random_.Below(1000);
    return absl::StrCat(number, std::string(number % 40 == 0 ? number * 60 : 0, 'k'));
  }
  std::string Value() {
    const uint64_t kind = random_.Below(100);
    const uint64_t size = random_.Below(kind == 0 ? 300000 : kind < 10 ? 9000 : 600);
    return std::string(size, static_cast<char>('a' + random_.Below(26)));
  }
  // What a file can have: see tdb_header.h.
  RecordHeader Header(bool is_empty) {
    RecordHeader header;
    header.owner = NodeNumber(static_cast<uint32_t>(random_.Next()));
    header.epoch = Epoch(random_.Next() & kTdbEpochMax);
    header.counter = random_.Next() & kTdbCounterMax;
    header.flags = static_cast<uint32_t>(random_.Next());
    header.flags &= ~(kTombstone | kReadOnly | kTdbRevoking);
    if (is_empty) header.flags |= kTombstone;
    return header;
  }

  void One() {
    const uint64_t kind = random_.Below(1000);
    if (kind < 500) {
      Change(Key());
    } else if (kind < 985) {
      Look(Key());
    } else if (kind < 999) {
      Lease();
    } else if (random_.Below(5) == 0) {
      ASSERT_TRUE(tdb_->Wipe(absl::Seconds(10)).ok());
      ASSERT_TRUE(model_.Wipe(absl::Seconds(10)).ok());
    }
  }

  // Whether clients wait or not is nothing to the daemon.
  void Lease() { tdb_->SetServeUntil(random_.Below(2) == 0 ? 0 : LeaseFor(absl::Hours(1))); }

  void Change(const std::string& key) {
    absl::StatusOr<LockedRecord> tdb = tdb_->Lock(key, {.wait = absl::Seconds(10)});
    absl::StatusOr<LockedRecord> model = model_.Lock(key, {});
    ASSERT_TRUE(tdb.ok()) << tdb.status();
    Same(*tdb, *model);
    for (uint64_t i = random_.Below(3) + 1; i > 0; --i) {
      if (random_.Below(4) == 0) {
        ASSERT_TRUE(tdb->Delete().ok());
        ASSERT_TRUE(model->Delete().ok());
      } else {
        const std::string value = Value();
        const RecordHeader header = Header(value.empty());
        const absl::Status stored = tdb->Store(header, value);
        ASSERT_TRUE(stored.ok()) << stored;
        ASSERT_TRUE(model->Store(header, value).ok());
      }
      Same(*tdb, *model);
    }
  }

  static void Same(const LockedRecord& tdb, const LockedRecord& model) {
    ASSERT_EQ(tdb.exists(), model.exists());
    ASSERT_EQ(tdb.key(), model.key());
    ASSERT_EQ(tdb.header(), model.header());
    ASSERT_EQ(tdb.value(), model.value());
  }

  void Look(const std::string& key) {
    RecordCopy tdb, model;
    const absl::StatusOr<bool> found = tdb_->Read(key, tdb);
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_EQ(*found, *model_.Read(key, model));
    if (*found) {
      ASSERT_EQ(tdb, model);
    }
  }

  static std::map<std::string, RecordCopy> All(RecordStore& store) {
    std::map<std::string, RecordCopy> all;
    Cursor cursor;
    while (true) {
      const absl::StatusOr<std::vector<Record>> records = store.Next(cursor, 10000);
      EXPECT_TRUE(records.ok()) << records.status();
      if (!records.ok() || records->empty()) return all;
      for (const Record& record : *records) all[record.key] = record.copy;
    }
  }

  Random random_;
  const TestDirectory directory_;
  std::shared_ptr<TdbStore> tdb_ = MustOpenTdb(TdbOptions(directory_));
  ModelStore model_{[] { return int64_t{0}; }};
};

class TdbPropertyTest : public testing::TestWithParam<uint64_t> {};

TEST_P(TdbPropertyTest, AFileOfSambasAnswersAsTheModelDoes) {
  TwoStores(GetParam()).Operations(4000);
}

INSTANTIATE_TEST_SUITE_P(Seeds, TdbPropertyTest, testing::Range<uint64_t>(1, 5));

// The daemon gives records away and takes them back; smbd appends to what is this node's. Nothing
// that smbd was allowed to do is lost, and it never touches what is not this node's.
TEST(TdbTwoProcessesTest, WhatSmbdWritesUnderItsLockIsNeverLost_REC5_CALL9) {
  constexpr int kKeys = 20;
  const TestDirectory directory;
  const TdbStore::Options options = TdbOptions(directory);
  struct Counts {
    std::atomic<int> added[kKeys];
    std::atomic<bool> is_over;
  };
  Counts& counts = SharedWithChildren<Counts>();
  SmbdProcess smbd(options.path, {[&](SmbdPart& file) {
                     for (int i = 0; !counts.is_over; ++i) {
                       const std::string key = absl::StrCat("k", i % kKeys);
                       file.Lock(key);
                       const auto stored = file.Stored(key);
                       if (file.IsUsable(stored)) {
                         file.Store(key, *stored, stored->substr(SmbdPart::kHeaderBytes) + "+");
                         ++counts.added[i % kKeys];
                       }
                       file.Unlock(key);
                     }
                     return true;
                   }});
  const auto store = MustOpenTdb(options);
  Serve(*store);
  for (int i = 0; i < kKeys; ++i) {
    ASSERT_TRUE(PutTdb(*store, absl::StrCat("k", i), HeaderOf(kTestNode, 1), "").ok());
  }
  smbd.Begin();
  Random random(3);
  std::map<std::string, std::string> away;
  for (int i = 0; i < 3000; ++i) {
    const std::string key = absl::StrCat("k", random.Below(kKeys));
    absl::StatusOr<LockedRecord> record = store->Lock(key, {.wait = absl::Seconds(10)});
    ASSERT_TRUE(record.ok()) << record.status();
    const std::string value(record->value());
    RecordHeader header = record->header();
    const bool is_away = header.owner != kTestNode;
    if (is_away) {
      ASSERT_EQ(value, away[key]) << "smbd wrote what was not its node's";
    }
    away[key] = value;
    header.owner = is_away ? kTestNode : NodeNumber(9);
    ++header.counter;
    ASSERT_TRUE(record->Store(header, value).ok());
  }
  counts.is_over = true;
  EXPECT_TRUE(smbd.End());
  for (int i = 0; i < kKeys; ++i) {
    EXPECT_EQ(Get(*store, absl::StrCat("k", i))->size(), static_cast<size_t>(counts.added[i]));
  }
}

}  // namespace
}  // namespace ctdb::store
