// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/lock_service.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::sim {

using cluster::LockAnswer;

void LockService::Add(Process& process) { clients_.push_back({&process}); }

uint64_t LockService::Take(NodeNumber node) {
  Client& client = clients_[node.value()];
  ++client.attempt;
  client.is_waiting = true;
  if (world_.Chance(options_.hang)) {
    world_.In(options_.limit, *this, Pack(Step::kTimeOut, node, client.attempt));
  } else {
    const Step step = world_.Chance(options_.fail) ? Step::kFail : Step::kAnswer;
    world_.In(world_.Between(options_.answer_least, options_.answer_most), *this,
              Pack(step, node, client.attempt));
  }
  return client.attempt;
}

void LockService::Release(NodeNumber node) {
  Client& client = clients_[node.value()];
  ++client.attempt;
  client.is_waiting = false;
  client.thinks_it_holds = false;
  if (holder_ == node) holder_.reset();
}

void LockService::OnCrash(NodeNumber node) {
  Client& client = clients_[node.value()];
  ++client.attempt;
  client.is_waiting = false;
  client.thinks_it_holds = false;
  if (holder_ != node) return;
  is_held_by_dead_ = true;
  world_.In(world_.Between(absl::ZeroDuration(), options_.free_most), *this,
            Pack(Step::kFree, node, client.attempt));
}

void LockService::Lose() {
  if (!holder_.has_value() || is_held_by_dead_) return;
  Client& client = clients_[holder_->value()];
  // Who is paused cannot be told, and keeps it until then.
  if (client.process->is_paused()) return;
  trace_.Add(world_.now(), absl::StrCat("node ", holder_->value(), " loses the cluster lock"));
  client.thinks_it_holds = false;
  holder_.reset();
  Answer(client, LockAnswer::kLost);
}

void LockService::Replace(absl::Duration delay) {
  if (!holder_.has_value()) return;
  const NodeNumber node = *std::exchange(holder_, std::nullopt);
  const bool is_told = !std::exchange(is_held_by_dead_, false);
  trace_.Add(world_.now(), absl::StrCat("the cluster lock of node ", node.value(), " is replaced"));
  if (!is_told) return;
  world_.In(delay, *this, Pack(Step::kTellLoss, node, clients_[node.value()].attempt));
}

void LockService::OnEvent(uint64_t what) {
  const Step step = static_cast<Step>(what & 15);
  const NodeNumber node(static_cast<uint32_t>(what >> 4 & 0xffff));
  Client& client = clients_[node.value()];
  if (step == Step::kFree) {
    if (holder_ == node && std::exchange(is_held_by_dead_, false)) holder_.reset();
    return;
  }
  if (client.attempt != what >> 20) return;  // It was given up meanwhile.
  if (step == Step::kTellLoss) {
    if (!std::exchange(client.thinks_it_holds, false)) return;
    return Answer(client, LockAnswer::kLost);
  }
  if (!std::exchange(client.is_waiting, false)) return;
  if (step == Step::kTimeOut) return Answer(client, LockAnswer::kTimedOut);
  if (step == Step::kFail) return Answer(client, LockAnswer::kFailed);
  if (holder_.has_value()) return Answer(client, LockAnswer::kContended);
  holder_ = node;
  client.thinks_it_holds = true;
  trace_.Add(world_.now(), absl::StrCat("node ", node.value(), " gets the cluster lock"));
  Answer(client, LockAnswer::kTaken);
}

void LockService::Answer(Client& client, LockAnswer answer) {
  client.process->Deliver(LockNotice{client.attempt, answer});
}

}  // namespace ctdb::sim
