// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/pushes.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace ctdb::samba {

void Pushes::Begin(const Asker& asker, DbId db_id, const std::string& key) {
  ++clients_[asker.client].under_way;
  proxy_.WithDatabase(db_id, [this, asker, db_id, key](const DatabaseInfo* info) {
    const bool is_volatile = info != nullptr && info->kind == DatabaseKind::kVolatile;
    if (!is_volatile) return Finish(asker, Failure());
    proxy_.AskPatiently(KeepSpares{db_id, key}, [this, asker, db_id](const DatabaseAnswer& answer) {
      Finish(asker, ReplyTo(db_id, answer));
    });
  });
}

void Pushes::After(ClientId client, std::function<void()> action) {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return action();
  found->second.waiting.push_back(std::move(action));
}

Reply Pushes::ReplyTo(DbId db_id, const DatabaseAnswer& answer) {
  const auto* failure = std::get_if<absl::Status>(&answer);
  if (failure == nullptr || absl::IsAborted(*failure)) return {};
  proxy_.outlet().Log(
      LogLevel::kWarning,
      absl::StrCat("A record of database 0x", absl::Hex(db_id.value(), absl::kZeroPad8),
                   " may have no copies on other nodes: ", failure->message()));
  return Failure(failure->message());
}

void Pushes::Finish(const Asker& asker, const Reply& reply) {
  proxy_.Answer(asker, reply);
  const auto found = clients_.find(asker.client);
  if (--found->second.under_way > 0) return;
  const auto waiting = std::move(found->second.waiting);
  clients_.erase(found);
  for (const auto& action : waiting) action();
}

}  // namespace ctdb::samba
