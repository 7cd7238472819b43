// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/supervisor.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::daemon {
namespace {

using State = Supervisor::State;

// Whether there is, or may soon be, a process.
bool HasProcess(State state) {
  return state == State::kLaunching || state == State::kStarting || state == State::kReady ||
         state == State::kTerminating || state == State::kKilling;
}

}  // namespace

Supervisor::Supervisor(std::vector<ChildSpec> table, const Options& options, Random* random)
    : options_(options), random_(random) {
  if (table.size() > kChildrenMax) std::abort();  // a table in the program, not input
  children_.resize(table.size());
  for (size_t i = 0; i < table.size(); ++i) children_[i].spec = std::move(table[i]);
}

void Supervisor::OnStartRequested(Instant now) {
  if (phase_ != Phase::kNew) return;
  phase_ = Phase::kRunning;
  Advance(now);
}

void Supervisor::OnStarted(ChildNumber number, int pid, Instant now) {
  Child* child = Find(number);
  if (child == nullptr || child->state != State::kLaunching) return;
  child->pid = pid;
  Enter(*child, State::kStarting, now, After(now, child->spec.ready_limit));
  // What was asked for while the process had no number yet.
  const bool restarts = phase_ == Phase::kRunning && child->reason == Reason::kRestartAsked;
  if (restarts) Terminate(*child, Reason::kRestartAsked, now);
  Advance(now);
}

void Supervisor::OnReady(ChildNumber number, Instant now) {
  Child* child = Find(number);
  if (child == nullptr || child->state != State::kStarting) return;
  child->ready_since = now;
  Enter(*child, State::kReady, now);
  Advance(now);
}

void Supervisor::OnNotStarted(ChildNumber number, absl::string_view why, Instant now) {
  Child* child = Find(number);
  if (child == nullptr || child->state != State::kLaunching) return;
  End(*child, std::nullopt, absl::StrCat("could not be started: ", why), now);
}

void Supervisor::OnExited(ChildNumber number, const ChildExit& how, Instant now) {
  Child* child = Find(number);
  if (child == nullptr || !HasProcess(child->state)) return;
  End(*child, how, daemon::Describe(how), now);
}

absl::Status Supervisor::OnRestartRequested(ChildNumber number, Instant now) {
  Child* child = Find(number);
  if (child == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("cannot restart part ", number.value(),
                                                   ": there are only ", children_.size()));
  }
  if (phase_ != Phase::kRunning) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot restart ", child->spec.name, ": the daemon is ", PhaseName(phase_)));
  }
  child->failures_in_row = 0;
  switch (child->state) {
    case State::kStarting:
    case State::kReady:
      Terminate(*child, Reason::kRestartAsked, now);
      break;
    case State::kPausing:
    case State::kGivenUp:
      Launch(*child, now);
      break;
    case State::kLaunching:
      child->reason = Reason::kRestartAsked;
      break;
    case State::kDown:
    case State::kTerminating:
    case State::kKilling:
      break;  // is about to be started anyway
  }
  return absl::OkStatus();
}

void Supervisor::OnStopRequested(Instant now) {
  if (phase_ == Phase::kStopping || phase_ == Phase::kStopped) return;
  phase_ = Phase::kStopping;
  for (Child& child : children_) {
    if (child.state == State::kPausing) Enter(child, State::kDown, now);
  }
  Advance(now);
}

void Supervisor::OnTick(Instant now) {
  for (Child& child : children_) {
    if (now < child.deadline) continue;
    switch (child.state) {
      case State::kStarting:
        child.reason = Reason::kHungAtStart;
        Raise(Alert::Kind::kHungAtStart, child,
              absl::StrCat(child.spec.name, " was not ready within ",
                           absl::FormatDuration(child.spec.ready_limit), "; it is killed"));
        Kill(child, now);
        break;
      case State::kPausing:
        Launch(child, now);
        break;
      case State::kTerminating:
        Raise(Alert::Kind::kStopTooSlow, child,
              absl::StrCat(child.spec.name, " did not stop within ",
                           absl::FormatDuration(child.spec.stop_budget), "; it is killed"));
        Kill(child, now);
        break;
      case State::kKilling:
        child.deadline = kNever;
        Raise(Alert::Kind::kUnkillable, child,
              absl::StrCat(child.spec.name, " (process ", child.pid,
                           ") does not end although it was killed: it hangs in the kernel, often "
                           "on a disk or a file system; see /proc/",
                           child.pid, "/stack"));
        break;
      case State::kDown:
      case State::kLaunching:
      case State::kReady:
      case State::kGivenUp:
        break;  // have no deadline
    }
  }
  Advance(now);
}

