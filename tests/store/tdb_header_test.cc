// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tdb/tdb_header.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "lib/base/random.h"
#include "lib/store/loan.h"

namespace ctdb::store {
namespace {

std::string Encoded(const RecordHeader& header) {
  const absl::StatusOr<TdbHeaderBytes> bytes = EncodeTdbHeader(header);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.ok() ? std::string(bytes->data(), bytes->size()) : "";
}

uint32_t Word(const std::string& bytes, size_t offset) {
  uint32_t word = 0;
  std::memcpy(&word, bytes.data() + offset, sizeof(word));
  return word;
}

TEST(TdbHeaderTest, OwnerAndFlagsAreWhereSambaLooksForThem) {
  const std::string bytes = Encoded({NodeNumber(7), kLentOut, Epoch(1), 2});
  ASSERT_EQ(bytes.size(), 24u);
  EXPECT_EQ(Word(bytes, 8), 7u);
  EXPECT_EQ(Word(bytes, 16), kTdbHaveDelegations) << "a writer asks first (REC-3a)";
  EXPECT_EQ(Word(bytes, 20), 0u);
}

TEST(TdbHeaderTest, EveryVersionThatFitsComesBack) {
  Random random(1);
  for (int i = 0; i < 10000; ++i) {
    RecordHeader header;
    header.owner = NodeNumber(static_cast<uint32_t>(random.Next()));
    header.epoch = Epoch(random.Next() & kTdbEpochMax);
    header.counter = random.Next() & kTdbCounterMax;
    header.flags = static_cast<uint32_t>(random.Next()) & ~kTombstone & ~kTdbRevoking;
    EXPECT_EQ(DecodeTdbHeader(Encoded(header) + "value"), header);
  }
}

TEST(TdbHeaderTest, TheLastVersionsFitAndTheNextOnesAreRefused) {
  RecordHeader header{NodeNumber(1), 0, Epoch(kTdbEpochMax), kTdbCounterMax};
  EXPECT_EQ(DecodeTdbHeader(Encoded(header) + "v"), header);
  header.epoch = Epoch(kTdbEpochMax + 1);
  EXPECT_TRUE(absl::IsResourceExhausted(EncodeTdbHeader(header).status()));
  header.epoch = Epoch(1);
  header.counter = kTdbCounterMax + 1;
  EXPECT_TRUE(absl::IsResourceExhausted(EncodeTdbHeader(header).status()));
}

// PS-61.
TEST(TdbHeaderTest, WhatSambaAddsToTheRsnIsTheSameOwnershipForLongAndNeverALaterEpoch) {
  const RecordHeader header{NodeNumber(1), 0, Epoch(0x123456789ABC), 0xFFFFFE};
  std::string bytes = Encoded(header) + "value";
  const auto add = [&](uint64_t number) {
    uint64_t rsn = 0;
    std::memcpy(&rsn, bytes.data(), sizeof(rsn));
    rsn += number;
    std::memcpy(bytes.data(), &rsn, sizeof(rsn));
  };
  for (int i = 0; i < 255; ++i) add(1);
  EXPECT_EQ(DecodeTdbHeader(bytes), header);
  add(1);
  EXPECT_EQ(DecodeTdbHeader(bytes)->counter, header.counter + 1);
  add(100'000'000'000);
  EXPECT_EQ(DecodeTdbHeader(bytes)->epoch, header.epoch);
  EXPECT_GT(DecodeTdbHeader(bytes)->counter, header.counter + 1);
}

// HEAD's bits 0 and 1, and all that mean nothing here.
TEST(TdbHeaderTest, FlagsThatMeanNothingHereKeepTheirBits_REC3) {
  for (int bit = 0; bit < 32; ++bit) {
    const uint32_t theirs = 1u << bit;
    if (theirs == kTdbRevoking) continue;
    EXPECT_EQ(TdbFlagsOf(FlagsOfTdb(theirs)), theirs) << bit;
  }
  EXPECT_EQ(TdbFlagsOf(kReadOnly), kTdbHaveReadOnly);
  EXPECT_EQ(TdbFlagsOf(kWasReadOnly), kTdbRevokeComplete);
}

TEST(TdbHeaderTest, WhatHasNoDataIsDeletedAndNothingElseIs_REC1) {
  const std::string bytes = Encoded({NodeNumber(1), kTombstone, Epoch(1), 1});
  EXPECT_EQ(DecodeTdbHeader(bytes)->flags, kTombstone);
  EXPECT_EQ(DecodeTdbHeader(bytes + "v")->flags, 0u);
  EXPECT_EQ(DecodeTdbHeader(bytes.substr(0, 23)), std::nullopt);
  EXPECT_EQ(DecodeTdbHeader(""), std::nullopt);
}

}  // namespace
}  // namespace ctdb::store
