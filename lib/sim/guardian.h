// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// guardian: what outlives a process that crashes, on the same host: it ends what the process's
// clients still do, and then tells the other nodes so, as lib/guardian does
// (docs/decisions/0029-guardian.md). Its words may be lost, or arrive much later.
//
// It also keeps what those clients would do without it: they serve until the process's lease ends.
//
//   Ownership:  refers to the cluster's parts.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     one per host.
//
// Example:
//   guardian.OnCrash({.token = token, .epoch = epoch, .serve_until = until});

#ifndef LIB_SIM_GUARDIAN_H_
#define LIB_SIM_GUARDIAN_H_

#include <functional>
#include <vector>

#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/sim/network.h"
#include "lib/sim/process.h"
#include "lib/sim/world.h"

namespace ctdb::sim {

class Guardian final : public Actor {
 public:
  static constexpr absl::Duration kLife = absl::Seconds(2);
  // It speaks again and again: whoever leads later has to hear it then.
  static constexpr absl::Duration kRepeat = absl::Milliseconds(50);

  struct Options {
    double share = 0.7;  // Of crashes that it survives.
    absl::Duration fence_most = absl::Milliseconds(100);
    // How long what it says may be under way; most of it much less.
    absl::Duration delay_most = absl::Seconds(2);
    bool speaks_too_early = false;  // For proofs that checkers see it: before the clients stop.
  };
  // What a run leaves behind.
  struct Remains {
    uint64_t token = 0;  // 0: it has no guardian.
    Epoch epoch = {};    // That its clients serve in.
    Instant serve_until = Instant::min();
  };

  // `on_end`: the process may be started again.
  Guardian(World& world, Network& network, NodeNumber local, std::function<void()> on_end)
      : world_(world), network_(network), local_(local), on_end_(std::move(on_end)) {}

  // Before anything happens.
  void SetOptions(const Options& options) { options_ = options; }
  void AddPeer(Process& process) { peers_.push_back(&process); }

  void OnCrash(const Remains& remains);
  // The process starts again, or the host: nobody is left who would serve.
  void OnStart() { remains_ = {}; }
  void OnReboot() {
    remains_ = {};
    is_alive_ = false;
  }
  // Whoever starts the process again asks it to.
  void End() { is_alive_ = false; }
  bool is_alive() const { return is_alive_; }
  // What clients of the last run still do.
  const Remains& remains() const { return remains_; }

  void OnEvent(uint64_t what) override;

 private:
  enum class Step : uint64_t { kFence, kGreet, kSay, kHear, kEnd };

  // One call of a peer.
  struct Call {
    uint32_t peer = 0;
    uint64_t token = 0;
    Instant greeted;  // When the peer let it speak, on the peer's clock.
  };

  // `id`: of a peer, or of a call.
  void Plan(absl::Duration delay, Step step, uint64_t id);
  void Run(Step step, uint64_t id);
  void Greet(uint32_t peer);
  absl::Duration Delay();

  World& world_;
  Network& network_;
  const NodeNumber local_;
  const std::function<void()> on_end_;
  Options options_;
  std::vector<Process*> peers_;
  uint64_t life_ = 0;  // Counts them.
  bool is_alive_ = false;
  Remains remains_;
  uint64_t token_ = 0;
  std::vector<Call> calls_;
};

}  // namespace ctdb::sim

#endif  // LIB_SIM_GUARDIAN_H_
