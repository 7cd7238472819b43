// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/peer_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::cluster {
namespace {

// When many peers come at once, what is to be said of them is collected: every keepalive goes to
// all, and one for each peer would be as many packets as the third power of the number of nodes.
constexpr int kKeepalivesPerInterval = 20;

}  // namespace

PeerWatch::PeerWatch(const Options& options, uint64_t incarnation, uint64_t parting_token,
                     Instant now)
    : options_(options),
      incarnation_(incarnation),
      parting_token_(parting_token),
      last_input_(now),
      next_keepalive_(now) {}

void PeerWatch::SetOptions(const Options& options, Instant now) {
  CreditOwnPause(now);
  options_ = options;
  next_keepalive_ = now;
}

void PeerWatch::SetPeers(const std::vector<NodeNumber>& peers, Instant now) {
  CreditOwnPause(now);
  for (auto& [node, peer] : peers_) {
    if (std::find(peers.begin(), peers.end(), node) != peers.end()) continue;
    peer.has_link = false;
    Update(node, peer, "it was taken out of the nodes list");
  }
  std::erase_if(peers_, [&](const auto& entry) {
    return std::find(peers.begin(), peers.end(), entry.first) == peers.end();
  });
  for (NodeNumber peer : peers) peers_.try_emplace(peer);
}

void PeerWatch::OnLinkUp(NodeNumber node, Instant now) {
  CreditOwnPause(now);
  auto it = peers_.find(node);
  if (it == peers_.end() || it->second.has_link) return;
  it->second.has_link = true;
  it->second.last_heard = now;
  // The other side is told at once, and answers at once.
  KeepaliveSoon(now);
}

void PeerWatch::OnLinkDown(NodeNumber node, absl::string_view why, Instant now) {
  CreditOwnPause(now);
  auto it = peers_.find(node);
  if (it == peers_.end() || !it->second.has_link) return;
  Peer& peer = it->second;
  peer.has_link = false;
  peer.is_heard = false;
  peer.hears_us = false;
  Update(node, peer, why.empty() ? "the link was lost" : absl::StrCat("the link was lost: ", why));
}

void PeerWatch::OnHeard(NodeNumber node, Instant now) {
  CreditOwnPause(now);
  auto it = peers_.find(node);
  if (it == peers_.end() || !it->second.has_link) return;
  Hear(it->second, now);
  Update(node, it->second, "");
}

void PeerWatch::OnAlive(NodeNumber node, const Alive& alive, bool hears_us, Instant now) {
  CreditOwnPause(now);
  auto it = peers_.find(node);
  if (it == peers_.end() || !it->second.has_link) return;
  Peer& peer = it->second;
  if (peer.incarnation != 0 && peer.incarnation != alive.incarnation) {
    peer.is_heard = false;
    Update(node, peer, "it was started again");
  }
  peer.incarnation = alive.incarnation;
  peer.parting_token = alive.parting_token;
  Hear(peer, now);
  peer.hears_us = hears_us;
  Update(node, peer, "it does not hear this node");
}

void PeerWatch::OnTick(Instant now) {
  CreditOwnPause(now);
  for (auto& [node, peer] : peers_) {
    if (!peer.is_heard || now < After(peer.last_heard, options_.silence_limit)) continue;
    peer.is_heard = false;
    peer.hears_us = false;
    Update(node, peer,
           absl::StrCat("nothing was heard from it for ",
                        absl::FormatDuration(
                            absl::Trunc(ToAbsl(now - peer.last_heard), absl::Milliseconds(100)))));
    KeepaliveSoon(now);
  }
}

bool PeerWatch::TakeKeepalive(Alive* alive) {
  if (last_input_ < next_keepalive_) return false;
  next_keepalive_ = After(last_input_, options_.interval);
  soonest_keepalive_ = After(last_input_, options_.interval / kKeepalivesPerInterval);
  alive->incarnation = incarnation_;
  alive->parting_token = parting_token_;
  alive->hears.clear();
  for (const auto& [node, peer] : peers_) {
    if (peer.is_heard) alive->hears.push_back(node);
  }
  return true;
}

std::vector<PeerWatch::Change> PeerWatch::TakeChanges() { return std::exchange(changes_, {}); }

Instant PeerWatch::NextDeadline() const {
  Instant next = next_keepalive_;
  for (const auto& [node, peer] : peers_) {
    if (peer.is_heard) next = std::min(next, After(peer.last_heard, options_.silence_limit));
  }
  return next;
}

std::vector<NodeNumber> PeerWatch::Linked() const {
  std::vector<NodeNumber> linked;
  for (const auto& [node, peer] : peers_) {
    if (peer.has_link) linked.push_back(node);
  }
  return linked;
}

absl::Duration PeerWatch::Silence(NodeNumber peer, Instant now) const {
  const auto it = peers_.find(peer);
  if (it == peers_.end() || !it->second.has_link) return absl::ZeroDuration();
  return ToAbsl(now - it->second.last_heard);
}

bool PeerWatch::HasLink(NodeNumber peer) const {
  const auto it = peers_.find(peer);
  return it != peers_.end() && it->second.has_link;
}

uint64_t PeerWatch::PartingToken(NodeNumber peer) const {
  const auto it = peers_.find(peer);
  return it == peers_.end() ? 0 : it->second.parting_token;
}

void PeerWatch::CreditOwnPause(Instant now) {
  // OnTick() is due once per interval; a whole interval beyond that nobody was here.
  const Instant latest = After(last_input_, options_.interval);
  if (now > latest) {
    const auto pause = now - latest;
    for (auto& [node, peer] : peers_) peer.last_heard += pause;
  }
  last_input_ = std::max(last_input_, now);
}

void PeerWatch::KeepaliveSoon(Instant now) {
  next_keepalive_ = std::min(next_keepalive_, std::max(now, soonest_keepalive_));
}

void PeerWatch::Hear(Peer& peer, Instant now) {
  peer.last_heard = std::max(peer.last_heard, now);
  if (!peer.is_heard) KeepaliveSoon(now);  // It learns at once that it is heard.
  peer.is_heard = true;
}

void PeerWatch::Update(NodeNumber node, Peer& peer, absl::string_view why) {
  const bool is_up = peer.has_link && peer.is_heard && peer.hears_us;
  if (is_up == peer.is_up) return;
  peer.is_up = is_up;
  changes_.push_back({node, is_up, is_up ? std::string() : std::string(why)});
  const auto at = std::lower_bound(up_.begin(), up_.end(), node);
  if (is_up) {
    up_.insert(at, node);
  } else {
    up_.erase(at);
  }
}

}  // namespace ctdb::cluster
