// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/plain_payloads.h"

#include <gtest/gtest.h>

#include "tests/samba/layout.h"

namespace ctdb::samba {
namespace {

TEST(PlainPayloadsTest, NumbersAreInHostOrder) {
  ExpectFixedLayout(NumberPayload<int32_t>{-2}, "feffffff");
  ExpectFixedLayout(NumberPayload<uint32_t>{0x30003}, "03000300");
  ExpectFixedLayout(NumberPayload<uint64_t>{0x0102030405060708}, "08070605 04030201");
  ExpectFixedLayout(NumberPayload<double>{0.5}, "00000000 0000e03f");
  ExpectFixedLayout(DbIdPayload{DbId(0x7A19D84D)}, "4dd8197a");
}

TEST(PlainPayloadsTest, NothingIsNothing) { ExpectFixedLayout(EmptyPayload{}, ""); }

TEST(PlainPayloadsTest, Cn24ATextEndsInAZeroByte) {
  EXPECT_EQ(Encode(TextPayload{"a.tdb"}), absl::string_view("a.tdb\0", 6));
  EXPECT_EQ(Decode<TextPayload>(absl::string_view("a.tdb\0", 6))->text, "a.tdb");
  EXPECT_EQ(Decode<TextPayload>(absl::string_view("\0", 1))->text, "");
  EXPECT_TRUE(absl::IsInvalidArgument(Decode<TextPayload>("a.tdb").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Decode<TextPayload>("").status()));
}

TEST(PlainPayloadsTest, ATextEndsAtItsFirstZeroByteInBothDirections) {
  EXPECT_EQ(Decode<TextPayload>(absl::string_view("a\0b\0", 4))->text, "a");
  EXPECT_EQ(Encode(TextPayload{absl::string_view("a\0b", 3)}), absl::string_view("a\0", 2));
}

TEST(PlainPayloadsTest, ATextThatMayBeMissingIsNothingWhenItIsEmpty) {
  EXPECT_EQ(Encode(OptionalTextPayload{}), "");
  EXPECT_EQ(Decode<OptionalTextPayload>("")->text, "");
  EXPECT_EQ(Encode(OptionalTextPayload{"why"}), absl::string_view("why\0", 4));
  EXPECT_EQ(Decode<OptionalTextPayload>(absl::string_view("why\0", 4))->text, "why");
  EXPECT_FALSE(Decode<OptionalTextPayload>("why").ok());
}

TEST(PlainPayloadsTest, BytesAreWhateverTheyAre) {
  EXPECT_EQ(Decode<BytesPayload>("anything")->bytes, "anything");
  EXPECT_EQ(Encode(BytesPayload{"anything"}), "anything");
}

}  // namespace
}  // namespace ctdb::samba
