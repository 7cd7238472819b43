// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// supervisor: decides when the parts of a daemon are started, restarted, stopped and killed.
//
// Children start in the table's order, each once the former is ready, and stop in reverse order. A
// child that fails is started again at once the first time, then with growing, jittered pauses; one
// that ran stably starts afresh. A child that is not essential may fail without holding up those
// behind it. A process that survives SIGKILL (stuck in the kernel) is waited for, and said so.
//
//   Ownership:  copies the table; the random numbers belong to the caller and outlive it.
//   Threading:  not thread-safe.
//   Errors:     InvalidArgument from OnRestartRequested() for a child that is not there; other
//               inputs that do not fit the state (late, twice, unknown child) are ignored.
//   Blocking:   never.
//   Limits:     kChildrenMax children (CHECK); every call is O(children).
//
// Example:
//   Supervisor supervisor({{.name = "transportd"}, {.name = "databased"}}, {}, &random);
//   supervisor.OnStartRequested(now);
//   for (const Supervisor::Action& action : supervisor.TakeOutput()) Do(action);
//   // The answer to StartChild is OnStarted() or OnNotStarted(), to SendSignal OnExited().

#ifndef LIB_DAEMON_SUPERVISOR_H_
#define LIB_DAEMON_SUPERVISOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/base/random.h"
#include "lib/daemon/child_exit.h"

namespace ctdb::daemon {

// Position in the supervisor's table.
using ChildNumber = Id<struct ChildNumberTag, uint32_t>;

struct ChildSpec {
  std::string name = {};
  // Whether those behind it wait until it is ready, and all stop when it is given up.
  bool is_essential = true;
  // From process start to readiness; longer is a hang and is killed.
  absl::Duration ready_limit = absl::Seconds(30);
  // From SIGTERM to SIGKILL.
  absl::Duration stop_budget = absl::Seconds(10);
  // Exit codes after which another start is of no use: the child is given up at once.
  std::vector<int> final_exit_codes = {};
};

class Supervisor {
 public:
  static constexpr size_t kChildrenMax = 256;

  struct Options {
    // Pause before the second restart in a row; doubles with each further one. The first has none.
    absl::Duration pause_min = absl::Milliseconds(200);
    absl::Duration pause_max = absl::Seconds(30);
    // A child that was ready for this long has no failures in a row any more.
    absl::Duration stable_after = absl::Seconds(60);
    // Failures in a row after which a child is given up; 0: never.
    uint32_t failures_max = 0;
    // A killed process that is still there after this is reported.
    absl::Duration kill_patience = absl::Seconds(5);
  };

  enum class Phase { kNew, kRunning, kStopping, kStopped };
  enum class State {
    kDown,         // waits for its turn, or stopped
    kLaunching,    // handed out as StartChild
    kStarting,     // process runs, not ready
    kReady,        //
    kPausing,      // failed; the next start waits
    kTerminating,  // was sent SIGTERM
    kKilling,      // was sent SIGKILL
    kGivenUp,      // failed for good
  };
  // Why a process ended or is about to.
  enum class Reason { kUnasked, kHungAtStart, kRestartAsked, kStopAsked };
  enum class SignalKind { kTerminate, kKill };

  struct StartChild {
    ChildNumber child;
  };
  struct SendSignal {
    ChildNumber child;
    SignalKind signal;
  };
  // For logs and for people: what happened to whom and what follows.
  struct Alert {
    enum class Kind { kFailed, kHungAtStart, kStopTooSlow, kUnkillable, kGaveUp };
    Kind kind;
    ChildNumber child;
    std::string text;
  };
  // No child runs, and none will be started. Comes once.
  struct AllStopped {};
  using Action = std::variant<StartChild, SendSignal, Alert, AllStopped>;

  struct LastExit {
    // Nothing: there was no process at all.
    std::optional<ChildExit> how;
    std::string text;  // "exited with code 1"
    Reason reason;
    Instant at;
  };
  struct ChildStatus {
    std::string name;
    bool is_essential = true;
    State state = State::kDown;
    Instant state_since;
    int pid = 0;  // 0: no process
    uint64_t start_count = 0;
    uint64_t restart_count = 0;
    uint32_t failures_in_row = 0;
    std::optional<LastExit> last_exit;
    // When something happens by itself: next start, kill, end of patience; kNever: nothing.
    Instant deadline = kNever;
  };
  struct Status {
    Phase phase = Phase::kNew;
    bool all_ready = false;
    std::string gave_up;  // why all were stopped without being asked; "": they were not
    std::vector<ChildStatus> children;
  };

  Supervisor(std::vector<ChildSpec> table, const Options& options, Random* random);

  void OnStartRequested(Instant now);
  void OnStarted(ChildNumber child, int pid, Instant now);
  void OnReady(ChildNumber child, Instant now);
  // The start did not lead to a process: "too many open files".
  void OnNotStarted(ChildNumber child, absl::string_view why, Instant now);
  // Must not be called for the process before the present one: the driver forgets it at its exit.
  void OnExited(ChildNumber child, const ChildExit& how, Instant now);
  // Stops the child in its orderly way and starts it again; ends a pause and a giving up.
  absl::Status OnRestartRequested(ChildNumber child, Instant now);
  void OnStopRequested(Instant now);
  void OnTick(Instant now);

  // What to do, in this order; handed over once.
  std::vector<Action> TakeOutput();
  // When OnTick() is due; kNever when nothing is.
  Instant NextDeadline() const;
  Status Describe() const;
  // Empty, or which rule is broken. For tests and the simulator.
  std::string CheckInvariants() const;

 private:
  struct Child {
    ChildSpec spec;
    State state = State::kDown;
    Instant since;
    Instant deadline = kNever;
    int pid = 0;
    uint64_t start_count = 0;
    uint64_t restart_count = 0;
    uint32_t failures_in_row = 0;
    bool failed_since_start = false;  // lets those behind a non-essential child go ahead
    bool runs_anew = false;           // the next start is a restart
    std::optional<Instant> ready_since;
    Reason reason = Reason::kUnasked;
    std::optional<LastExit> last_exit;
  };

  Child* Find(ChildNumber child);
  ChildNumber NumberOf(const Child& child) const;
  void Enter(Child& child, State state, Instant now, Instant deadline = kNever);
  void Launch(Child& child, Instant now);
  void Terminate(Child& child, Reason reason, Instant now);
  void Kill(Child& child, Instant now);
  void End(Child& child, std::optional<ChildExit> how, const std::string& text, Instant now);
  void Fail(Child& child, Instant now);
  void GiveUp(Child& child, const std::string& cause, Instant now);
  void Raise(Alert::Kind kind, const Child& child, std::string text);
  absl::Duration PauseAfter(uint32_t failures_in_row);
  void Advance(Instant now);
  void StartNext(Instant now);
  void StopNext(Instant now);

  const Options options_;
  Random* const random_;
  std::vector<Child> children_;
  Phase phase_ = Phase::kNew;
  std::string gave_up_;
  std::vector<Action> output_;
};

absl::string_view StateName(Supervisor::State state);
absl::string_view PhaseName(Supervisor::Phase phase);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SUPERVISOR_H_
