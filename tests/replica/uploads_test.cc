// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/uploads.h"

#include <gtest/gtest.h>

#include <string>

namespace ctdb::replica {
namespace {

const Uploads::Name kName{{NodeNumber(0), ServiceId::kClient, InstanceNumber(3)}, {1, 2}};

class UploadsTest : public testing::Test {
 protected:
  const std::shared_ptr<BodyMemory> memory_ = std::make_shared<BodyMemory>(100);
  Uploads uploads_{memory_};
  Instant now_{};
};

TEST_F(UploadsTest, PartsBecomeABody) {
  EXPECT_EQ(*uploads_.Add(kName, {6, 0, "abc"}, now_), 3u);
  EXPECT_EQ(uploads_.Take(kName), nullptr) << "half of it";
  EXPECT_EQ(*uploads_.Add(kName, {6, 3, "def"}, now_), 6u);
  const std::shared_ptr<const Body> body = uploads_.Take(kName);
  ASSERT_NE(body, nullptr);
  EXPECT_EQ(body->bytes(), "abcdef");
  EXPECT_EQ(uploads_.Take(kName), nullptr);
}

TEST_F(UploadsTest, AMissingPartIsNoticed) {
  EXPECT_TRUE(absl::IsFailedPrecondition(uploads_.Add(kName, {6, 3, "def"}, now_).status()));
  EXPECT_TRUE(uploads_.Add(kName, {6, 0, "abc"}, now_).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(uploads_.Add(kName, {6, 4, "ef"}, now_).status()));
  EXPECT_TRUE(uploads_.Add(kName, {6, 0, "abc"}, now_).ok()) << "from the beginning again";
  EXPECT_TRUE(uploads_.Add(kName, {6, 3, "def"}, now_).ok());
}

TEST_F(UploadsTest, WhatFindsNoRoomMayTryAgain) {
  EXPECT_TRUE(uploads_.Add(kName, {60, 0, "a"}, now_).ok());
  Uploads::Name other = kName;
  other.token.low = 9;
  EXPECT_TRUE(absl::IsResourceExhausted(uploads_.Add(other, {60, 0, "a"}, now_).status()));
}

TEST_F(UploadsTest, BeyondTheLimitItIsRefused) {
  const absl::Status status =
      uploads_.Add(kName, {store::kTransactionBytesMax + 1, 0, "a"}, now_).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST_F(UploadsTest, WhatDoesNotGoOnIsForgotten) {
  EXPECT_EQ(uploads_.NextDeadline(), kNever);
  EXPECT_TRUE(uploads_.Add(kName, {60, 0, "a"}, now_).ok());
  EXPECT_EQ(uploads_.NextDeadline(), After(now_, Uploads::kUploadKept));
  uploads_.OnTick(After(now_, Uploads::kUploadKept));
  EXPECT_EQ(memory_->used(), 0u);
  EXPECT_EQ(uploads_.NextDeadline(), kNever);
}

}  // namespace
}  // namespace ctdb::replica
