// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/turns.h"

#include <utility>
#include <vector>

namespace ctdb::samba {

void Turns::OnReady(ClientId client, DbId db_id, const std::string& key) {
  OnHeard(client);
  turns_[client] = {.db_id = db_id, .key = key};
}

void Turns::OnHeard(ClientId client) {
  const auto found = turns_.find(client);
  if (found == turns_.end()) return;
  const Turn had = std::move(found->second);
  turns_.erase(found);
  if (had.is_awaited) proxy_.Tell(UsedRecord{had.db_id, had.key});
}

void Turns::OnAwaited(const AwaitedRecord& awaited) {
  uint32_t open = 0;
  for (auto& [client, turn] : turns_) {
    if (turn.db_id != awaited.db_id || turn.key != awaited.key || turn.is_awaited) continue;
    turn.is_awaited = true;
    ++open;
  }
  if (open < awaited.turns) {
    proxy_.Tell(UsedRecord{awaited.db_id, awaited.key, awaited.turns - open});
  }
  if (open > 0) LookSoon();
}

bool Turns::HasHad(ClientId client, Turn& turn) {
  if (!proxy_.outlet().HasReadAll(client)) return false;
  if (!turn.read.has_value()) turn.read = proxy_.now();
  return After(*turn.read, kMoment) <= proxy_.now();
}

void Turns::LookSoon() {
  if (is_looking_) return;
  is_looking_ = true;
  proxy_.Later(kLook, [this] {
    is_looking_ = false;
    Look();
  });
}

void Turns::Look() {
  std::vector<ClientId> had;
  bool is_open = false;
  for (auto& [client, turn] : turns_) {
    if (!turn.is_awaited) continue;
    if (HasHad(client, turn)) {
      had.push_back(client);
    } else {
      is_open = true;
    }
  }
  for (const ClientId client : had) OnHeard(client);
  if (is_open) LookSoon();
}

}  // namespace ctdb::samba
