// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/node.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::sim {
namespace {

using cluster::LockAnswer;

const char* LockText(LockAnswer answer) {
  switch (answer) {
    case LockAnswer::kTaken:
      return "";
    case LockAnswer::kContended:
      return "another node has it";
    case LockAnswer::kTimedOut:
      return "no answer";
    case LockAnswer::kFailed:
      return "an error";
    case LockAnswer::kLost:
      return "the file was replaced";
  }
  return "";
}

}  // namespace

SimNode::SimNode(const Options& options, const Parts& parts, Instant now)
    : local_(options.engine.election.local),
      tamper_(options.tamper),
      parts_(parts),
      engine_(options.engine, now),
      wrapped_(options.wrap_engine ? options.wrap_engine(engine_) : nullptr),
      membership_(wrapped_ ? *wrapped_ : engine_, options.membership, options.nodes, now) {
  membership_.SetRunState(cluster::RunState::kFirstRecovery, now);
  Settle(now);
}

void SimNode::Handle(const Input& input, Instant now) {
  if (const auto* packet = std::get_if<Packet>(&input)) {
    OnPacket(*packet, now);
  } else if (const auto* link = std::get_if<LinkNotice>(&input)) {
    if (link->is_up) {
      linked_.insert(link->peer);
      engine_.OnLinkUp(link->peer, now);
    } else {
      linked_.erase(link->peer);
      engine_.OnLinkDown(link->peer, link->why, now);
    }
  } else if (const auto* parting = std::get_if<PartingNotice>(&input)) {
    engine_.OnParting(parting->peer, parting->token, parting->as_of, now);
  } else if (const auto* disk = std::get_if<DiskNotice>(&input)) {
    engine_.OnPersisted(disk->ballot, now);
  } else if (const auto* lock = std::get_if<LockNotice>(&input)) {
    // Of an attempt that was given up: the driver knows its helpers.
    if (lock->attempt == lock_attempt_) engine_.OnLock(lock->answer, LockText(lock->answer), now);
  } else if (const auto* order = std::get_if<Order>(&input)) {
    order->carry_out(membership_, now);
  }
  Settle(now);
}

void SimNode::OnPacket(const Packet& packet, Instant now) {
  // Whoever was not in the nodes list when its link came up may be now.
  if (linked_.count(packet.from) > 0) engine_.OnLinkUp(packet.from, now);
  if (const auto* message = std::get_if<cluster::EngineMessage>(&packet.message)) {
    engine_.OnMessage(packet.from, *message, now);
  } else {
    engine_.OnHeard(packet.from, now);
    membership_.OnMessage(packet.from, std::get<cluster::MembershipMessage>(packet.message), now);
  }
}

void SimNode::Tick(Instant now) {
  engine_.OnTick(now);
  membership_.OnTick(now);
  Settle(now);
}

void SimNode::Leave(Instant now) {
  membership_.SetRunState(cluster::RunState::kShutdown, now);
  engine_.Leave(now);
  Settle(now);
}

Instant SimNode::NextDeadline() const {
  return std::min(engine_.NextDeadline(), membership_.NextDeadline());
}

std::string SimNode::problem() const {
  if (!problem_.empty()) return problem_;
  const std::string problem = engine_.CheckInvariants();
  return problem.empty() ? membership_.CheckInvariants() : problem;
}

void SimNode::Settle(Instant now) {
  Pump(now);
  if (membership_.own().run_state != cluster::RunState::kStartup) return;
  membership_.SetRunState(cluster::RunState::kRunning, now);
  membership_.SetHealthy(true, "it has started", now);
  Pump(now);
}

void SimNode::Pump(Instant now) {
  membership_.Advance(now);
  Apply(engine_.TakeOutput());
  for (const auto& send : membership_.TakeOutput().sends) Send(send.to, send.message);
  NoteChanges();
}

void SimNode::Apply(const cluster::BuiltinEngine::Output& output) {
  for (const auto& send : output.sends) Send(send.to, send.message);
  if (output.persist.has_value()) {
    if (parts_.disk.is_writing()) problem_ = "persists a ballot before the last one is on disk";
    parts_.disk.Write(*output.persist);
  }
  if (output.release_lock) {
    parts_.lock.Release(local_);
    lock_attempt_ = 0;
  }
  if (output.take_lock) lock_attempt_ = parts_.lock.Take(local_);
}

void SimNode::NoteChanges() {
  uint64_t missed = 0;
  for (const cluster::Change& change : membership_.changes().After(noted_, &missed)) {
    parts_.world.Mix(static_cast<uint64_t>(change.kind) << 16 | change.node.value() << 8 |
                     local_.value());
    if (!parts_.trace.is_on()) continue;
    const cluster::Ballot ballot = engine_.ballot();
    const bool is_election = change.kind == cluster::ChangeKind::kLeader;
    parts_.trace.Add(parts_.world.now(),
                     absl::StrCat("node ", local_.value(), ": ", change.text,
                                  is_election ? absl::StrCat(" (", cluster::RoundOf(ballot), ".",
                                                             cluster::NodeOf(ballot).value(), ")")
                                              : ""));
  }
  noted_ = membership_.changes().last();
}

void SimNode::Send(NodeNumber to, Message message) {
  if (tamper_) tamper_(message);
  parts_.network.Send(local_, to, message);
}

}  // namespace ctdb::sim
