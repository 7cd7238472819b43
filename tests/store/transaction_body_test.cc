// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/transaction_body.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace ctdb::store {
namespace {

TEST(TransactionBodyTest, HasTheWritesInTheirOrder) {
  std::string body;
  AppendBodyWrite(body, "a", "1");
  AppendBodyWrite(body, "b", std::nullopt);
  AppendBodyWrite(body, "c", "");
  EXPECT_EQ(body.size(), 3 * 8u + 4);
  EXPECT_EQ(CheckBody(body), absl::OkStatus());
  BodyReader reader(body);
  BodyWrite write;
  ASSERT_TRUE(reader.Next(write));
  EXPECT_EQ(write.key, "a");
  EXPECT_EQ(write.value, "1");
  ASSERT_TRUE(reader.Next(write));
  EXPECT_EQ(write.key, "b");
  EXPECT_EQ(write.value, std::nullopt);
  ASSERT_TRUE(reader.Next(write));
  EXPECT_EQ(write.value, "");
  EXPECT_FALSE(reader.Next(write));
  EXPECT_TRUE(reader.is_end());
}

TEST(TransactionBodyTest, CutAnywhereItIsNone) {
  std::string body;
  AppendBodyWrite(body, "key", "value");
  for (size_t bytes = 1; bytes < body.size(); ++bytes) {
    EXPECT_FALSE(CheckBody(absl::string_view(body).substr(0, bytes)).ok()) << bytes;
  }
  EXPECT_FALSE(CheckBody(std::string(16, '\xff')).ok());
}

TEST(TransactionBodyTest, WhatNoRecordCanBeIsRefused) {
  std::string body;
  AppendBodyWrite(body, "", "value");
  EXPECT_TRUE(absl::IsInvalidArgument(CheckBody(body)));
  body.clear();
  AppendBodyWrite(body, "key", std::string(kTransactionValueBytesMax + 1, 'v'));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckBody(body)));
}

TEST(TransactionBodyTest, TheLimitIsSaid) {
  const absl::Status status = CheckBody(std::string(kTransactionBytesMax + 1, '\0'));
  EXPECT_NE(status.message().find("64 MiB"), std::string::npos) << status;
}

TEST(TransactionBodyTest, TheDigestIsTheSameHoweverTheBytesCome) {
  const std::string body(3 * kBodyBlockBytes + 5, 'b');
  const BodySeal seal = SealOf(body);
  for (const size_t step : {size_t{1000}, kBodyBlockBytes, 2 * kBodyBlockBytes}) {
    BodyDigest digest;
    for (size_t end = 0; end < body.size();) {
      end = std::min(end + step, body.size());
      digest.Update(absl::string_view(body).substr(0, end), end == body.size());
    }
    EXPECT_EQ(digest.value(), seal.digest) << step;
  }
  std::string other = body;
  other[kBodyBlockBytes] = 'c';
  EXPECT_NE(SealOf(other), seal);
}

}  // namespace
}  // namespace ctdb::store
