// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// process: a simulated process on a host of its own. It can crash, be started again, and be stopped
// for a while (SIGSTOP, a host without time for it): what arrives meanwhile is handled late, all at
// once. What runs in it is a Program, made anew at each start.
//
//   Ownership:  owns the program; refers to the world.
//   Threading:  not thread-safe.
//   Errors:     none; what does not fit the state is ignored.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   Process process(world, NodeNumber(0), clock, [&](Instant now) { return MakeNode(now); });
//   process.Start();
//   process.Deliver(LinkNotice{NodeNumber(1), true, ""});

#ifndef LIB_SIM_PROCESS_H_
#define LIB_SIM_PROCESS_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/election.h"
#include "lib/cluster/membership.h"
#include "lib/sim/clock.h"
#include "lib/sim/message.h"
#include "lib/sim/world.h"

namespace ctdb::sim {

struct Packet {
  NodeNumber from;
  Message message;
};
struct LinkNotice {
  NodeNumber peer;
  bool is_up = false;
  std::string why;
};
// What a guardian of that node says (BuiltinEngine::OnParting()).
struct PartingNotice {
  NodeNumber peer;
  uint64_t token = 0;
  Instant as_of;
};
struct DiskNotice {
  cluster::Ballot ballot;
};
struct LockNotice {
  uint64_t attempt = 0;  // Which TakeLock it belongs to.
  cluster::LockAnswer answer = cluster::LockAnswer::kFailed;
};
// What an administrator or a service wants of the node.
struct Order {
  std::function<void(cluster::Membership& membership, Instant now)> carry_out;
};
using Input = std::variant<Packet, LinkNotice, PartingNotice, DiskNotice, LockNotice, Order>;

// `now` is the host's own clock.
class Program {
 public:
  virtual ~Program() = default;
  virtual void Handle(const Input& input, Instant now) = 0;
  virtual void Tick(Instant now) = 0;
  virtual Instant NextDeadline() const = 0;
};

class Process final : public Actor {
 public:
  using StartProgram = std::function<std::unique_ptr<Program>(Instant now)>;

  Process(World& world, NodeNumber number, const Clock& clock, StartProgram start)
      : world_(world), number_(number), clock_(clock), start_(std::move(start)) {}

  void Start();
  void Crash();
  void Pause() { is_paused_ = is_running(); }
  void Resume();
  void Deliver(const Input& input);
  // The host was started again: its clock begins anew. Only while the process is down.
  void SetClock(const Clock& clock) { clock_ = clock; }
  // Timers come up to this much late.
  void SetTimerSlack(absl::Duration slack) { slack_ = slack; }
  // Called after each input and tick.
  void SetObserver(std::function<void(NodeNumber)> observer) { observer_ = std::move(observer); }

  NodeNumber number() const { return number_; }
  bool is_running() const { return program_ != nullptr; }
  bool is_paused() const { return is_paused_; }
  uint64_t starts() const { return starts_; }
  // The program asked for one tick after the other at the same moment: a real one would spin.
  bool is_spinning() const { return idle_ticks_ >= kIdleTicksMax; }
  const Clock& clock() const { return clock_; }
  Instant LocalNow() const { return clock_.Local(world_.now()); }
  // Null while it is down.
  Program* program() const { return program_.get(); }

  void OnEvent(uint64_t what) override;

 private:
  static constexpr int kIdleTicksMax = 100;

  void Handle(const Input& input);
  void AfterTurn();

  World& world_;
  const NodeNumber number_;
  Clock clock_;
  const StartProgram start_;
  absl::Duration slack_;
  std::function<void(NodeNumber)> observer_;
  std::unique_ptr<Program> program_;
  bool is_paused_ = false;
  uint64_t starts_ = 0;
  Instant deadline_ = kNever;  // What the tick that is on its way is for.
  Instant tick_at_ = kNever;   // When it comes.
  Instant last_tick_{};
  int idle_ticks_ = 0;       // Without time between them.
  std::deque<Input> inbox_;  // While it is paused.
};

}  // namespace ctdb::sim

#endif  // LIB_SIM_PROCESS_H_
