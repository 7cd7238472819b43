// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The clients of ClusterModel: what they do with records, and how they leave.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/database/cluster_model.h"

namespace ctdb::database {

void ClusterModel::NewClient(NodeNumber node) {
  uint64_t index = clients_.size();
  clients_.push_back({.id = InstanceNumber(index + 1), .node = node});
  client_of_[InstanceNumber(index + 1)] = index;
  At(node).clients.push_back(index);
  LaterAt(node, Below(options_.think), [this, index] { Begin(index); });
}

void ClusterModel::Begin(uint64_t index) {
  if (is_draining_) return;
  Client& client = clients_[index];
  client.key = absl::StrCat("key", random_.Below(options_.keys));
  client.began = now_;
  client.attempts = 0;
  client.is_busy = true;
  client.is_read = random_.Fraction() < options_.reads;
  Lock(client.node, client.key, {std::nullopt, index});
}

bool ClusterModel::MayUse(const Client& client) {
  const Node& node = At(client.node);
  auto it = node.store.find(client.key);
  if (node.is_fenced || it == node.store.end()) return false;
  Epoch owned_since = node.owner->owned_since();
  return client.is_read ? MayRead(it->second, client.node, owned_since, node.owner->epoch())
                        : MayWrite(it->second, client.node, owned_since);
}

// With the lock held: increments or reads the counter if it may, or asks for it.
void ClusterModel::Use(uint64_t index) {
  Client& client = clients_[index];
  Node& node = At(client.node);
  ++client.attempts;
  bool must_tell = std::exchange(client.is_told, false);
  if (!options_.do_clients_tell_use) must_tell = std::exchange(client.is_asked, false);
  if (auto it = node.store.find(client.key); it != node.store.end() && MayUse(client)) {
    const auto turn = std::exchange(it->second.turn, StoredRecord::Turn::kTaken);
    must_tell |= turn == StoredRecord::Turn::kTold;
  }
  if (must_tell) node.owner->OnTurnsTaken(client.key, 1, now_);
  if (random_.Fraction() < options_.die) return Die(index);
  if (!MayUse(client)) {
    Unlock(client.node, client.key);
    return Ask(index);
  }
  LaterAt(client.node, Below(options_.hold),
          [this, index, is_read = client.is_read, owned_since = node.owner->owned_since()] {
            is_read ? Read(index, owned_since) : Write(index);
          });
}

void ClusterModel::Write(uint64_t index) {
  Client& client = clients_[index];
  StoredRecord& record = At(client.node).store[client.key];
  uint64_t counter = CounterIn(record.value);
  if (MayUse(client)) {
    if (counter != truth_[client.key]) {
      Fail(absl::StrCat("read ", counter, " instead of ", truth_[client.key], ": lost update"));
    }
    CheckNobodyReads(client.key, client.node);
    if (random_.Fraction() < options_.deletes) {
      record.value = "";
      truth_[client.key] = 0;
      histories_[client.key].OnLost(now_, 0);
      ++deletes_;
      ++emptied_[client.key];
      kept_of_.erase(client.key);
    } else {
      record.value = absl::StrCat(++counter);
      truth_[client.key] = counter;
      histories_[client.key].OnIncremented(client.began, now_);
    }
    if (random_.Fraction() < options_.spares) AskForSpares(index);
    ++increments_;
    ++At(client.node).increments;
    longest_wait_ = std::max(longest_wait_, ToAbsl(now_ - client.began));
    most_attempts_ = std::max(most_attempts_, client.attempts);
  } else if (random_.Below(2) == 0) {
    // It slept while the node was shut out, and wakes up too late. Whoever still gets the record
    // from this node in the old epoch gets that, too.
    histories_[client.key].OnMaybeIncremented(client.began);
    record.value = absl::StrCat(++counter);
  }
  client.is_busy = false;
  Unlock(client.node, client.key);
  LaterAt(client.node, Below(options_.think), [this, index] { Begin(index); });
}

// The epoch may have changed meanwhile: what it reads was right when it began.
void ClusterModel::Read(uint64_t index, Epoch owned_since) {
  Client& client = clients_[index];
  Node& node = At(client.node);
  uint64_t counter = CounterIn(node.store[client.key].value);
  Unlock(client.node, client.key);
  if (node.is_fenced || node.owner->owned_since() != owned_since) return Ask(index);
  EndRead(index, counter);
}

void ClusterModel::EndRead(uint64_t index, uint64_t value) {
  Client& client = clients_[index];
  histories_[client.key].OnRead(client.began, now_, value);
  ++reads_;
  client.is_busy = false;
  LaterAt(client.node, Below(options_.think), [this, index] { Begin(index); });
}

// A robust lock is released, and nothing was changed.
void ClusterModel::Die(uint64_t index) {
  Client& client = clients_[index];
  client.is_busy = false;
  Unlock(client.node, client.key);
  LeaveNode(client);
  NewClient(client.node);
}

void ClusterModel::LeaveNode(const Client& client) {
  At(client.node).owner->OnClientGone(client.id, now_);
  At(client.node).spares->OnClientGone(client.id);
  ForgetSparesAsked(client.id);
}

void ClusterModel::Ask(uint64_t index) {
  Client& client = clients_[index];
  client.request = RequestId(++last_request_);
  outstanding_.insert({client.id, *client.request});
  At(client.node)
      .owner->OnClientRequest(client.id, *client.request, client.key,
                              client.is_read ? Owner::Mode::kRead : Owner::Mode::kWrite, now_);
  if (random_.Fraction() < options_.cancel + options_.disconnect) {
    LaterAt(client.node, Below(absl::Milliseconds(1)), [this, index, request = *client.request] {
      if (clients_[index].request == request) GiveUp(index);
    });
  }
}

void ClusterModel::GiveUp(uint64_t index) {
  Client& client = clients_[index];
  outstanding_.erase({client.id, *client.request});
  client.is_busy = false;
  bool is_cancel = random_.Fraction() * (options_.cancel + options_.disconnect) < options_.cancel;
  if (is_cancel) {
    At(client.node).owner->OnClientCancel(client.id, *client.request, now_);
    client.request.reset();
    LaterAt(client.node, Below(options_.think), [this, index] { Begin(index); });
  } else {
    LeaveNode(client);
    client.request.reset();
    NewClient(client.node);
  }
}

void ClusterModel::OnAnswer(NodeNumber node, const Owner::Output::Answered& answer) {
  if (outstanding_.erase({answer.client, answer.request}) == 0) {
    return Fail("an answer for nobody, or the second one (INV-50)");
  }
  uint64_t index = client_of_[answer.client];
  Client& client = clients_[index];
  client.request.reset();
  client.is_told = answer.answer == Owner::Answer::kReadyInTurn;
  if (answer.answer == Owner::Answer::kValue && !At(node).is_fenced) {
    if (!client.is_read) return Fail("who writes was told what others have");
    ++read_elsewhere_;
    return EndRead(index, CounterIn(answer.value));
  }
  // What a home says that is shut out as this node is does not count.
  if (answer.answer == Owner::Answer::kAbsent && !At(node).is_fenced) {
    if (!client.is_read) return Fail("who writes was told that there is nothing");
    // Nobody knows of a copy; the only ones may be on nodes that are away.
    if (may_lose_.contains(client.key)) {
      CheckKept(client.key, 0);
      histories_[client.key].OnLost(now_, 0);
      truth_[client.key] = 0;
    }
    return EndRead(index, 0);
  }
  LaterAt(node, Below(absl::Microseconds(20)), [this, index] {
    Lock(clients_[index].node, clients_[index].key, {std::nullopt, index});
  });
}

void ClusterModel::OnAwaited(NodeNumber node, const Owner::Output::Awaited& awaited) {
  Client& client = clients_[client_of_[awaited.client]];
  if (random_.Fraction() < options_.wrong_use && random_.Below(2) == 0) return;
  const bool waits = client.is_told && client.key == awaited.key;
  if (waits && random_.Fraction() >= options_.wrong_use) {
    client.is_asked = true;
    return;
  }
  LaterAt(node, Below(absl::Microseconds(20)), [this, node, awaited] {
    At(node).owner->OnTurnsTaken(awaited.key, awaited.turns, now_);
  });
}

// A copy that may be read is as new as what any writer left.
void ClusterModel::CheckNobodyReads(const std::string& key, NodeNumber writer) {
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    auto it = node.store.find(key);
    if (NodeNumber(i) == writer || !node.is_up || node.is_fenced || it == node.store.end())
      continue;
    if (MayRead(it->second, NodeNumber(i), node.owner->owned_since(), node.owner->epoch())) {
      Fail(absl::StrCat("node ", i, " may read ", key, " while it is written (INV-19)"));
    }
  }
}

}  // namespace ctdb::database
