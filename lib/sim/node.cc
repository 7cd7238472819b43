// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/node.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::sim {
namespace {

using cluster::Engine;
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

std::string Text(const Engine::Event& event) {
  if (const auto* up = std::get_if<Engine::PeerUp>(&event)) {
    return absl::StrCat(up->node.value(), " is up");
  }
  if (const auto* down = std::get_if<Engine::PeerDown>(&event)) {
    return absl::StrCat(down->node.value(), " is down: ", down->why);
  }
  const auto& changed = std::get<Engine::LeaderChanged>(event);
  return absl::StrCat(
      changed.leader.has_value() ? absl::StrCat("node ", changed.leader->value(), " leads")
                                 : "nobody leads",
      " with ", cluster::RoundOf(changed.ballot), ".", cluster::NodeOf(changed.ballot).value(),
      changed.why.empty() ? "" : ": ", changed.why);
}

}  // namespace

SimNode::SimNode(const Options& options, const Parts& parts, Instant now)
    : local_(options.engine.election.local),
      tamper_(options.tamper),
      parts_(parts),
      engine_(options.engine, now) {
  engine_.SetNodes(options.nodes, {}, now);
  Settle(now);
}

void SimNode::Handle(const Input& input, Instant now) {
  if (const auto* packet = std::get_if<Packet>(&input)) {
    if (const auto* message = std::get_if<cluster::EngineMessage>(&packet->message)) {
      engine_.OnMessage(packet->from, *message, now);
    } else {
      engine_.OnHeard(packet->from, now);
    }
  } else if (const auto* link = std::get_if<LinkNotice>(&input)) {
    if (link->is_up) {
      engine_.OnLinkUp(link->peer, now);
    } else {
      engine_.OnLinkDown(link->peer, link->why, now);
    }
  } else if (const auto* disk = std::get_if<DiskNotice>(&input)) {
    engine_.OnPersisted(disk->ballot, now);
  } else if (const auto* lock = std::get_if<LockNotice>(&input)) {
    // Of an attempt that was given up: the driver knows its helpers.
    if (lock->attempt == lock_attempt_) engine_.OnLock(lock->answer, LockText(lock->answer), now);
  }
  Settle(now);
}

void SimNode::Tick(Instant now) {
  engine_.OnTick(now);
  Settle(now);
}

void SimNode::Leave(Instant now) {
  engine_.Leave(now);
  Settle(now);
}

Instant SimNode::NextDeadline() const { return engine_.NextDeadline(); }

std::string SimNode::problem() const {
  return problem_.empty() ? engine_.CheckInvariants() : problem_;
}

void SimNode::Settle(Instant now) {
  Apply(engine_.TakeOutput());
  for (const Engine::Event& event : engine_.TakeEvents()) Note(event);
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

void SimNode::Note(const Engine::Event& event) {
  parts_.world.Mix(event.index() << 8 | local_.value());
  if (!parts_.trace.is_on()) return;
  parts_.trace.Add(parts_.world.now(), absl::StrCat("node ", local_.value(), ": ", Text(event)));
}

void SimNode::Send(NodeNumber to, Message message) {
  if (tamper_) tamper_(message);
  parts_.network.Send(local_, to, message);
}

}  // namespace ctdb::sim
