// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/node_payloads.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/samba/layout.h"

namespace ctdb::samba {
namespace {

constexpr absl::string_view kHexAddress =
    "0200111b 7f000001 00000000 00000000 00000000 00000000 00000000 ";

SockAddress Address() {
  SockAddress address = *SockAddress::FromText("127.0.0.1");
  address.port = kNodePort;
  return address;
}

TEST(NodePayloadsTest, ANodeMapIsItsNodesBehindTheirNumber) {
  ExpectFixedLayout(NodeEntry{NodeNumber(1), kNodeDeleted, Address()},
                    absl::StrCat("01000000 10000000 ", kHexAddress));
  ExpectLayout(NodeMap{{{NodeNumber(0), kNodeUnhealthy, Address()}}},
               absl::StrCat("01000000 00000000 02000000 ", kHexAddress));
}

TEST(NodePayloadsTest, AVnnMapIsAGenerationAndNodes) {
  ExpectLayout(VnnMap{Generation(0x6EB4BDB6), {{NodeNumber(0)}, {NodeNumber(2)}}},
               "b6bdb46e 02000000 00000000 02000000");
  ExpectFixedLayout(VnnEntry{NodeNumber(2)}, "02000000");
}

TEST(NodePayloadsTest, AChangeOfFlagsHasTheNewOnesFirst) {
  ExpectFixedLayout(FlagChange{NodeNumber(1), 2, 4}, "01000000 02000000 04000000");
}

TEST(NodePayloadsTest, ABanIsANodeAndSeconds) {
  ExpectFixedLayout(BanState{NodeNumber(1), 300}, "01000000 2c010000");
}

TEST(NodePayloadsTest, AnUptimeIsFourTimesInOrder) {
  ExpectFixedLayout(WallTime{-1, 999999}, "ffffffff ffffffff 3f420f00 00000000");
  ExpectFixedLayout(Uptime{{1, 2}, {3, 4}, {5, 6}, {7, 8}},
                    "01000000 00000000 02000000 00000000 03000000 00000000 04000000 00000000"
                    "05000000 00000000 06000000 00000000 07000000 00000000 08000000 00000000");
}

TEST(NodePayloadsTest, AnElectionsMessageIsPaddedBeforeItsTime) {
  ExpectFixedLayout(ElectionMessage{3, {4, 5}, NodeNumber(6), 7},
                    "03000000 00000000 04000000 00000000 05000000 00000000 06000000 07000000");
}

TEST(NodePayloadsTest, TheNodeMapOfTheExamplesHasTwoHealthyNodes) {
  const absl::StatusOr<NodeMap> map =
      Decode<NodeMap>(absl::string_view(FromHex(kHexGetNodeMapReply)).substr(44));
  ASSERT_TRUE(map.ok()) << map.status();
  ASSERT_EQ(map->entries.size(), 2);
  EXPECT_EQ(map->entries[1].pnn, NodeNumber(1));
  EXPECT_EQ(map->entries[1].flags & kNodeInactiveMask, 0);
  EXPECT_EQ(map->entries[1].address.ToText(), "127.0.0.2");
  EXPECT_EQ(map->entries[1].address.port, kNodePort);
}

}  // namespace
}  // namespace ctdb::samba
