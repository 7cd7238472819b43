// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// layout: checks how a structure lies in bytes, and that no part of it is taken for the whole.

#ifndef TESTS_SAMBA_LAYOUT_H_
#define TESTS_SAMBA_LAYOUT_H_

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/string_view.h"
#include "lib/samba/wire.h"
#include "tests/samba/spec_packets.h"

namespace ctdb::samba {

template <typename T>
void ExpectLayout(const T& value, absl::string_view hex) {
  SCOPED_TRACE(T::kName);
  const std::string bytes = FromHex(hex);
  EXPECT_EQ(ToHex(Encode(value)), ToHex(bytes));
  EXPECT_EQ(EncodedBytes(value), bytes.size());
  const absl::StatusOr<T> decoded = Decode<T>(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_TRUE(*decoded == value);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::string part = bytes.substr(0, size);
    EXPECT_TRUE(absl::IsInvalidArgument(Decode<T>(part).status())) << size;
  }
  const std::string longer = bytes + "x";
  EXPECT_EQ(Decode<T>(longer).ok(), T::kSize == Size::kAtLeast);
}

// Of a structure without a variable part.
template <typename T>
void ExpectFixedLayout(const T& value, absl::string_view hex) {
  ExpectLayout(value, hex);
  EXPECT_EQ(EncodedBytes(value), T::kBytes) << T::kName;
}

}  // namespace ctdb::samba

#endif  // TESTS_SAMBA_LAYOUT_H_
