// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/payload_kind.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace ctdb::samba {
namespace {

TEST(PayloadKindTest, EachKindHasItsFixedSizeWhenItsBytesAreZeros) {
  const std::vector<std::pair<PayloadKind, size_t>> kinds = {
      {PayloadKind::kNothing, 0},
      {PayloadKind::kIgnored, 0},
      {PayloadKind::kInStatus, 0},
      {PayloadKind::kBytes, 0},
      {PayloadKind::kText, 1},
      {PayloadKind::kOptionalText, 0},
      {PayloadKind::kI32, 4},
      {PayloadKind::kU32, 4},
      {PayloadKind::kU64, 8},
      {PayloadKind::kF64, 8},
      {PayloadKind::kDbId, 4},
      {PayloadKind::kAddressInfo, 36},
      {PayloadKind::kBanState, 8},
      {PayloadKind::kConnection, 56},
      {PayloadKind::kDbMap, 4},
      {PayloadKind::kEchoData, 8},
      {PayloadKind::kFlagChange, 12},
      {PayloadKind::kInterface, 24},
      {PayloadKind::kInterfaceList, 4},
      {PayloadKind::kNodeMap, 4},
      {PayloadKind::kNotifyData, 12},
      {PayloadKind::kPidSrvid, 12},
      {PayloadKind::kPublicIp, 32},
      {PayloadKind::kPublicIpInfo, 40},
      {PayloadKind::kPublicIpList, 4},
      {PayloadKind::kPullDb, 16},
      {PayloadKind::kPushRecord, 40},
      {PayloadKind::kRecordBuffer, 8},
      {PayloadKind::kScheduleForDeletion, 36},
      {PayloadKind::kSeqnumRequest, 8},
      {PayloadKind::kSockAddress, 28},
      {PayloadKind::kStatistics, 488},
      {PayloadKind::kStatisticsHistory, 8},
      {PayloadKind::kTickleList, 32},
      {PayloadKind::kTransaction, 8},
      {PayloadKind::kTraverseAll, 24},
      {PayloadKind::kTraverseAllExt, 32},
      {PayloadKind::kTraverseStart, 16},
      {PayloadKind::kTraverseStartExt, 24},
      {PayloadKind::kTunableGet, 4},
      {PayloadKind::kTunableNames, 4},
      {PayloadKind::kTunableSet, 8},
      {PayloadKind::kTunableValues, 248},
      {PayloadKind::kUptime, 64},
      {PayloadKind::kVacuum, 5},
      {PayloadKind::kVnnMap, 8},
      {PayloadKind::kDbStatistics, 464},
  };
  // All but kRecordData, which cannot be all zeros.
  EXPECT_EQ(kinds.size(), static_cast<size_t>(PayloadKind::kVnnMap));
  for (const auto& [kind, bytes] : kinds) {
    EXPECT_TRUE(CheckPayload(kind, std::string(bytes, '\0')).ok()) << static_cast<int>(kind);
    if (bytes == 0) continue;
    EXPECT_TRUE(absl::IsInvalidArgument(CheckPayload(kind, std::string(bytes - 1, '\0'))))
        << static_cast<int>(kind);
  }
  EXPECT_FALSE(CheckPayload(PayloadKind::kRecordData, std::string(16, '\0')).ok());
  EXPECT_TRUE(CheckPayload(PayloadKind::kRecordData, "\x10" + std::string(15, '\0')).ok());
}

TEST(PayloadKindTest, WhatMustBeNothingIsRefusedWithAByte) {
  EXPECT_FALSE(CheckPayload(PayloadKind::kNothing, "x").ok());
  EXPECT_FALSE(CheckPayload(PayloadKind::kInStatus, "x").ok());
  EXPECT_TRUE(CheckPayload(PayloadKind::kIgnored, "x").ok());
}

}  // namespace
}  // namespace ctdb::samba
