// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/guardian.h"

#include <utility>

namespace ctdb::sim {

void Guardian::OnCrash(const Remains& remains) {
  remains_ = remains;
  if (remains.token == 0 || !world_.Chance(options_.share)) return;
  ++life_;
  is_alive_ = true;
  token_ = remains.token;
  const absl::Duration fence = world_.Between(absl::ZeroDuration(), options_.fence_most);
  Plan(fence, Step::kFence, 0);
  const absl::Duration speaks = options_.speaks_too_early ? absl::ZeroDuration() : fence;
  for (uint32_t peer = 0; peer < peers_.size(); ++peer) Plan(speaks + Delay(), Step::kGreet, peer);
  Plan(kLife, Step::kEnd, 0);
}

void Guardian::Plan(absl::Duration delay, Step step, uint64_t id) {
  world_.In(delay, *this, life_ << 40 | id << 8 | static_cast<uint64_t>(step));
}

absl::Duration Guardian::Delay() {
  return world_.Chance(0.1) ? world_.Between(absl::ZeroDuration(), options_.delay_most)
                            : world_.Between(absl::Microseconds(50), absl::Milliseconds(2));
}

void Guardian::OnEvent(uint64_t what) {
  const uint64_t life = what >> 40;
  const auto step = static_cast<Step>(what & 0xff);
  const uint64_t id = what >> 8 & 0xffffffff;
  if (step == Step::kHear) {
    // Said by whoever has ended since, perhaps; then the process may be running again.
    const Call& call = calls_[id];
    peers_[call.peer]->Deliver(PartingNotice{local_, call.token, call.greeted});
  } else if (life == life_ && is_alive_) {
    Run(step, id);
  }
}

void Guardian::Run(Step step, uint64_t id) {
  switch (step) {
    case Step::kFence:
      remains_ = {};
      return;
    case Step::kGreet:
      Greet(static_cast<uint32_t>(id));
      return Plan(kRepeat, Step::kGreet, id);
    case Step::kSay:
      return Plan(Delay(), Step::kHear, id);
    case Step::kHear:
      return;
    case Step::kEnd:
      is_alive_ = false;
      return on_end_();
  }
}

void Guardian::Greet(uint32_t peer) {
  const Process& process = *peers_[peer];
  const bool is_cut =
      network_.IsCut(local_, process.number()) || network_.IsCut(process.number(), local_);
  if (is_cut || !process.is_running() || process.is_paused()) return;
  calls_.push_back({peer, token_, process.LocalNow()});
  Plan(Delay(), Step::kSay, calls_.size() - 1);
}

}  // namespace ctdb::sim
