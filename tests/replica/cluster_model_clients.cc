// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/replica/cluster_model.h"

namespace ctdb::replica {

// Reads some records of its own node's copy, and writes some of them and others.
void ClusterModel::Begin(size_t id) {
  Client& client = clients_[id];
  if (is_draining_) return;
  Later(Below(options_.think), [this, id] { Begin(id); });
  if (client.is_busy || !IsUp(client.node)) return;
  const Node& at = At(client.node);
  Transaction transaction;
  transaction.token = {random_.Next() | 1, random_.Next()};
  transaction.is_wipe = random_.Fraction() < options_.wipes;
  const uint64_t kind = random_.Below(10);
  for (uint64_t i = random_.Below(4); i > 0; --i) {
    const std::string key = absl::StrCat("key", random_.Below(options_.keys));
    std::optional<ModelStorage::Stored> stored = at.storage.Get(key);
    std::optional<Position> version;
    if (stored) version = stored->version;
    transaction.reads.push_back({key, version});
  }
  for (uint64_t i = kind < 2 ? 0 : 1 + random_.Below(3); i > 0; --i) {
    const std::string key = absl::StrCat("key", random_.Below(options_.keys));
    std::optional<std::string> value;
    if (random_.Below(5) > 0) value = absl::StrCat("value ", ++last_value_);
    transaction.writes.push_back({key, value});
  }
  Submit(id, transaction);
}

void ClusterModel::Write(NodeNumber node, const std::vector<replica::Write>& writes) {
  clients_.emplace_back().node = node;
  Submit(clients_.size() - 1, {{random_.Next() | 1, random_.Next()}, false, {}, writes});
}

void ClusterModel::Submit(size_t id, const Transaction& transaction) {
  Client& client = clients_[id];
  Node& at = At(client.node);
  client.is_busy = true;
  client.is_question = false;
  client.transaction = transaction;
  std::shared_ptr<Body> body;
  client.has_body = !transaction.writes.empty() && random_.Fraction() < options_.bodies;
  if (client.has_body) {
    std::string bytes;
    for (const replica::Write& write : transaction.writes) {
      store::AppendBodyWrite(bytes, write.key, write.value);
    }
    body = Body::Make(at.bodies, bytes.size());
    client.has_body = body != nullptr && body->Append(0, bytes);
    if (client.has_body) {
      client.transaction.body = store::SealOf(bytes);
      client.transaction.writes.clear();
    }
  }
  client.acknowledged = last_acknowledged_;
  transactions_[transaction.token] = client.transaction;
  client_of_[++last_ticket_] = id;
  at.submitter->OnTransaction(ClientTicket(last_ticket_), client.transaction,
                              at.replica->position(), now_, std::move(body));
  Take(client.node);
}

void ClusterModel::OnAnswer(NodeNumber node, const Submitter::Answer& answer) {
  auto it = client_of_.find(answer.ticket.value());
  if (it == client_of_.end()) return Fail("an answer to nobody");
  const size_t id = it->second;
  client_of_.erase(it);
  Client& client = clients_[id];
  const Token& token = client.transaction.token;
  switch (answer.verdict) {
    case Verdict::kCommitted:
      Committed(client, answer.position);
      break;
    case Verdict::kUnknown:
      if (client.transaction.IsReadOnly()) break;
      client.since = client.is_question ? client.since : answer.since;
      if (answer.reason.find("reach back") != std::string::npos) {
        ++unknown_;
        break;
      }
      client.asked = At(node).epoch;
      LaterAt(client.node, absl::Milliseconds(5), [this, id] { AskAgain(id); });
      return;
    case Verdict::kInvalid:
      Fail("a good transaction was called invalid");
      break;
    default:
      full_ += answer.verdict == Verdict::kFull ? 1 : 0;
      aborted_ += answer.verdict == Verdict::kAborted ? 1 : 0;
      dead_.insert(token);
  }
  client.is_busy = false;
}

// Only in a later epoch there is an answer.
void ClusterModel::AskAgain(size_t id) {
  Client& client = clients_[id];
  if (!client.is_busy) return;
  Node& at = At(client.node);
  if (at.epoch <= client.asked || at.epoch <= client.since.epoch) {
    return LaterAt(client.node, absl::Milliseconds(5), [this, id] { AskAgain(id); });
  }
  ++asked_;
  client.is_question = true;
  client_of_[++last_ticket_] = id;
  at.submitter->OnQuestion(ClientTicket(last_ticket_), client.transaction.token, client.since,
                           now_);
}

void ClusterModel::Committed(Client& client, Position position) {
  ++committed_;
  if (client.has_body) ++large_;
  if (client.transaction.IsReadOnly()) {
    read_only_.emplace(position, client.transaction);
    // Elsewhere the lease has to keep clients away.
    const bool is_current = At(client.node).epoch == view_.epoch;
    if (is_current && position < client.acknowledged) Fail("an old state was read");
    return;
  }
  auto it = made_.find(position);
  if (it == made_.end() || it->second.entry.token != client.transaction.token) {
    return Fail(absl::StrCat("nobody has stored ", Text(position)));
  }
  if (position < client.acknowledged) Fail("what came later has an earlier position");
  acknowledged_[client.transaction.token] = position;
  last_acknowledged_ = std::max(last_acknowledged_, position);
}

}  // namespace ctdb::replica
