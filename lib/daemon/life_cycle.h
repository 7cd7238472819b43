// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// life_cycle: decides what a daemon does about requests to stop and to reload, in every state from
// start to exit, and what it tells the service manager meanwhile.
//
// A reload asked for during start or during another reload is done afterwards, once. A stop ends
// everything else, within a budget. Asking again changes nothing: service managers send SIGTERM
// after their stop command, and must not turn an orderly stop into a disorderly one by it.
//
//   Ownership:  values.
//   Threading:  not thread-safe.
//   Errors:     none; inputs that do not fit the state are ignored.
//   Blocking:   never.
//   Limits:     the stop ends within the budget.
//
// Example:
//   LifeCycle life_cycle({.stop_budget = absl::Seconds(60)}, now);
//   life_cycle.OnStopRequested("SIGTERM", ExitCode::kNormal, now);
//   for (LifeCycle::Action action : life_cycle.TakeOutput()) Do(action);

#ifndef LIB_DAEMON_LIFE_CYCLE_H_
#define LIB_DAEMON_LIFE_CYCLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/instant.h"
#include "lib/daemon/exit_code.h"

namespace ctdb::daemon {

class LifeCycle {
 public:
  struct Options {
    // From the request to stop until the process exits whatever is still unfinished.
    absl::Duration stop_budget = absl::Seconds(60);
  };

  enum class State { kStarting, kReady, kReloading, kStopping, kStopped };
  enum class Action {
    kTellReady,      // to the service manager, and to whoever waits for the start
    kTellReloading,  // to the service manager
    kBeginReload,    // answered by OnReloaded()
    kTellStopping,   // to the service manager
    kBeginStop,      // answered by OnStopped()
    kExit,           // with Status::exit_code
  };
  struct Status {
    State state = State::kStarting;
    Instant since;
    std::string stop_cause;  // "" while nobody asked to stop
    ExitCode exit_code = ExitCode::kNormal;
  };

  LifeCycle(const Options& options, Instant now);

  void OnReady(Instant now);
  void OnReloadRequested(Instant now);
  void OnReloaded(Instant now);
  // `exit_code`: what the process ends with when the stop succeeds.
  void OnStopRequested(absl::string_view cause, ExitCode exit_code, Instant now);
  void OnStopped(Instant now);
  void OnTick(Instant now);

  // What to do, in this order; handed over once.
  std::vector<Action> TakeOutput();
  Instant NextDeadline() const;
  Status Describe() const { return status_; }

 private:
  void Enter(State state, Instant now);
  void BeginReload(Instant now);
  void Exit(Instant now);

  const Options options_;
  Status status_;
  bool reload_follows_ = false;
  Instant stop_deadline_ = kNever;
  std::vector<Action> output_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_LIFE_CYCLE_H_
