// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/cold_tier.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

class ColdTierTest : public testing::Test {
 protected:
  static StoreOptions Small(const TestDirectory& directory) {
    StoreOptions options = directory.Options();
    options.cold_bytes = 1024 * 1024;
    return options;
  }

  const TestDirectory directory_;
  const HotFile file_ = *HotFile::Open(Small(directory_));
  ColdTier cold_{file_, 1};
};

TEST_F(ColdTierTest, LongKeysAreFoundByTheirWholeLength) {
  const std::string key(5000, 'k');
  RecordHeader header;
  header.owner = NodeNumber(2);
  header.counter = 9;
  RecordCopy copy;
  EXPECT_FALSE(*cold_.Get(key, copy));
  ASSERT_TRUE(cold_.Write({{key, header, "value"}, {key + "2", {}, "other"}}).ok());
  ASSERT_TRUE(*cold_.Get(key, copy));
  EXPECT_EQ(copy, (RecordCopy{header, "value"}));
  EXPECT_FALSE(*cold_.Get(key.substr(1), copy));
  ASSERT_TRUE(cold_.Write({{key, {}, "", true}, {"missing", {}, "", true}}).ok());
  EXPECT_FALSE(*cold_.Get(key, copy));
  EXPECT_TRUE(*cold_.Get(key + "2", copy));
}

TEST_F(ColdTierTest, FullFileIsAnErrorAndChangesNothing) {
  ASSERT_TRUE(cold_.Write({{"key", {}, "value"}}).ok());
  const std::string large(2 * 1024 * 1024, 'x');
  const absl::Status status = cold_.Write({{"key", {}, "other"}, {"large", {}, large}});
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  RecordCopy copy;
  ASSERT_TRUE(*cold_.Get("key", copy));
  EXPECT_EQ(copy.value, "value");
  EXPECT_TRUE(cold_.Write({{"key", {}, "other"}}).ok());
}

TEST_F(ColdTierTest, IterationSeesEachKeyOnce) {
  std::set<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    ASSERT_TRUE(cold_.Write({{*expected.insert(absl::StrCat("key", i)).first, {}, "v"}}).ok());
  }
  std::set<std::string> seen;
  std::string after;
  while (true) {
    const absl::StatusOr<std::vector<std::string>> keys = cold_.NextKeys(after, 1000);
    ASSERT_TRUE(keys.ok()) << keys.status();
    if (keys->empty()) break;
    for (const std::string& key : *keys) EXPECT_TRUE(seen.insert(key).second);
  }
  EXPECT_EQ(seen, expected);
}

TEST_F(ColdTierTest, OtherProcessesSeeItAndATruncatedFileIsDataLoss) {
  ASSERT_TRUE(cold_.Write({{"key", {}, "value"}}).ok());
  ASSERT_TRUE(cold_.Sync().ok());
  EXPECT_GT(*cold_.BytesInUse(), 0u);
  const auto look = [&] {
    RecordCopy copy;
    const HotFile file = *HotFile::Open(directory_.Options());
    ColdTier other(file, 2);
    const absl::StatusOr<bool> found = other.Get("key", copy);
    ::_exit(found.ok() && *found ? 0 : absl::IsDataLoss(found.status()) ? 1 : 2);
  };
  EXPECT_EQ(WEXITSTATUS(WaitForEnd(Fork(look))), 0);
  ASSERT_EQ(::truncate(file_.ColdPath().c_str(), 100), 0);
  EXPECT_EQ(WEXITSTATUS(WaitForEnd(Fork(look))), 1);
  ASSERT_EQ(::unlink(file_.ColdPath().c_str()), 0);
  EXPECT_EQ(WEXITSTATUS(WaitForEnd(Fork(look))), 1);
}

}  // namespace
}  // namespace ctdb::store
