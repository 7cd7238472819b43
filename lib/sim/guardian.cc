// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/guardian.h"

#include <utility>

namespace ctdb::sim {

void Guardian::OnCrash(const Remains& remains) {
  remains_ = remains;
  if (remains.token == 0 || !world_.Chance(options_.share)) return;
  ++life_;
  is_alive_ = true;
  tokens_[life_] = remains.token;
  const absl::Duration fence = world_.Between(absl::ZeroDuration(), options_.fence_most);
  Plan(fence, Step::kFence, 0);
  const absl::Duration speaks = options_.speaks_too_early ? absl::ZeroDuration() : fence;
  for (uint32_t peer = 0; peer < peers_.size(); ++peer) Plan(speaks + Delay(), Step::kGreet, peer);
  Plan(kLife, Step::kEnd, 0);
}

void Guardian::Plan(absl::Duration delay, Step step, uint32_t peer) {
  world_.In(delay, *this,
            life_ << 24 | static_cast<uint64_t>(peer) << 8 | static_cast<uint64_t>(step));
}

absl::Duration Guardian::Delay() {
  return world_.Chance(0.1) ? world_.Between(absl::ZeroDuration(), options_.delay_most)
                            : world_.Between(absl::Microseconds(50), absl::Milliseconds(2));
}

void Guardian::OnEvent(uint64_t what) {
  const uint64_t life = what >> 24;
  const auto step = static_cast<Step>(what & 0xff);
  const auto peer = static_cast<uint32_t>(what >> 8 & 0xffff);
  if (step == Step::kHear) {
    // Said by whoever has ended since, perhaps; then the process may be running again.
    peers_[peer]->Deliver(PartingNotice{local_, tokens_.at(life), greeted_.at({life, peer})});
  } else if (life == life_ && is_alive_) {
    Run(step, peer);
  }
}

void Guardian::Run(Step step, uint32_t peer) {
  switch (step) {
    case Step::kFence:
      remains_ = {};
      return;
    case Step::kGreet: {
      const Process& process = *peers_[peer];
      const bool is_cut =
          network_.IsCut(local_, process.number()) || network_.IsCut(process.number(), local_);
      if (is_cut || !process.is_running() || process.is_paused()) return;
      greeted_[{life_, peer}] = process.LocalNow();
      return Plan(Delay(), Step::kSay, peer);
    }
    case Step::kSay:
      return Plan(Delay(), Step::kHear, peer);
    case Step::kHear:
      return;
    case Step::kEnd:
      is_alive_ = false;
      return on_end_();
  }
}

}  // namespace ctdb::sim
