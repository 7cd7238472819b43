// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Controls about public addresses and the connections to them. No node has public addresses before
// there is a failover service: the answers are those of such a node.

#include "lib/samba/address_payloads.h"
#include "lib/samba/session/handlers.h"

namespace ctdb::samba {
namespace {

constexpr size_t kConnectionsMax = 65536;  // Of one client.

Connection ConnectionIn(const ControlRequest& request) {
  const Connection connection = *Decode<Connection>(request.data);
  return {connection.client.Unmapped(), connection.server.Unmapped()};
}

// What the failover service is to know of this client's own clients.
void TcpClient(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  ClientTable::Client* client = proxy.clients().Find(asker.client);
  if (client != nullptr && client->connections.size() < kConnectionsMax) {
    client->connections.push_back(ConnectionIn(request));
  }
  proxy.Answer(asker, {});
}

// It has ended, or is another process's now.
void ForgetConnection(Proxy& proxy, const Asker& asker, const ControlRequest& request) {
  if (ClientTable::Client* client = proxy.clients().Find(asker.client)) {
    std::erase(client->connections, ConnectionIn(request));
  }
  proxy.Answer(asker, {});
}

void NothingToDo(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, {});
}

void GetPublicIps(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, {.data = Encode(PublicIpList{})});
}

void GetPublicIpInfo(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, Failure());
}

void GetInterfaces(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, {.data = Encode(InterfaceList{})});
}

void GetTickles(Proxy& proxy, const Asker& asker, const ControlRequest&) {
  proxy.Answer(asker, {.status = kStatusNotPublicAddress});
}

constexpr HandlerRow kRows[] = {
    {Opcode::kTcpClient, TcpClient},
    {Opcode::kTcpClientDisconnected, ForgetConnection},
    {Opcode::kTcpClientPassed, ForgetConnection},
    {Opcode::kTcpRemove, NothingToDo},
    {Opcode::kTcpAddDelayedUpdate, NothingToDo},
    {Opcode::kGetTcpTickleList, GetTickles},
    {Opcode::kGetPublicIps, GetPublicIps},
    {Opcode::kGetPublicIpInfo, GetPublicIpInfo},
    {Opcode::kGetIfaces, GetInterfaces},
};

}  // namespace

absl::Span<const HandlerRow> AddressHandlers() { return kRows; }

}  // namespace ctdb::samba
