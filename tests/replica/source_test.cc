// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/source.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/replica/model_storage.h"

namespace ctdb::replica {
namespace {

Position At(uint64_t sequence) { return {Epoch(1), sequence}; }

Replica::Output::Store AppendOf(const std::vector<Entry>& entries) {
  return {StoreTicket(1), Replica::Output::Append{entries, {}, {}, false}};
}

TEST(SourceTest, APullGetsWhatFollowsInTheLog) {
  ModelStorage storage;
  const Entry first{At(1), {1, 1}, false, {{"a", "1"}}};
  const Entry second{At(2), {2, 2}, false, {{"a", "2"}}};
  storage.Apply(AppendOf({first, second}));
  const auto entries = AnswerPull({{}, At(1)}, storage.log(), storage);
  ASSERT_TRUE(entries.ok());
  EXPECT_TRUE(entries->is_known);
  EXPECT_EQ(entries->entries, std::vector<Entry>{second});
}

TEST(SourceTest, APullFromElsewhereIsToldSo) {
  ModelStorage storage;
  storage.Apply(AppendOf({{At(2), {2, 2}, false, {}}}));
  const auto entries = AnswerPull({{}, At(1)}, storage.log(), storage);
  ASSERT_TRUE(entries.ok());
  EXPECT_FALSE(entries->is_known);
}

TEST(SourceTest, WhatTheStorageHasForgottenMeanwhileIsNotLeftOut) {
  ModelStorage storage;
  storage.Apply(AppendOf({{At(1), {1, 1}, false, {}}, {At(2), {2, 2}, false, {}}}));
  const LogIndex before = storage.log();
  storage.Apply({StoreTicket(1), Replica::Output::Append{{{At(3), {3, 3}, false, {}}},
                                                         /*log_base=*/At(2),
                                                         {},
                                                         false}});
  const auto entries = AnswerPull({{}, At(1)}, before, storage);
  ASSERT_TRUE(entries.ok());
  EXPECT_FALSE(entries->is_known) << "otherwise the third would follow the first";
  EXPECT_TRUE(entries->entries.empty());
}

TEST(SourceTest, DigestsComeWithTokensAndTheirBase) {
  ModelStorage storage;
  storage.Apply(AppendOf({{At(2), {2, 2}, false, {{"a", "1"}}}}));
  const DigestList list = AnswerDigestsWanted({}, storage.digests(), storage.log());
  EXPECT_EQ(list.position, At(2));
  EXPECT_EQ(list.slots, storage.digests().slots());
  EXPECT_EQ(list.tokens, (std::vector<LogIndex::Item>{{At(2), {2, 2}, 0}}));
}

TEST(SourceTest, APageHasWhatTheMemberLacksAndSaysWhatItMayKeep) {
  ModelStorage storage;
  storage.Put("a", At(1), "1");
  const uint64_t same = FingerprintOf("a", At(1), "1").low;
  const auto kept = AnswerFetch({{}, SlotNumberOf("a"), "", "", {same, same + 1}}, storage);
  ASSERT_TRUE(kept.ok());
  EXPECT_TRUE(kept->is_complete);
  EXPECT_EQ(kept->kept, (std::vector<bool>{true, false}));
  EXPECT_TRUE(kept->records.empty());
  const Fetch fetch{{}, SlotNumberOf("a"), "", "", {same & 0xffffffff}, /*is_short=*/true};
  const auto kept_by_half = AnswerFetch(fetch, storage);
  ASSERT_TRUE(kept_by_half.ok());
  EXPECT_EQ(kept_by_half->kept, std::vector<bool>{true});
  const auto sent = AnswerFetch({{}, SlotNumberOf("a"), "", "", {}}, storage);
  ASSERT_TRUE(sent.ok());
  EXPECT_EQ(sent->records, (std::vector<Record>{{"a", At(1), "1"}}));
}

TEST(SourceTest, APageIsBoundedAndSaysHowFarItGoes) {
  ModelStorage storage;
  std::vector<std::string> keys;
  for (int i = 0; keys.size() < 3; ++i) {
    const std::string key = absl::StrCat("key", i);
    if (SlotNumberOf(key) != SlotNumberOf("key0")) continue;
    storage.Put(key, At(1), std::string(kPageBytesMax, 'v'));
    keys.push_back(key);
  }
  std::sort(keys.begin(), keys.end());
  const auto page = AnswerFetch({{}, SlotNumberOf("key0"), keys[0], "", {}}, storage);
  ASSERT_TRUE(page.ok());
  EXPECT_FALSE(page->is_complete);
  EXPECT_EQ(page->covered, keys[1]);
  ASSERT_EQ(page->records.size(), 1u);
  const auto until = AnswerFetch({{}, SlotNumberOf("key0"), "", keys[0], {}}, storage);
  ASSERT_TRUE(until.ok());
  EXPECT_EQ(until->records.size(), 1u);
}

TEST(SourceTest, ADamagedSourceSaysSo) {
  ModelStorage storage;
  storage.Apply(AppendOf({{At(1), {1, 1}, false, {}}}));
  storage.Break();
  EXPECT_FALSE(AnswerFetch({{}, 0, "", "", {}}, storage).ok());
  EXPECT_FALSE(AnswerPull({{}, {}}, storage.log(), storage).ok());
}

}  // namespace
}  // namespace ctdb::replica
