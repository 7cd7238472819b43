// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/life_cycle.h"

#include <utility>

namespace ctdb::daemon {

LifeCycle::LifeCycle(const Options& options, Instant now) : options_(options) {
  status_.since = now;
}

void LifeCycle::OnReady(Instant now) {
  if (status_.state != State::kStarting) return;
  Enter(State::kReady, now);
  output_.push_back(Action::kTellReady);
  if (std::exchange(reload_follows_, false)) BeginReload(now);
}

void LifeCycle::OnReloadRequested(Instant now) {
  switch (status_.state) {
    case State::kStarting:
    case State::kReloading:
      reload_follows_ = true;
      break;
    case State::kReady:
      BeginReload(now);
      break;
    case State::kStopping:
    case State::kStopped:
      break;
  }
}

void LifeCycle::OnReloaded(Instant now) {
  if (status_.state != State::kReloading) return;
  Enter(State::kReady, now);
  output_.push_back(Action::kTellReady);
  if (std::exchange(reload_follows_, false)) BeginReload(now);
}

void LifeCycle::OnStopRequested(absl::string_view cause, ExitCode exit_code, Instant now) {
  if (status_.state == State::kStopping || status_.state == State::kStopped) return;
  status_.stop_cause = std::string(cause);
  status_.exit_code = exit_code;
  stop_deadline_ = After(now, options_.stop_budget);
  Enter(State::kStopping, now);
  output_.push_back(Action::kTellStopping);
  output_.push_back(Action::kBeginStop);
}

void LifeCycle::OnStopped(Instant now) {
  if (status_.state == State::kStopping) Exit(now);
}

void LifeCycle::OnTick(Instant now) {
  if (status_.state != State::kStopping || now < stop_deadline_) return;
  status_.exit_code = ExitCode::kStopForced;
  Exit(now);
}

std::vector<LifeCycle::Action> LifeCycle::TakeOutput() { return std::exchange(output_, {}); }

Instant LifeCycle::NextDeadline() const { return stop_deadline_; }

void LifeCycle::Enter(State state, Instant now) {
  status_.state = state;
  status_.since = now;
}

void LifeCycle::BeginReload(Instant now) {
  Enter(State::kReloading, now);
  output_.push_back(Action::kTellReloading);
  output_.push_back(Action::kBeginReload);
}

void LifeCycle::Exit(Instant now) {
  stop_deadline_ = kNever;
  Enter(State::kStopped, now);
  output_.push_back(Action::kExit);
}

}  // namespace ctdb::daemon
