// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/siphash.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ctdb::store {
namespace {

// The same numbers on every platform and in every version: computed by another implementation
// (Python's hash of bytes is SipHash-1-3; with PYTHONHASHSEED=0 its secret is zero).
TEST(SipHashTest, ZeroSecretGivesTheNumbersOfAnotherImplementation) {
  EXPECT_EQ(SipHash13({}, "a"), 0x407448d2b89b1813u);
  EXPECT_EQ(SipHash13({}, "record-1"), 0x021ca031aafe00f5u);
  EXPECT_EQ(SipHash13({}, "a key longer than two words"), 0xcccf10609d6a1f5bu);
}

TEST(SipHashTest, SecretAndEachByteCount) {
  std::set<uint64_t> seen;
  std::string key(64, 'x');
  seen.insert(SipHash13({1, 2}, key));
  seen.insert(SipHash13({1, 3}, key));
  seen.insert(SipHash13({2, 2}, key));
  seen.insert(SipHash13({1, 2}, key + std::string(1, '\0')));
  for (char& byte : key) {
    byte ^= 1;
    seen.insert(SipHash13({1, 2}, key));
    byte ^= 1;
  }
  EXPECT_EQ(seen.size(), 68u);
}

}  // namespace
}  // namespace ctdb::store
