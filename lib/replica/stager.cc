// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/stager.h"

#include <algorithm>
#include <string>

namespace ctdb::replica {

Stager::Stager(const Stage& stage, NodeNumber coordinator, std::shared_ptr<Body> body,
               const Options& options, Instant now)
    : stage_(stage),
      coordinator_(coordinator),
      options_(options),
      body_(std::move(body)),
      next_(After(now, options.resend)),
      expires_(After(now, options.keep)) {
  WantMore(now);
}

void Stager::OnStage(Instant now) {
  expires_ = After(now, options_.keep);
  if (body_->IsWhole()) SayStaged("");
}

void Stager::OnPart(NodeNumber from, const BodyPart& part, Instant now) {
  if (part.token != stage_.token || from != stage_.source || body_->IsWhole()) return;
  if (part.is_gone) {
    is_refused_ = true;
    return SayStaged("its sender has it no more");
  }
  // What was asked for twice comes twice.
  if (!body_->Append(part.offset, part.bytes)) return;
  if (!body_->IsWhole()) return WantMore(now);
  const absl::Status status = body_->Check(stage_.seal);
  is_refused_ = !status.ok();
  SayStaged(std::string(status.message()));
}

void Stager::WantMore(Instant now) {
  next_ = After(now, options_.resend);
  const uint64_t window = kBodyWindowParts * options_.part_bytes;
  const uint64_t until = std::min(body_->size() + window, body_->size_when_whole());
  const bool is_enough = wanted_ > body_->size() + window / 2;
  if (is_enough || wanted_ >= until) return;
  sends_.push_back({stage_.source, PartsWanted{stage_.head, stage_.token, wanted_, until}});
  wanted_ = until;
}

void Stager::OnTick(Instant now) {
  if (is_refused_ || body_->IsWhole() || now < next_) return;
  wanted_ = body_->size();
  WantMore(now);
}

Instant Stager::NextDeadline() const {
  return is_refused_ || body_->IsWhole() ? expires_ : std::min(next_, expires_);
}

void Stager::SayStaged(const std::string& problem) {
  sends_.push_back({coordinator_, Staged{stage_.head, stage_.token, problem}});
}

std::shared_ptr<const Body> Stager::Take(const Token& token, const store::BodySeal& seal) {
  const bool is_it = token == stage_.token && seal == stage_.seal && body_->IsWhole();
  return is_it && !is_refused_ ? std::exchange(body_, nullptr) : nullptr;
}

}  // namespace ctdb::replica
