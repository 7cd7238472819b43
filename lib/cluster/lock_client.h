// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lock_client: the cluster lock as this node uses it: one attempt after the other to take it, and
// the lock while it is held.
//
// The lock itself is a helper process. It prints one character:
//
//   0  taken: held until the helper ends or closes its standard output
//   1  contention: another node holds it
//   2  timeout
//   3  error; so is any other character, and an end without one
//
// What comes after that character is ignored. SIGTERM releases the lock; it is free when the
// process is gone, and no sooner. So the next helper is not started before that, and what an older
// one still says does not count (generation).
//
//   Ownership:  copies what it is told.
//   Threading:  not thread-safe.
//   Errors:     none; late and repeated inputs are ignored. Each answer but kTaken says why, and
//               what to do about it when somebody can do something.
//   Blocking:   never. Each Take() is answered within attempt_limit, whatever the helper does.
//   Limits:     one helper, one attempt; each input leads to at most three actions.
//
// Example:
//   LockClient client({.helper = "/usr/libexec/ctdb/ctdb_mutex_fcntl_helper"});
//   client.Take(now);
//   for (const LockClient::Action& action : client.TakeOutput()) Do(action);
//   client.OnOutput(generation, "0", now);  // what the helper printed

#ifndef LIB_CLUSTER_LOCK_CLIENT_H_
#define LIB_CLUSTER_LOCK_CLIENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/instant.h"
#include "lib/cluster/election.h"
#include "lib/daemon/child_exit.h"

namespace ctdb::cluster {

class LockClient {
 public:
  struct Options {
    // Its path, for messages.
    std::string helper = {};
    // From Take() to the answer. Longer tolerates a slower file system, shorter notices a dead one
    // sooner.
    absl::Duration attempt_limit = absl::Seconds(120);
    // How long a helper may take to end: by itself after an answer that is not "taken", then after
    // SIGTERM; then it gets SIGKILL.
    absl::Duration end_grace = absl::Seconds(5);
  };

  struct StartHelper {
    uint64_t generation;
    friend bool operator==(const StartHelper&, const StartHelper&) = default;
  };
  // SIGTERM, so that it releases the lock in its own way.
  struct Terminate {
    uint64_t generation;
    friend bool operator==(const Terminate&, const Terminate&) = default;
  };
  // SIGKILL, to all its processes.
  struct Kill {
    uint64_t generation;
    friend bool operator==(const Kill&, const Kill&) = default;
  };
  struct Answer {
    LockAnswer answer;
    std::string why;  // "" for kTaken
    // From the helper's start to its answer, for the log above RecLockLatencyMs; nothing when there
    // was no attempt of a helper (kLost, or it never got its turn).
    std::optional<absl::Duration> latency = {};
    friend bool operator==(const Answer&, const Answer&) = default;
  };
  using Action = std::variant<StartHelper, Terminate, Kill, Answer>;

  enum class State {
    kIdle,       // neither wanted nor held
    kWaiting,    // wanted; the former helper has to end first
    kTaking,     // wanted; the helper has not answered
    kHeld,       //
    kReleasing,  // not wanted any more; the helper has not ended, so the lock may still be held
  };
  struct Status {
    State state = State::kIdle;
    Instant since;
    uint64_t attempts = 0;  // Take() calls that began one
    std::optional<Answer> last_answer;
  };

  explicit LockClient(Options options);

  // Begins an attempt; while there is one, nothing happens. When the lock is held, the answer is
  // kTaken again.
  void Take(Instant now);
  // Gives up what is held or being taken; that is not answered.
  void Release(Instant now);

  // Bytes that the helper printed.
  void OnOutput(uint64_t generation, absl::string_view bytes, Instant now);
  void OnOutputClosed(uint64_t generation, Instant now);
  void OnExited(uint64_t generation, const daemon::ChildExit& how, Instant now);
  // StartHelper did not lead to a process: "too many processes".
  void OnNotStarted(uint64_t generation, absl::string_view why, Instant now);
  void OnTick(Instant now);

  // What to do, in this order; handed over once.
  std::vector<Action> TakeOutput();
  // When OnTick() is due; kNever when nothing is.
  Instant NextDeadline() const;
  Status Describe() const;
  bool is_held() const { return want_ == Want::kHeld; }
  // Whether a helper runs or is to be started.
  bool has_helper() const { return helper_.has_value(); }

 private:
  enum class Want { kNothing, kTaking, kHeld };
  struct Helper {
    enum class Stage { kWorking, kLeaving, kTerminated, kKilled };
    uint64_t generation = 0;
    Instant started;
    Stage stage = Stage::kWorking;
    Instant deadline = kNever;  // of the stage
  };

  bool IsPresent(uint64_t generation) const {
    return helper_.has_value() && helper_->generation == generation;
  }
  // Whether the present helper is the one that the wish is about, not one that has to end.
  bool IsWorking() const { return helper_ && helper_->stage == Helper::Stage::kWorking; }
  void Start(Instant now);
  void Say(LockAnswer answer, std::string why, Instant now);
  // The attempt, or the hold, ends.
  void Fail(LockAnswer answer, std::string why, Instant now);
  void OnEnd(std::string failure, Instant now);
  void Leave(Instant now);  // Expects the helper to end by itself.
  void TerminateHelper(Instant now);
  void KillHelper();
  std::string TimeoutText() const;
  void Note(Instant now);  // Keeps the time of the last change of state.
  State state() const;

  const Options options_;
  Want want_ = Want::kNothing;
  Instant attempt_deadline_ = kNever;
  std::optional<Helper> helper_;
  uint64_t last_generation_ = 0;
  Status status_;
  std::vector<Action> output_;
};

absl::string_view StateName(LockClient::State state);

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_LOCK_CLIENT_H_
