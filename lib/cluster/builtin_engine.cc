// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/builtin_engine.h"

#include <algorithm>
#include <utility>

namespace ctdb::cluster {

BuiltinEngine::BuiltinEngine(const Options& options, Instant now)
    : local_(options.election.local),
      watch_(options.watch, options.incarnation, options.parting_token, now),
      election_(options.election, options.promised, options.seed, now) {}

void BuiltinEngine::SetWatchOptions(const PeerWatch::Options& options, Instant now) {
  watch_.SetOptions(options, now);
  Settle(now);
}

void BuiltinEngine::OnLinkUp(NodeNumber peer, Instant now) {
  watch_.OnLinkUp(peer, now);
  Settle(now);
}

void BuiltinEngine::OnLinkDown(NodeNumber peer, absl::string_view why, Instant now) {
  watch_.OnLinkDown(peer, why, now);
  Settle(now);
  TakePartings(now);
}

void BuiltinEngine::OnParting(NodeNumber peer, uint64_t token, Instant as_of, Instant now) {
  partings_.insert_or_assign(peer, Parting{token, as_of});
  TakePartings(now);
}

void BuiltinEngine::TakePartings(Instant now) {
  for (auto it = partings_.begin(); it != partings_.end();) {
    const auto [peer, parting] = *it;
    if (watch_.HasLink(peer)) {
      ++it;
      continue;
    }
    it = partings_.erase(it);
    if (parting.token == 0 || parting.token != watch_.PartingToken(peer)) continue;
    if (election_.OnParted(peer, parting.as_of, now)) events_.emplace_back(Parted{peer});
    Settle(now);
  }
}

void BuiltinEngine::OnMessage(NodeNumber from, const EngineMessage& message, Instant now) {
  if (const auto* alive = std::get_if<Alive>(&message)) {
    const bool hears_us = std::binary_search(alive->hears.begin(), alive->hears.end(), local_);
    watch_.OnAlive(from, *alive, hears_us, now);
  } else {
    watch_.OnHeard(from, now);
  }
  if (const auto* request = std::get_if<VoteRequest>(&message)) {
    election_.OnVoteRequest(from, *request, now);
  } else if (const auto* vote = std::get_if<VoteReply>(&message)) {
    election_.OnVoteReply(from, *vote, now);
  } else if (const auto* beat = std::get_if<Beat>(&message)) {
    election_.OnBeat(from, *beat, now);
  } else if (const auto* reply = std::get_if<BeatReply>(&message)) {
    election_.OnBeatReply(from, *reply, now);
  } else if (const auto* resign = std::get_if<Resign>(&message)) {
    election_.OnResign(from, *resign, now);
  }
  Settle(now);
}

void BuiltinEngine::OnHeard(NodeNumber from, Instant now) {
  watch_.OnHeard(from, now);
  Settle(now);
}

void BuiltinEngine::OnPersisted(Ballot ballot, Instant now) {
  election_.OnPersisted(ballot, now);
  Settle(now);
}

void BuiltinEngine::OnLock(LockAnswer answer, absl::string_view why, Instant now) {
  election_.OnLock(answer, why, now);
  Settle(now);
}

BuiltinEngine::Output BuiltinEngine::TakeOutput() { return std::exchange(output_, {}); }

void BuiltinEngine::SetNodes(std::vector<NodeNumber> nodes, std::vector<NodeNumber> next,
                             Instant now) {
  std::vector<NodeNumber> peers = nodes;
  peers.insert(peers.end(), next.begin(), next.end());
  std::sort(peers.begin(), peers.end());
  peers.erase(std::unique(peers.begin(), peers.end()), peers.end());
  std::erase(peers, local_);
  watch_.SetPeers(peers, now);
  election_.SetNodes(std::move(nodes), std::move(next), now);
  Settle(now);
}

void BuiltinEngine::SetMayLead(bool may_lead, absl::string_view why, Instant now) {
  election_.SetMayLead(may_lead, why, now);
  Settle(now);
}

void BuiltinEngine::SetGrants(const std::vector<NodeNumber>& nodes, Grants kind, Instant now) {
  election_.SetGrants(nodes, kind, now);
  Settle(now);
}

void BuiltinEngine::Leave(Instant now) {
  election_.Leave(now);
  Settle(now);
}

void BuiltinEngine::OnTick(Instant now) {
  watch_.OnTick(now);
  election_.OnTick(now);
  Settle(now);
}

Instant BuiltinEngine::NextDeadline() const {
  return std::min(watch_.NextDeadline(), election_.NextDeadline());
}

std::vector<Engine::Event> BuiltinEngine::TakeEvents() { return std::exchange(events_, {}); }

void BuiltinEngine::Settle(Instant now) {
  const std::vector<PeerWatch::Change> changes = watch_.TakeChanges();
  for (const PeerWatch::Change& change : changes) {
    if (change.is_up) {
      events_.emplace_back(PeerUp{change.node});
    } else {
      events_.emplace_back(PeerDown{change.node, change.why});
    }
  }
  if (!changes.empty()) {
    // Who was started again may be down and up at once, and the election must learn of both.
    std::vector<NodeNumber> stayed = watch_.up();
    for (const PeerWatch::Change& change : changes) {
      if (!change.is_up) std::erase(stayed, change.node);
    }
    election_.SetConnected(stayed, now);
    if (stayed != watch_.up()) election_.SetConnected(watch_.up(), now);
  }
  Alive alive;
  if (watch_.TakeKeepalive(&alive)) {
    for (NodeNumber peer : watch_.Linked()) output_.sends.push_back({peer, alive});
  }
  Election::Output wanted = election_.TakeOutput();
  for (auto& send : wanted.sends) output_.sends.push_back(std::move(send));
  if (wanted.persist.has_value()) output_.persist = wanted.persist;
  if (wanted.release_lock) {
    output_.release_lock = true;
    output_.take_lock = false;
  }
  if (wanted.take_lock) output_.take_lock = true;
  for (auto& event : wanted.events) events_.emplace_back(std::move(event));
}

}  // namespace ctdb::cluster
