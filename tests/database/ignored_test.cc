// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/ignored.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace ctdb::database {
namespace {

TEST(IgnoredTest, ReasonsHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(Ignored::kUnknownTicket); ++i) {
    names.insert(std::string(IgnoredName(static_cast<Ignored>(i))));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(Ignored::kUnknownTicket) + 1);
}

TEST(IgnoredTest, EachReasonIsCountedForItself) {
  IgnoredCounts counts;
  counts.Add(Ignored::kLate);
  counts.Add(Ignored::kLate);
  EXPECT_EQ(counts.of(Ignored::kLate), 2u);
  EXPECT_EQ(counts.of(Ignored::kDuplicate), 0u);
}

}  // namespace
}  // namespace ctdb::database
