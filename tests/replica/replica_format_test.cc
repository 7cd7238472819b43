// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/replica_format.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ctdb::replica {
namespace {

const Position kPosition{Epoch(3), 0x0102030405060708};

// Every byte of it counts.
template <typename Parse>
void ExpectDamageIsFound(const std::string& bytes, Parse parse) {
  EXPECT_TRUE(parse(bytes).ok());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] ^= 1;
    EXPECT_TRUE(absl::IsDataLoss(parse(changed))) << "byte " << i;
    EXPECT_TRUE(absl::IsDataLoss(parse(bytes.substr(0, i)))) << "length " << i;
  }
}

TEST(ReplicaFormatTest, NumbersHaveTheSameBytesOnEveryMachine) {
  EXPECT_EQ(SlotName(0x0102), "\x01\x02");
  EXPECT_EQ(PositionName(kPosition), std::string("\0\0\0\0\0\0\0\3\1\2\3\4\5\6\7\10", 16));
  EXPECT_EQ(DigestBytes({1, 2}), std::string("\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16));
  const std::string record = RecordBytes("key", kPosition, "value");
  EXPECT_EQ(record.substr(0, 16), std::string("\3\0\0\0\0\0\0\0\10\7\6\5\4\3\2\1", 16));
  EXPECT_EQ(record.substr(32), std::string("\0\0\0\0value", 9));
}

TEST(ReplicaFormatTest, NamesOfRecordsSortAsKeysUpToTheirFirstBytes) {
  const std::string key(kPrefixBytes, 'k');
  EXPECT_EQ(RecordName("key"), SlotName(SlotNumberOf("key")) + "key");
  EXPECT_FALSE(IsLongName(RecordName(key)));
  EXPECT_EQ(RecordName(key).substr(2), key);
  const std::string a = RecordName(key + "a"), b = RecordName(key + "b");
  EXPECT_TRUE(IsLongName(a));
  EXPECT_EQ(a.size(), 511u);
  EXPECT_NE(a.substr(2), b.substr(2));
  EXPECT_EQ(GroupOf(a).substr(2), key);
}

TEST(ReplicaFormatTest, RecordsComeBackAndDamageIsFound) {
  for (const std::string& key : {std::string("k"), std::string(600, 'k')}) {
    const std::string name = RecordName(key);
    const std::string bytes = RecordBytes(key, kPosition, "value");
    const absl::StatusOr<RecordView> record = ParseRecord(name, bytes);
    ASSERT_TRUE(record.ok()) << record.status();
    EXPECT_EQ(record->slot, SlotNumberOf(key));
    EXPECT_EQ(record->key, key);
    EXPECT_EQ(record->value, "value");
    EXPECT_EQ(record->info, (RecordInfo{kPosition, FingerprintOf(key, kPosition, "value")}));
    ExpectDamageIsFound(bytes, [&](absl::string_view changed) {
      const absl::StatusOr<RecordView> parsed = ParseRecord(name, changed);
      return parsed.ok() ? Verify(*parsed) : parsed.status();
    });
  }
  EXPECT_FALSE(ParseRecord("ab", RecordBytes("k", kPosition, "value")).ok());
}

TEST(ReplicaFormatTest, EntriesOfTheLogComeBackAndDamageIsFound) {
  const Entry entry{kPosition, {5, 6}, true, {{"a", "1"}, {"b", std::nullopt}, {"c", ""}}};
  const std::string name = PositionName(kPosition);
  const std::string bytes = EntryBytes(entry);
  EXPECT_EQ(*ParseEntry(name, bytes), entry);
  EXPECT_EQ(*ParseItem(name, bytes), (LogIndex::Item{kPosition, {5, 6}, BytesOf(entry)}));
  EXPECT_FALSE(ParseEntry(PositionName({Epoch(3), 1}), bytes).ok());
  ExpectDamageIsFound(
      bytes, [&](absl::string_view changed) { return ParseEntry(name, changed).status(); });
  const LogIndex::Item token{kPosition, {5, 6}, 0};
  EXPECT_EQ(*ParseItem(name, TokenBytes(token)), token);
}

TEST(ReplicaFormatTest, MetaComesBackAndDamageIsFound) {
  const Meta meta{1, 9, kPosition, {Epoch(1), 2}, 77, "secrets.tdb", "it burned"};
  const std::string bytes = MetaBytes(meta);
  EXPECT_EQ(*ParseMeta(bytes), meta);
  EXPECT_EQ(TableOf(bytes), 1u);
  EXPECT_EQ(TableOf(MetaBytes({})), 0u);
  ExpectDamageIsFound(bytes, [](absl::string_view changed) { return ParseMeta(changed).status(); });
}

TEST(ReplicaFormatTest, OtherFormatsAreRefusedByTheirNumber) {
  // As a later version would write it: the same magic and checksum, and anything behind them.
  const std::string rest = std::string("\2\0\0\0", 4) + "something else";
  const std::string bytes = "ctdbcopy" + DigestBytes(FingerprintOf(kMetaName, {}, rest)) + rest;
  const absl::Status status = ParseMeta(bytes).status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_NE(status.message().find("format is 2"), absl::string_view::npos) << status;
}

}  // namespace
}  // namespace ctdb::replica
