// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/constants.h"

#include <gtest/gtest.h>

#include "lib/samba/srvid.h"

namespace ctdb::samba {
namespace {

TEST(ConstantsTest, EachKindOfDatabaseIsOpenedAsTheOldDaemonSays) {
  EXPECT_EQ(kOpenVolatile, 0x1C41);
  EXPECT_EQ(kOpenVolatile | kTdbSeqnum, 0x1CC1);
  EXPECT_EQ(kOpenPersistent, 0x400);
  EXPECT_EQ(kOpenPersistent | kTdbSeqnum, 0x480);
  EXPECT_EQ(kOpenReplicated, 0xC41);
}

TEST(ConstantsTest, MasksOfNodeFlagsAreTheirFlags) {
  EXPECT_EQ(kNodeDisabledMask, 0x06);
  EXPECT_EQ(kNodeInactiveMask, 0x39);
}

TEST(ConstantsTest, CapabilitiesOfAnyNodeAreTheOldDefault) {
  EXPECT_EQ(kCapabilityRecmaster | kCapabilityLmaster | kCapabilityParallelRecovery |
                kCapabilityFragmentedControls,
            0x30003);
}

TEST(ConstantsTest, AnAddressIsInTheRangeOfItsHighestByte) {
  EXPECT_EQ(SrvidRange(ChannelId(12993)), kSrvidRangeProcess);
  EXPECT_EQ(SrvidRange(kSrvidSambaProcess), kSrvidRangeSamba);
  EXPECT_EQ(SrvidRange(kSrvidReleaseIp), 0xF3);
  EXPECT_EQ(SrvidRange(ChannelId(0xCE01000000000123)), kSrvidRangeTool);
}

}  // namespace
}  // namespace ctdb::samba
