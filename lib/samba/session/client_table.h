// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// client_table: the clients that are connected to this node's proxy, and what each has registered.
// The connection is the process: liveness is answered from this table.
//
//   Ownership:  owns everything in it; pointers are valid until the client is removed.
//   Threading:  not thread-safe.
//   Errors:     FailedPrecondition for a registration that cannot be; ResourceExhausted at a limit.
//   Blocking:   never.
//   Limits:     kClientsMax clients, kRegistrationsMax registrations of each.
//
// Example:
//   CTDB_RETURN_IF_ERROR(table.Add(id, pid));
//   table.Register(id, srvid);
//   for (const auto& [client, copies] : table.ReceiversOf(srvid)) ...

#ifndef LIB_SAMBA_SESSION_CLIENT_TABLE_H_
#define LIB_SAMBA_SESSION_CLIENT_TABLE_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/ids.h"
#include "lib/samba/address_payloads.h"

namespace ctdb::samba {

// One connection of a client; never 0, never used again.
using ClientId = Id<struct SambaClientTag, uint32_t>;

class ClientTable {
 public:
  static constexpr size_t kClientsMax = 100000;
  static constexpr size_t kRegistrationsMax = 65536;

  struct Client {
    int32_t pid = 0;                           // Of the other end, as the system says.
    std::map<ChannelId, uint32_t> srvids;      // How often each was registered.
    std::map<ChannelId, std::string> notices;  // What to send when it goes.
    std::vector<Connection> connections;       // Of its own clients: lib/samba does not use them.
    bool is_committing = false;
  };
  // How many copies of a message each client gets.
  using Receivers = std::map<ClientId, uint32_t>;

  absl::Status Add(ClientId id, int32_t pid);
  // Its registrations are gone with it.
  void Remove(ClientId id);
  Client* Find(ClientId id);
  size_t size() const { return clients_.size(); }

  absl::Status Register(ClientId id, ChannelId srvid);
  // Whether it was registered.
  bool Deregister(ClientId id, ChannelId srvid);
  // Those that registered `srvid`, and those that want every message.
  Receivers ReceiversOf(ChannelId srvid) const;
  bool HasReceivers(ChannelId srvid) const { return receivers_.contains(srvid); }

  // One client of a node for each tunnel.
  absl::Status OpenTunnel(ClientId id, uint64_t tunnel);
  bool CloseTunnel(ClientId id, uint64_t tunnel);
  // 0: nobody.
  ClientId TunnelOwner(uint64_t tunnel) const;

  absl::Status AddNotice(ClientId id, ChannelId srvid, absl::string_view data);
  bool RemoveNotice(ClientId id, ChannelId srvid);

  bool HasProcess(int32_t pid) const { return processes_.contains(pid); }
  bool HasProcess(int32_t pid, ChannelId srvid) const;
  // Every client of that process.
  std::set<ClientId> ClientsOf(int32_t pid) const;

 private:
  std::map<ClientId, Client> clients_;
  std::map<int32_t, std::set<ClientId>> processes_;
  std::map<ChannelId, Receivers> receivers_;
  std::map<uint64_t, ClientId> tunnels_;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_CLIENT_TABLE_H_
