// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// Random operations on the native store and on the model give the same answers.

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "lib/base/random.h"
#include "lib/store/model_store.h"
#include "tests/store/audit.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

class TwoStores {
 public:
  explicit TwoStores(uint64_t seed) : random_(seed) {}

  void Operations(int count) {
    for (int i = 0; i < count && !testing::Test::HasFailure(); ++i) One();
    if (!testing::Test::HasFailure()) Compare();
    native_.reset();
    if (!testing::Test::HasFailure()) AuditSlots(directory_.Options());
  }

 private:
  std::string Key() {
    const uint64_t number = random_.Below(3000);
    return absl::StrCat(number, std::string(number % 40 == 0 ? number * 3 : 0, 'k'));
  }
  std::string Value() {
    const uint64_t kind = random_.Below(100);
    const uint64_t size = random_.Below(kind == 0 ? 100000 : kind < 10 ? 9000 : 600);
    return std::string(size, static_cast<char>('a' + random_.Below(26)));
  }

  void One() {
    const uint64_t kind = random_.Below(1000);
    if (kind < 450) {
      Change(Key());
    } else if (kind < 950) {
      Look(Key());
    } else if (kind < 990) {
      ASSERT_TRUE(native_->CopyToCold(bucket_, 200).ok());
    } else if (kind < 998) {
      native_.reset();
      native_ = MustOpen(directory_.Options(OpenMode::kExisting));
    } else if (kind == 998) {
      ASSERT_TRUE(native_->Sync().ok());
    } else if (random_.Below(10) == 0) {
      ASSERT_TRUE(native_->Wipe(absl::Seconds(10)).ok());
      ASSERT_TRUE(model_.Wipe(absl::Seconds(10)).ok());
    }
  }

  // Several operations under one lock.
  void Change(const std::string& key) {
    absl::StatusOr<LockedRecord> native = native_->Lock(key, {.wait = absl::Seconds(10)});
    absl::StatusOr<LockedRecord> model = model_.Lock(key, {});
    ASSERT_TRUE(native.ok()) << native.status();
    Same(*native, *model);
    for (uint64_t i = random_.Below(3) + 1; i > 0; --i) {
      if (random_.Below(4) == 0) {
        ASSERT_TRUE(native->Delete().ok());
        ASSERT_TRUE(model->Delete().ok());
      } else {
        RecordHeader header;
        header.owner = NodeNumber(static_cast<uint32_t>(random_.Next()));
        header.flags = static_cast<uint32_t>(random_.Next());
        header.epoch = Epoch(random_.Next());
        header.counter = random_.Next();
        const std::string value = Value();
        const absl::Status stored = native->Store(header, value);
        ASSERT_TRUE(stored.ok()) << stored;
        ASSERT_TRUE(model->Store(header, value).ok());
      }
      Same(*native, *model);
    }
  }

  static void Same(const LockedRecord& native, const LockedRecord& model) {
    ASSERT_EQ(native.exists(), model.exists());
    ASSERT_EQ(native.key(), model.key());
    ASSERT_EQ(native.header(), model.header());
    ASSERT_EQ(native.value(), model.value());
  }

  void Look(const std::string& key) {
    RecordCopy native, model;
    const absl::StatusOr<bool> found = native_->Read(key, native);
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_EQ(*found, *model_.Read(key, model));
    if (*found) {
      ASSERT_EQ(native, model);
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

  void Compare() {
    EXPECT_TRUE(All(*native_) == All(model_));
    EXPECT_EQ(native_->Statistics()->records, model_.Statistics()->records);
  }

  Random random_;
  const TestDirectory directory_;
  std::unique_ptr<NativeStore> native_ = MustOpen(directory_.Options());
  ModelStore model_{[] { return int64_t{0}; }};
  uint32_t bucket_ = 0;
};

class StorePropertyTest : public testing::TestWithParam<uint64_t> {};

TEST_P(StorePropertyTest, NativeStoreAnswersAsTheModelDoes) {
  TwoStores(GetParam()).Operations(10000);
}

INSTANTIATE_TEST_SUITE_P(Seeds, StorePropertyTest, testing::Range<uint64_t>(1, 7));

// Each record of a pair is only ever changed under its own lock; readers see whole records, and
// an iteration sees all that exist throughout.
TEST(StoreThreadsTest, ReadersAndIterationsSeeWholeRecordsWhileOthersWriteAndEvict) {
  constexpr int kKeys = 300;
  const TestDirectory directory;
  const auto store = MustOpen(directory.Options());
  for (int i = 0; i < kKeys; ++i) ASSERT_TRUE(Put(*store, absl::StrCat("k", i), "a").ok());
  std::atomic<bool> stop = false;
  std::vector<std::thread> writers;
  for (uint64_t seed = 0; seed < 2; ++seed) {
    writers.emplace_back([&, seed] {
      Random random(seed);
      while (!stop) {
        const std::string value(1 + random.Below(3000), static_cast<char>('a' + random.Below(26)));
        EXPECT_TRUE(Put(*store, absl::StrCat("k", random.Below(kKeys)), value).ok());
        EXPECT_TRUE(Put(*store, absl::StrCat("x", random.Below(2000)), value).ok());
      }
    });
  }
  const auto is_whole = [](const std::string& value) {
    return !value.empty() && value.find_first_not_of(value[0]) == std::string::npos;
  };
  Random random(7);
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 1000; ++i) {
      const std::optional<std::string> value = Get(*store, absl::StrCat("k", random.Below(kKeys)));
      ASSERT_TRUE(value.has_value());
      ASSERT_TRUE(is_whole(*value));
    }
    std::map<std::string, int> seen;
    Cursor cursor;
    while (true) {
      const absl::StatusOr<std::vector<Record>> records = store->Next(cursor, 10000);
      ASSERT_TRUE(records.ok()) << records.status();
      if (records->empty()) break;
      for (const Record& record : *records) {
        ++seen[record.key];
        ASSERT_TRUE(is_whole(record.copy.value)) << record.key;
      }
    }
    for (int i = 0; i < kKeys; ++i) ASSERT_GE(seen[absl::StrCat("k", i)], 1) << i;
  }
  stop = true;
  for (std::thread& writer : writers) writer.join();
}

}  // namespace
}  // namespace ctdb::store
