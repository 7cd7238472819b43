// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/process.h"

#include <algorithm>
#include <utility>

namespace ctdb::sim {

void Process::Start() {
  if (is_running()) return;
  ++starts_;
  is_paused_ = false;
  deadline_ = tick_at_ = kNever;
  program_ = start_(LocalNow());
  AfterTurn();
}

void Process::Crash() {
  program_.reset();
  inbox_.clear();
  is_paused_ = false;
}

void Process::Resume() {
  if (!std::exchange(is_paused_, false)) return;
  const uint64_t run = starts_;
  while (!inbox_.empty() && starts_ == run && is_running() && !is_paused_) {
    const Input input = std::move(inbox_.front());
    inbox_.pop_front();
    Handle(input);
  }
  deadline_ = tick_at_ = kNever;
  if (is_running()) AfterTurn();
}

void Process::Deliver(const Input& input) {
  if (!is_running()) return;
  if (is_paused_) {
    inbox_.push_back(input);
    return;
  }
  Handle(input);
}

void Process::OnEvent(uint64_t what) {
  // Those of earlier runs, and those that an earlier one came before, mean nothing any more.
  if (what != starts_ || !is_running() || is_paused_ || world_.now() < tick_at_) return;
  deadline_ = tick_at_ = kNever;
  if (LocalNow() >= program_->NextDeadline()) {
    idle_ticks_ = world_.now() == last_tick_ ? idle_ticks_ + 1 : 0;
    last_tick_ = world_.now();
    program_->Tick(LocalNow());
  }
  if (!is_spinning()) AfterTurn();
}

void Process::Handle(const Input& input) {
  program_->Handle(input, LocalNow());
  AfterTurn();
}

void Process::AfterTurn() {
  const Instant deadline = clock_.World(program_->NextDeadline());
  if (deadline < deadline_) {
    deadline_ = deadline;
    tick_at_ = std::max(deadline, world_.now());
    if (slack_ > absl::ZeroDuration() && deadline != kNever) {
      tick_at_ = After(tick_at_, world_.Between(absl::ZeroDuration(), slack_));
    }
    world_.At(tick_at_, *this, starts_);
  }
  if (observer_) observer_(number_);
}

}  // namespace ctdb::sim
