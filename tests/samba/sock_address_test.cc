// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/sock_address.h"

#include <gtest/gtest.h>

#include "tests/samba/layout.h"

namespace ctdb::samba {
namespace {

SockAddress Address(absl::string_view text, uint16_t port = 0) {
  SockAddress address = *SockAddress::FromText(text);
  address.port = port;
  return address;
}

TEST(SockAddressTest, AnIpv4AddressIsInNetworkOrderWithZerosBehindIt) {
  ExpectFixedLayout(Address("192.168.77.2", 445),
                    "0200 01bd c0a84d02 00000000 00000000 00000000 00000000 00000000");
}

TEST(SockAddressTest, AnIpv6AddressHasItsFlowAndScope) {
  SockAddress address = Address("fd00::12", 4379);
  address.flow_info = 1;
  address.scope = 2;
  ExpectFixedLayout(address, "0a00 111b 01000000 fd000000 00000000 00000000 00000012 02000000");
}

TEST(SockAddressTest, NoAddressIsZeros) {
  ExpectFixedLayout(SockAddress(), std::string(56, '0'));
  EXPECT_EQ(SockAddress().ToText(), "");
}

TEST(SockAddressTest, BytesWithoutMeaningAreNotLookedAt) {
  const absl::StatusOr<SockAddress> address = Decode<SockAddress>(
      FromHex("0200 01bd c0a84d02 deadbeef deadbeef deadbeef deadbeef deadbeef"));
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_TRUE(*address == Address("192.168.77.2", 445));
}

TEST(SockAddressTest, AnotherFamilyIsRefused) {
  for (const absl::string_view family : {"0100", "0300", "000a", "ffff"}) {
    const std::string bytes = FromHex(family) + std::string(26, '\0');
    EXPECT_TRUE(absl::IsInvalidArgument(Decode<SockAddress>(bytes).status())) << family;
  }
}

TEST(SockAddressTest, ItsTextIsTheShortestOne) {
  EXPECT_EQ(Address("192.168.77.2", 445).ToText(), "192.168.77.2");
  EXPECT_EQ(Address("FD00:0:0:0:0:0:0:1", 445).ToText(), "fd00::1");
}

TEST(SockAddressTest, WhatIsNoAddressIsNothing) {
  for (const absl::string_view text :
       {"", "192.168.77", "192.168.77.256", "[fd00::1]", "fd00::1%eth0", "host", "1.2.3.4:5"}) {
    EXPECT_FALSE(SockAddress::FromText(text).has_value()) << text;
  }
  EXPECT_FALSE(SockAddress::FromText(absl::string_view("1.2.3.4\0x", 9)).has_value());
}

TEST(SockAddressTest, AnIpv4AddressInsideAnIpv6AddressComesOutWithItsPort) {
  EXPECT_TRUE(Address("::ffff:192.168.77.2", 445).Unmapped() == Address("192.168.77.2", 445));
  EXPECT_TRUE(Address("fd00::1", 445).Unmapped() == Address("fd00::1", 445));
  EXPECT_TRUE(Address("192.168.77.2", 445).Unmapped() == Address("192.168.77.2", 445));
  EXPECT_TRUE(Address("::192.168.77.2").Unmapped() == Address("::192.168.77.2"));
}

}  // namespace
}  // namespace ctdb::samba
