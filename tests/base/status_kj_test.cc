// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/status_kj.h"

#include <gtest/gtest.h>

namespace ctdb {
namespace {

TEST(StatusKjTest, CodeAndTextComeBack) {
  const absl::Status status = absl::NotFoundError("no node 7");
  EXPECT_EQ(ToStatus(ToException(status)), status);
}

TEST(StatusKjTest, CodeAndTextComeBackThroughTheWirePrefix) {
  const kj::Exception remote(kj::Exception::Type::FAILED, "", 0,
                             kj::str("remote exception: INVALID_ARGUMENT: bad level"));
  EXPECT_EQ(ToStatus(remote), absl::InvalidArgumentError("bad level"));
}

TEST(StatusKjTest, ForeignExceptionsAreMappedByType) {
  EXPECT_TRUE(absl::IsUnavailable(
      ToStatus(kj::Exception(kj::Exception::Type::DISCONNECTED, "", 0, kj::str("gone")))));
  EXPECT_TRUE(absl::IsInternal(
      ToStatus(kj::Exception(kj::Exception::Type::FAILED, "", 0, kj::str("odd")))));
}

}  // namespace
}  // namespace ctdb
