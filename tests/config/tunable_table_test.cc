// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/tunable_table.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace ctdb::config {
namespace {

TEST(TunableTableTest, RowsStandWhereTheirNumberSays) {
  ASSERT_EQ(TunableTable().size(), kTunableCount);
  for (size_t i = 0; i < kTunableCount; ++i) {
    EXPECT_EQ(static_cast<size_t>(TunableTable()[i].id), i) << TunableTable()[i].name;
  }
}

TEST(TunableTableTest, ThereAre49AndAnother13OfThePast) {
  EXPECT_EQ(TunableTable().size(), 49u);
  EXPECT_EQ(ObsoleteTunableTable().size(), 13u);
}

TEST(TunableTableTest, NoNameOccursTwice) {
  std::set<std::string> names;
  for (const auto& tunable : TunableTable()) names.insert(absl::AsciiStrToLower(tunable.name));
  for (const auto& tunable : ObsoleteTunableTable()) {
    names.insert(absl::AsciiStrToLower(tunable.name));
  }
  EXPECT_EQ(names.size(), 49u + 13u);
}

TEST(TunableTableTest, EveryTunableHasUnitAndDocumentation) {
  for (const TunableSpec& tunable : TunableTable()) {
    EXPECT_FALSE(tunable.unit.empty()) << tunable.name;
    EXPECT_TRUE(absl::EndsWith(tunable.doc, ".")) << tunable.name;
  }
}

TEST(TunableTableTest, NamesAreFoundInAnyCase) {
  EXPECT_EQ(FindTunable("ipallocalgorithm")->id, Tunable::kIPAllocAlgorithm);
  EXPECT_EQ(FindTunable("RecoverTimeout")->default_value, 30u);
  EXPECT_EQ(FindTunable("DBSizeWarn")->default_value, 100000000u);
  EXPECT_EQ(FindTunable("nonsense"), nullptr);
}

TEST(TunableTableTest, ObsoleteNamesAreNotActive) {
  EXPECT_TRUE(IsObsoleteTunable("maxredirectcount"));
  EXPECT_FALSE(IsObsoleteTunable("EnableBans"));
  EXPECT_EQ(FindTunable("MaxRedirectCount"), nullptr);
}

}  // namespace
}  // namespace ctdb::config