std::vector<Supervisor::Action> Supervisor::TakeOutput() { return std::exchange(output_, {}); }

Instant Supervisor::NextDeadline() const {
  Instant next = kNever;
  for (const Child& child : children_) next = std::min(next, child.deadline);
  return next;
}

Supervisor::Status Supervisor::Describe() const {
  Status status{.phase = phase_, .all_ready = true, .gave_up = gave_up_, .children = {}};
  for (const Child& child : children_) {
    status.all_ready = status.all_ready && child.state == State::kReady;
    status.children.push_back(ChildStatus{.name = child.spec.name,
                                          .is_essential = child.spec.is_essential,
                                          .state = child.state,
                                          .state_since = child.since,
                                          .pid = child.pid,
                                          .start_count = child.start_count,
                                          .restart_count = child.restart_count,
                                          .failures_in_row = child.failures_in_row,
                                          .last_exit = child.last_exit,
                                          .deadline = child.deadline});
  }
  return status;
}

std::string Supervisor::CheckInvariants() const {
  for (const Child& child : children_) {
    const absl::string_view name = child.spec.name;
    const bool has_pid = child.pid != 0;
    const bool wants_pid = HasProcess(child.state) && child.state != State::kLaunching;
    if (has_pid != wants_pid) return absl::StrCat(name, ": process number and state disagree");
    const bool is_idle_phase = phase_ == Phase::kNew || phase_ == Phase::kStopped;
    if (is_idle_phase && HasProcess(child.state)) return absl::StrCat(name, ": runs when none may");
    if (phase_ == Phase::kStopping && child.state == State::kPausing) {
      return absl::StrCat(name, ": waits to be started while all are stopped");
    }
    const bool waits = child.state == State::kPausing || child.state == State::kTerminating;
    if (waits && child.deadline == kNever) return absl::StrCat(name, ": waits without a limit");
  }
  return "";
}

Supervisor::Child* Supervisor::Find(ChildNumber child) {
  return child.value() < children_.size() ? &children_[child.value()] : nullptr;
}

ChildNumber Supervisor::NumberOf(const Child& child) const {
  return ChildNumber(static_cast<uint32_t>(&child - children_.data()));
}

void Supervisor::Enter(Child& child, State state, Instant now, Instant deadline) {
  child.state = state;
  child.since = now;
  child.deadline = deadline;
}

void Supervisor::Launch(Child& child, Instant now) {
  ++child.start_count;
  if (child.runs_anew) ++child.restart_count;
  child.reason = Reason::kUnasked;
  Enter(child, State::kLaunching, now);
  output_.emplace_back(StartChild{NumberOf(child)});
}

void Supervisor::Terminate(Child& child, Reason reason, Instant now) {
  child.reason = reason;
  Enter(child, State::kTerminating, now, After(now, child.spec.stop_budget));
  output_.emplace_back(SendSignal{NumberOf(child), SignalKind::kTerminate});
}

void Supervisor::Kill(Child& child, Instant now) {
  Enter(child, State::kKilling, now, After(now, options_.kill_patience));
  output_.emplace_back(SendSignal{NumberOf(child), SignalKind::kKill});
}

void Supervisor::End(Child& child, std::optional<ChildExit> how, const std::string& text,
                     Instant now) {
  const bool ran_stably =
      child.ready_since && now >= After(*child.ready_since, options_.stable_after);
  if (ran_stably) child.failures_in_row = 0;
  child.ready_since.reset();
  child.pid = 0;
  child.runs_anew = true;
  child.last_exit = LastExit{how, text, child.reason, now};
  const bool was_asked =
      child.reason == Reason::kRestartAsked || child.reason == Reason::kStopAsked;
  if (was_asked || phase_ == Phase::kStopping) {
    Enter(child, State::kDown, now);
  } else {
    Fail(child, now);
  }
  Advance(now);
}

