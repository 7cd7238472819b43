// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/address_payloads.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/samba/layout.h"

namespace ctdb::samba {
namespace {

SockAddress Address(absl::string_view text, uint16_t port) {
  SockAddress address = *SockAddress::FromText(text);
  address.port = port;
  return address;
}

constexpr absl::string_view kHexServer =
    "0200 01bd c0a84d02 00000000 00000000 00000000 00000000 00000000 ";
constexpr absl::string_view kHexClient =
    "0a00 bf18 00000000 fd000000 00000000 00000000 00000001 00000000 ";

SockAddress Server() { return Address("192.168.77.2", 445); }
SockAddress Client() { return Address("fd00::1", 48920); }

TEST(AddressPayloadsTest, AConnectionIsItsClientThenItsServer) {
  ExpectFixedLayout(Connection{Client(), Server()}, absl::StrCat(kHexClient, kHexServer));
}

TEST(AddressPayloadsTest, APublicAddressIsItsNodeThenItsAddress) {
  const std::string hex = absl::StrCat("02000000 ", kHexServer);
  ExpectFixedLayout(PublicIp{NodeNumber(2), Server()}, hex);
  ExpectLayout(PublicIpList{{{NodeNumber(2), Server()}, {kUnknownNode, Client()}}},
               absl::StrCat("02000000 ", hex, "ffffffff ", kHexClient));
  ExpectLayout(PublicIpList{}, "00000000");
}

TEST(AddressPayloadsTest, AnInterfaceHasANameOfEighteenBytes) {
  const std::string hex = "65746830 00000000 00000000 00000000 0000 0100 03000000 ";
  ExpectFixedLayout(Interface{"eth0", true, 3}, hex);
  ExpectLayout(
      InterfaceList{{{"eth0", true, 3}, {"lo", false, 0}}},
      absl::StrCat("02000000 ", hex, "6c6f0000 00000000 00000000 00000000 0000 0000 00000000"));
}

TEST(AddressPayloadsTest, ANameThatIsTooLongForAnInterfaceStaysAText) {
  const std::string bytes = Encode(Interface{"an-interface-with-a-long-name", false, 0});
  EXPECT_EQ(bytes.size(), Interface::kBytes);
  EXPECT_EQ(Decode<Interface>(bytes)->name, "an-interface-with");
  EXPECT_EQ(Decode<Interface>(std::string(18, 'x') + std::string(6, '\0'))->name.size(), 18);
}

TEST(AddressPayloadsTest, APublicAddressHasItsInterfacesBehindIt) {
  ExpectLayout(PublicIpInfo{{NodeNumber(2), Server()}, 0, {{"eth0", true, 3}}},
               absl::StrCat("02000000 ", kHexServer, "00000000 01000000 ",
                            "65746830 00000000 00000000 00000000 0000 0100 03000000 "));
  ExpectLayout(PublicIpInfo{{kUnknownNode, Server()}, PublicIpInfo::kNoInterface, {}},
               absl::StrCat("ffffffff ", kHexServer, "ffffffff 00000000 "));
}

TEST(AddressPayloadsTest, AnAddressOnAnInterfaceHasItsNameWithTheZeroByte) {
  ExpectLayout(AddressInfo{Server(), 24, "eth0"},
               absl::StrCat(kHexServer, "18000000 05000000 6574683000"));
  EXPECT_FALSE(
      Decode<AddressInfo>(FromHex(absl::StrCat(kHexServer, "18000000 04000000 65746830"))).ok());
}

TEST(AddressPayloadsTest, AListOfConnectionsNamesItsPublicAddressFirst) {
  ExpectLayout(TickleList{Server(), {{Client(), Server()}}},
               absl::StrCat(kHexServer, "01000000 ", kHexClient, kHexServer));
}

TEST(AddressPayloadsTest, AListThatAnnouncesMoreThanItHasIsRefusedWithoutMemoryForIt) {
  EXPECT_FALSE(Decode<PublicIpList>(FromHex("ffffffff")).ok());
  EXPECT_FALSE(Decode<InterfaceList>(FromHex("ffffffff 00000000")).ok());
}

TEST(AddressPayloadsTest, TcpClientOfTheExamplesIsReadInSpiteOfItsGarbage) {
  const std::string packet = FromHex(kHexTcpClient);
  const absl::StatusOr<Connection> connection = Decode<Connection>(packet.substr(60));
  ASSERT_TRUE(connection.ok()) << connection.status();
  EXPECT_TRUE(*connection == (Connection{Address("127.0.0.2", 48920), Address("127.0.0.2", 445)}));
  const std::string address = "00000000 00000000 00000000 00000000 00000000";
  EXPECT_EQ(
      ToHex(Encode(*connection)),
      ToHex(FromHex(absl::StrCat("0200bf18 7f000002 ", address, "020001bd 7f000002", address))));
}

}  // namespace
}  // namespace ctdb::samba
