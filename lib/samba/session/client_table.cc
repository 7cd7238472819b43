// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/client_table.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/samba/srvid.h"

namespace ctdb::samba {
namespace {

absl::Status TooMany(absl::string_view what, size_t most) {
  return absl::ResourceExhaustedError(
      absl::StrCat("a client has ", most, " ", what, " already: it cannot have more"));
}

}  // namespace

absl::Status ClientTable::Add(ClientId id, int32_t pid) {
  if (clients_.size() >= kClientsMax) {
    return absl::ResourceExhaustedError(absl::StrCat("process ", pid, " cannot connect: there are ",
                                                     clients_.size(), " clients already"));
  }
  clients_[id].pid = pid;
  processes_[pid].insert(id);
  return absl::OkStatus();
}

void ClientTable::Remove(ClientId id) {
  const auto found = clients_.find(id);
  if (found == clients_.end()) return;
  for (const auto& [srvid, count] : found->second.srvids) {
    Receivers& receivers = receivers_[srvid];
    receivers.erase(id);
    if (receivers.empty()) receivers_.erase(srvid);
  }
  std::erase_if(tunnels_, [id](const auto& tunnel) { return tunnel.second == id; });
  std::set<ClientId>& same = processes_[found->second.pid];
  same.erase(id);
  if (same.empty()) processes_.erase(found->second.pid);
  clients_.erase(found);
}

ClientTable::Client* ClientTable::Find(ClientId id) {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : &found->second;
}

absl::Status ClientTable::Register(ClientId id, ChannelId srvid) {
  Client* client = Find(id);
  if (client == nullptr) return absl::FailedPreconditionError("the client has gone");
  if (client->srvids.size() >= kRegistrationsMax && !client->srvids.contains(srvid)) {
    return TooMany("registrations", kRegistrationsMax);
  }
  ++client->srvids[srvid];
  ++receivers_[srvid][id];
  return absl::OkStatus();
}

bool ClientTable::Deregister(ClientId id, ChannelId srvid) {
  Client* client = Find(id);
  if (client == nullptr) return false;
  const auto found = client->srvids.find(srvid);
  if (found == client->srvids.end()) return false;
  Receivers& receivers = receivers_[srvid];
  --receivers[id];
  if (--found->second > 0) return true;
  client->srvids.erase(found);
  receivers.erase(id);
  if (receivers.empty()) receivers_.erase(srvid);
  return true;
}

ClientTable::Receivers ClientTable::ReceiversOf(ChannelId srvid) const {
  Receivers result;
  if (const auto found = receivers_.find(srvid); found != receivers_.end()) result = found->second;
  if (srvid == kSrvidAll) return result;
  if (const auto all = receivers_.find(kSrvidAll); all != receivers_.end()) {
    for (const auto& [id, count] : all->second) result[id] += count;
  }
  return result;
}

absl::Status ClientTable::OpenTunnel(ClientId id, uint64_t tunnel) {
  if (!tunnels_.emplace(tunnel, id).second) {
    return absl::FailedPreconditionError(
        absl::StrCat("tunnel 0x", absl::Hex(tunnel), " is taken by a client of this node"));
  }
  return absl::OkStatus();
}

bool ClientTable::CloseTunnel(ClientId id, uint64_t tunnel) {
  if (TunnelOwner(tunnel) != id) return false;
  return tunnels_.erase(tunnel) > 0;
}

ClientId ClientTable::TunnelOwner(uint64_t tunnel) const {
  const auto found = tunnels_.find(tunnel);
  return found == tunnels_.end() ? ClientId(0) : found->second;
}

absl::Status ClientTable::AddNotice(ClientId id, ChannelId srvid, absl::string_view data) {
  Client* client = Find(id);
  if (client == nullptr) return absl::FailedPreconditionError("the client has gone");
  if (client->notices.size() >= kRegistrationsMax) return TooMany("notices", kRegistrationsMax);
  if (!client->notices.emplace(srvid, std::string(data)).second) {
    return absl::FailedPreconditionError("there is a notice for that srvid already");
  }
  return absl::OkStatus();
}

bool ClientTable::RemoveNotice(ClientId id, ChannelId srvid) {
  Client* client = Find(id);
  return client != nullptr && client->notices.erase(srvid) > 0;
}

bool ClientTable::HasProcess(int32_t pid, ChannelId srvid) const {
  for (const ClientId id : ClientsOf(pid)) {
    const auto client = clients_.find(id);
    if (client != clients_.end() && client->second.srvids.contains(srvid)) return true;
  }
  return false;
}

std::set<ClientId> ClientTable::ClientsOf(int32_t pid) const {
  const auto found = processes_.find(pid);
  return found == processes_.end() ? std::set<ClientId>() : found->second;
}

}  // namespace ctdb::samba