void Supervisor::Fail(Child& child, Instant now) {
  child.failed_since_start = true;
  ++child.failures_in_row;
  const std::string cause = child.reason == Reason::kHungAtStart
                                ? absl::StrCat(child.spec.name, " was not ready in time")
                                : absl::StrCat(child.spec.name, " ", child.last_exit->text);
  const std::optional<ChildExit>& how = child.last_exit->how;
  const auto& final_codes = child.spec.final_exit_codes;
  const bool is_final = how && how->kind == ChildExit::Kind::kExited &&
                        std::count(final_codes.begin(), final_codes.end(), how->value) > 0;
  const bool is_too_often =
      options_.failures_max != 0 && child.failures_in_row >= options_.failures_max;
  if (is_final || is_too_often) {
    GiveUp(child, cause, now);
    return;
  }
  const absl::Duration pause = PauseAfter(child.failures_in_row);
  Raise(Alert::Kind::kFailed, child,
        absl::StrCat(cause, "; failure ", child.failures_in_row, " in a row, next start ",
                     pause == absl::ZeroDuration()
                         ? "at once"
                         : absl::StrCat("in ", absl::FormatDuration(pause))));
  if (pause == absl::ZeroDuration()) {
    Launch(child, now);
  } else {
    Enter(child, State::kPausing, now, After(now, pause));
  }
}

void Supervisor::GiveUp(Child& child, const std::string& cause, Instant now) {
  Enter(child, State::kGivenUp, now);
  const absl::string_view consequence = child.spec.is_essential
                                            ? "; it is not started again, and all others stop"
                                            : "; it is not started again";
  Raise(Alert::Kind::kGaveUp, child,
        absl::StrCat(cause, ", ", child.failures_in_row, " times in a row", consequence));
  if (!child.spec.is_essential) return;
  gave_up_ = cause;
  OnStopRequested(now);
}

void Supervisor::Raise(Alert::Kind kind, const Child& child, std::string text) {
  output_.emplace_back(Alert{kind, NumberOf(child), std::move(text)});
}

absl::Duration Supervisor::PauseAfter(uint32_t failures_in_row) {
  if (failures_in_row <= 1) return absl::ZeroDuration();
  const uint32_t doublings = std::min(failures_in_row - 2, 30u);
  const absl::Duration pause =
      std::min(options_.pause_min * static_cast<int64_t>(1u << doublings), options_.pause_max);
  // Between half and all of it, so that parts and nodes that fell together do not rise together.
  return absl::Trunc(pause * (0.5 + random_->Fraction() / 2), absl::Milliseconds(1));
}

void Supervisor::Advance(Instant now) {
  if (phase_ == Phase::kRunning) StartNext(now);
  if (phase_ == Phase::kStopping) StopNext(now);
}

void Supervisor::StartNext(Instant now) {
  for (Child& child : children_) {
    if (child.state == State::kDown) Launch(child, now);
    const bool may_lag = !child.spec.is_essential && child.failed_since_start;
    if (child.state != State::kReady && !may_lag) return;
  }
}

void Supervisor::StopNext(Instant now) {
  for (auto child = children_.rbegin(); child != children_.rend(); ++child) {
    if (!HasProcess(child->state)) continue;
    child->reason = Reason::kStopAsked;
    const bool can_ask = child->state == State::kStarting || child->state == State::kReady;
    if (can_ask) Terminate(*child, Reason::kStopAsked, now);
    return;
  }
  phase_ = Phase::kStopped;
  output_.emplace_back(AllStopped{});
}

absl::string_view StateName(Supervisor::State state) {
  switch (state) {
    case State::kDown:
      return "down";
    case State::kLaunching:
      return "launching";
    case State::kStarting:
      return "starting";
    case State::kReady:
      return "ready";
    case State::kPausing:
      return "pausing";
    case State::kTerminating:
      return "terminating";
    case State::kKilling:
      return "killing";
    case State::kGivenUp:
      return "given up";
  }
  return "unknown";
}

absl::string_view PhaseName(Supervisor::Phase phase) {
  switch (phase) {
    case Supervisor::Phase::kNew:
      return "not started yet";
    case Supervisor::Phase::kRunning:
      return "running";
    case Supervisor::Phase::kStopping:
      return "stopping";
    case Supervisor::Phase::kStopped:
      return "stopped";
  }
  return "unknown";
}

}  // namespace ctdb::daemon
