// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/network.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::sim {

void Network::Add(Process& process) {
  processes_.push_back(&process);
  paths_.assign(processes_.size() * processes_.size(), {});
  pairs_.assign(paths_.size(), {});
}

void Network::Send(NodeNumber from, NodeNumber to, const Message& message) {
  ++sent_[static_cast<size_t>(KindOf(message))];
  if (observer_) observer_(from, message);
  if (trace_.is_on()) {
    const std::string text = Describe(message);
    if (!text.empty()) {
      trace_.Add(world_.now(), absl::StrCat("node ", from.value(), " to ", to.value(), ": ", text));
    }
  }
  const Path& path = PathOf(from, to);
  if (!path.is_up || path.is_cut || world_.Chance(options_.loss)) return;
  SchedulePacket(from, to, message);
  if (world_.Chance(options_.duplicate)) SchedulePacket(from, to, message);
}

void Network::SchedulePacket(NodeNumber from, NodeNumber to, const Message& message) {
  Path& path = PathOf(from, to);
  Instant at = After(std::max(world_.now(), path.clogged_until), Delay());
  if (!world_.Chance(options_.reorder)) {
    at = std::max(at, path.last_arrival);
    path.last_arrival = at;
  }
  Schedule(at, {Step::kArrive, from, to, LinkOf(from, to), message});
}

void Network::OnStarted(NodeNumber node) {
  for (const Process* peer : processes_) {
    if (peer->number() != node) DialLater(node, peer->number());
  }
}

void Network::OnCrashing(NodeNumber node) {
  for (const Process* process : processes_) {
    const NodeNumber peer = process->number();
    if (peer == node) continue;
    PathOf(node, peer).is_up = false;
    if (!PathOf(peer, node).is_up) continue;
    // The host closes its end; what it sent before is still on its way.
    Path& path = PathOf(node, peer);
    const Instant reset = std::max(After(world_.now(), Delay()), path.last_arrival);
    const Instant at =
        IsClean(node, peer)
            ? reset
            : After(world_.now(), world_.Between(options_.notice_least, options_.notice_most));
    Schedule(at, {Step::kReset, node, peer, LinkOf(node, peer), {}});
  }
}

void Network::Cut(NodeNumber from, NodeNumber to) {
  Path& path = PathOf(from, to);
  if (std::exchange(path.is_cut, true)) return;
  for (const auto& [at, peer] : {std::pair(from, to), std::pair(to, from)}) {
    if (!PathOf(at, peer).is_up) continue;
    Schedule(After(world_.now(), world_.Between(options_.notice_least, options_.notice_most)),
             {Step::kNoticeLoss, peer, at, LinkOf(from, to), {}});
  }
}

void Network::Heal(NodeNumber from, NodeNumber to) {
  if (!std::exchange(PathOf(from, to).is_cut, false) || !IsClean(from, to)) return;
  // Packets are missing: the ends find that out from each other and begin anew.
  Reset(from, to);
  DialLater(from, to);
}

void Network::Reset(NodeNumber a, NodeNumber b) {
  for (const auto& [at, peer] : {std::pair(a, b), std::pair(b, a)}) {
    if (PathOf(at, peer).is_up) {
      Schedule(After(world_.now(), Delay()), {Step::kReset, peer, at, LinkOf(a, b), {}});
    }
  }
}

void Network::Clog(NodeNumber from, NodeNumber to, absl::Duration duration) {
  Path& path = PathOf(from, to);
  path.clogged_until = std::max(path.clogged_until, After(world_.now(), duration));
}

void Network::HealAll() {
  for (const Process* from : processes_) {
    for (const Process* to : processes_) {
      if (from == to) continue;
      Heal(from->number(), to->number());
      PathOf(from->number(), to->number()).clogged_until = world_.now();
    }
  }
}

void Network::OnEvent(uint64_t what) {
  const Transit transit = std::move(transits_[what]);
  free_.push_back(static_cast<uint32_t>(what));
  switch (transit.step) {
    case Step::kArrive:
      return Arrive(transit);
    case Step::kConnect:
      return Connect(transit.from, transit.to);
    case Step::kNoticeLoss:
      if (transit.link == LinkOf(transit.from, transit.to) && !IsClean(transit.from, transit.to)) {
        TakeDown(transit.to, transit.from, "timed out");
      }
      return;
    case Step::kReset:
      if (transit.link == LinkOf(transit.from, transit.to)) {
        TakeDown(transit.to, transit.from, "connection reset");
      }
      return;
  }
}

void Network::Arrive(const Transit& transit) {
  // A new link carries nothing of an old one, and an end that closed its link reads no more.
  if (transit.link != LinkOf(transit.from, transit.to)) return;
  if (!PathOf(transit.to, transit.from).is_up || PathOf(transit.from, transit.to).is_cut) return;
  world_.Mix(transit.to.value() << 8 | static_cast<uint64_t>(KindOf(transit.message)));
  processes_[transit.to.value()]->Deliver(Packet{transit.from, transit.message});
}

void Network::Connect(NodeNumber a, NodeNumber b) {
  PairOf(a, b).is_dialing = false;
  if (PathOf(a, b).is_up && PathOf(b, a).is_up) return;
  const Process& first = *processes_[a.value()];
  const Process& second = *processes_[b.value()];
  // Whoever is started or goes on later dials then.
  if (!first.is_running() || !second.is_running()) return;
  if (!IsClean(a, b) || first.is_paused() || second.is_paused()) return DialLater(a, b);
  TakeDown(a, b, "replaced by a new connection");
  TakeDown(b, a, "replaced by a new connection");
  ++PairOf(a, b).link;
  PathOf(a, b).is_up = PathOf(b, a).is_up = true;
  PathOf(a, b).last_arrival = PathOf(b, a).last_arrival = world_.now();
  processes_[a.value()]->Deliver(LinkNotice{b, true, ""});
  processes_[b.value()]->Deliver(LinkNotice{a, true, ""});
}

void Network::DialLater(NodeNumber a, NodeNumber b) {
  if (std::exchange(PairOf(a, b).is_dialing, true)) return;
  const absl::Duration least = std::min(absl::Milliseconds(1), options_.dial_most);
  Schedule(After(world_.now(), world_.Between(least, options_.dial_most)),
           {Step::kConnect, a, b, 0, {}});
}

void Network::TakeDown(NodeNumber at, NodeNumber peer, absl::string_view why) {
  if (!std::exchange(PathOf(at, peer).is_up, false)) return;
  if (trace_.is_on()) {
    trace_.Add(world_.now(),
               absl::StrCat("node ", at.value(), ": link to ", peer.value(), " is down: ", why));
  }
  processes_[at.value()]->Deliver(LinkNotice{peer, false, std::string(why)});
  DialLater(at, peer);
}

absl::Duration Network::Delay() {
  const absl::Duration most = 2 * options_.delay_mean - options_.delay_least;
  absl::Duration delay = world_.Between(options_.delay_least, most);
  if (world_.Chance(options_.tail_share)) {
    delay += world_.Between(absl::ZeroDuration(), options_.delay_tail);
  }
  return delay;
}

void Network::Schedule(Instant at, Transit transit) {
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(transits_.size()));
    transits_.emplace_back();
  }
  const uint32_t place = free_.back();
  free_.pop_back();
  transits_[place] = std::move(transit);
  world_.At(at, *this, place);
}

}  // namespace ctdb::sim
