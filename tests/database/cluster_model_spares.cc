// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ClusterModel's spare copies, and what must hold of them.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/database/cluster_model.h"

namespace ctdb::database {

void ClusterModel::AskForSpares(uint64_t index) {
  const Client& client = clients_[index];
  const RequestId request(++last_request_);
  spares_asked_[request] = {client.id, client.node, client.key,
                            CounterIn(At(client.node).store[client.key].value),
                            emptied_[client.key]};
  At(client.node).spares->OnClientRequest(client.id, request, client.key, now_);
}

void ClusterModel::ForgetSparesAsked(InstanceNumber client) {
  std::erase_if(spares_asked_, [&](const auto& asked) { return asked.second.client == client; });
}

void ClusterModel::TakeSpares(NodeNumber number) {
  Node& node = At(number);
  Spares::Output output = node.spares->TakeOutput();
  for (const auto& store : output.stores) {
    CheckSpare(number, store.key, store.record);
    Store(number, store.key, store.record);
  }
  for (const Send& send : output.sends) SendOne(number, send);
  for (const std::string& key : output.copied) node.owner->OnCopied(key);
  for (LockTicket ticket : output.unlocks) UnlockFor(number, ticket);
  for (const auto& answer : output.answers) OnSparesAnswer(number, answer);
  for (const auto& lock : output.locks) LockFor(number, lock);
}

// What comes late may not bring back what has been forgotten everywhere. A node that is shut out
// and does not know it comes back with nothing.
void ClusterModel::CheckSpare(NodeNumber number, const std::string& key,
                              const StoredRecord& record) {
  const auto is_as_new = [&](const Node& other) {
    const NodeNumber other_number(static_cast<uint32_t>(&other - nodes_.data()));
    const auto it = other.store.find(key);
    return other.is_up && other_number != number && it != other.store.end() &&
           it->second.version >= record.version;
  };
  if (IsVoid(number, record) || may_lose_.contains(key)) return;
  if (std::any_of(nodes_.begin(), nodes_.end(), is_as_new)) return;
  Fail(absl::StrCat("a spare copy of ", key, " comes when the record is forgotten (INV-23)"));
}

// From here on it survives as long as one of the other members does.
void ClusterModel::OnSparesAnswer(NodeNumber number, const Spares::Output::Answered& answer) {
  const auto it = spares_asked_.find(answer.request);
  if (it == spares_asked_.end() || it->second.client != answer.client) {
    return Fail("an answer about spare copies for nobody, or the second one (INV-50)");
  }
  const SparesAsked asked = it->second;
  spares_asked_.erase(it);
  const Node& node = At(number);
  const bool is_kept = answer.answer == Spares::Answer::kKept && !node.is_fenced &&
                       node.epoch == view_.epoch && asked.emptied == emptied_[asked.key];
  if (!is_kept) return;
  std::set<NodeNumber> nodes(view_.members.begin(), view_.members.end());
  nodes.erase(number);
  if (nodes.empty()) return;
  ++kept_;
  kept_of_[asked.key] = {asked.counter, std::move(nodes)};
}

void ClusterModel::LoseSparesOf(NodeNumber number) {
  for (auto& [key, kept] : kept_of_) kept.nodes.erase(number);
}

// Called when the record of a lost owner goes on with another copy.
void ClusterModel::CheckKept(const std::string& key, uint64_t counter) {
  const auto it = kept_of_.find(key);
  if (it == kept_of_.end() || it->second.nodes.empty()) return;
  ++survived_;
  if (counter < it->second.counter) {
    Fail(absl::StrCat(key, " goes on with ", counter, ", and ", it->second.counter,
                      " was kept on all nodes"));
  }
}

}  // namespace ctdb::database
