// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// A node without public addresses.

#include "lib/samba/address_payloads.h"
#include "tests/samba/proxy_fixture.h"

namespace ctdb::samba {
namespace {

class AddressHandlersTest : public ProxyFixture {
 protected:
  const ClientId client_ = Connect(1);
  const std::string address_ = Encode(*SockAddress::FromText("192.168.77.2"));
};

TEST_F(AddressHandlersTest, HasNoPublicAddresses_CT6) {
  EXPECT_EQ(Control(client_, Opcode::kGetPublicIps).data, Encode(PublicIpList{}));
  EXPECT_EQ(Control(client_, Opcode::kGetIfaces).data, Encode(InterfaceList{}));
  EXPECT_EQ(Control(client_, Opcode::kGetPublicIpInfo, address_).status, -1);
  EXPECT_EQ(Control(client_, Opcode::kGetTcpTickleList, address_).status, 1);
}

TEST_F(AddressHandlersTest, RemembersConnectionsUntilTheyEnd_IP6_IP7) {
  const Connection one{*SockAddress::FromText("10.0.0.1"), *SockAddress::FromText("10.0.0.2")};
  Connection mapped = one;
  mapped.client = *SockAddress::FromText("::ffff:10.0.0.1");
  EXPECT_EQ(Control(client_, Opcode::kTcpClient, Encode(mapped)).status, 0);
  EXPECT_EQ(proxy_.clients().Find(client_)->connections.size(), 1u);
  EXPECT_EQ(Control(client_, Opcode::kTcpClientDisconnected, Encode(one)).status, 0);
  EXPECT_EQ(proxy_.clients().Find(client_)->connections.size(), 0u);
  EXPECT_EQ(Control(client_, Opcode::kTcpClientPassed, Encode(one)).status, 0) << "unknown: 0";
}

}  // namespace
}  // namespace ctdb::samba
