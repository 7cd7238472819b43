// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/tunables.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/samba/layout.h"

namespace ctdb::samba {
namespace {

TEST(TunablesTest, AValueThenTheNameWithItsZeroByte) {
  ExpectLayout(TunableSet{7, "Ab"}, "07000000 03000000 416200");
  ExpectLayout(TunableGet{"Ab"}, "03000000 416200");
}

TEST(TunablesTest, Cn24ANameWithoutZeroByteIsRefused) {
  EXPECT_FALSE(Decode<TunableGet>(FromHex("02000000 4162")).ok());
  EXPECT_FALSE(Decode<TunableSet>(FromHex("07000000 02000000 4162")).ok());
}

TEST(TunablesTest, EachNameOfTheListIsBehindAColon) {
  const std::string joined = JoinTunableNames({"Ab", "C"});
  EXPECT_EQ(joined, ":Ab:C");
  ExpectLayout(TunableNames{joined}, "06000000 3a41623a4300");
  EXPECT_EQ(SplitTunableNames(joined), (std::vector<absl::string_view>{"Ab", "C"}));
  EXPECT_TRUE(SplitTunableNames("").empty());
}

TEST(TunablesTest, AllValuesAreSixtyTwoNumbers) {
  TunableValues all;
  all.values[0] = 1;
  all.values[61] = 2;
  ExpectFixedLayout(all, absl::StrCat("01000000", std::string(60 * 8, '0'), "02000000"));
}

TEST(TunablesTest, TheOrderOfAllValuesIsTheOldDaemons) {
  const absl::Span<const WireTunable> tunables = WireTunables();
  ASSERT_EQ(tunables.size(), kTunableCount);
  EXPECT_EQ(tunables[0].name, "MaxRedirectCount");
  EXPECT_TRUE(tunables[0].is_obsolete);
  EXPECT_EQ(tunables[15].name, "RecoveryGracePeriod");
  EXPECT_EQ(tunables[16].name, "RecoveryBanPeriod");
  EXPECT_EQ(tunables[31].name, "VerifyRecoveryLock");
  EXPECT_EQ(tunables[32].name, "VacuumInterval");
  EXPECT_EQ(tunables[44].name, "DeferredRebalanceOnNodeAdd");
  EXPECT_EQ(tunables[53].name, "PullDBPreallocation");
  EXPECT_EQ(tunables[53].default_value, 10485760);
  EXPECT_EQ(tunables[61].name, "AllowMixedVersions");
  int obsolete = 0;
  for (const WireTunable& tunable : tunables) obsolete += tunable.is_obsolete ? 1 : 0;
  EXPECT_EQ(obsolete, 13);
}

}  // namespace
}  // namespace ctdb::samba
