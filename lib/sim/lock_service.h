// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// lock_service: the cluster lock, as a helper on a cluster file system gives it. An honest one is
// held by one node at most, and is free for others only after its holder knows that he lost it.
// It may be slow, not answer at all, fail, and lie: then somebody replaced the file, and the holder
// hears of it only seconds later.
//
//   Ownership:  refers to the world, the trace and the processes.
//   Threading:  not thread-safe.
//   Errors:     none; what nobody holds or wants is not released.
//   Blocking:   never.
//   Limits:     one attempt per node: another one replaces it.
//
// Example:
//   LockService lock(world, trace);
//   lock.Add(process);
//   uint64_t attempt = lock.Take(NodeNumber(0));  // Answered by a LockNotice with that number.

#ifndef LIB_SIM_LOCK_SERVICE_H_
#define LIB_SIM_LOCK_SERVICE_H_

#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/sim/process.h"
#include "lib/sim/trace.h"
#include "lib/sim/world.h"

namespace ctdb::sim {

class LockService final : public Actor {
 public:
  struct Options {
    absl::Duration answer_least = absl::Milliseconds(1);
    absl::Duration answer_most = absl::Milliseconds(10);
    double hang = 0;  // Attempts that are not answered until `limit`.
    double fail = 0;  // Attempts that end with an error.
    absl::Duration limit = absl::Seconds(5);
    // The lock of a process that ended is free after at most this.
    absl::Duration free_most = absl::Milliseconds(500);
  };

  LockService(World& world, Trace& trace) : world_(world), trace_(trace) {}

  void Add(Process& process);
  void SetOptions(const Options& options) { options_ = options; }

  uint64_t Take(NodeNumber node);
  // What it holds or tries to take.
  void Release(NodeNumber node);
  void OnCrash(NodeNumber node);

  // Faults. The holder is told; the lock is free when he has heard of it.
  void Lose();
  // The lock is free; who thinks that he holds it is told after `delay`.
  void Replace(absl::Duration delay);

  std::optional<NodeNumber> holder() const { return holder_; }

  void OnEvent(uint64_t what) override;

 private:
  enum class Step : uint64_t { kAnswer, kTimeOut, kFail, kFree, kTellLoss };
  struct Client {
    Process* process = nullptr;
    uint64_t attempt = 0;  // The newest.
    bool is_waiting = false;
    bool thinks_it_holds = false;
  };

  static uint64_t Pack(Step step, NodeNumber node, uint64_t attempt) {
    return attempt << 20 | node.value() << 4 | static_cast<uint64_t>(step);
  }
  void Answer(Client& client, cluster::LockAnswer answer);

  World& world_;
  Trace& trace_;
  Options options_;
  std::vector<Client> clients_;
  std::optional<NodeNumber> holder_;
  bool is_held_by_dead_ = false;
};

}  // namespace ctdb::sim

#endif  // LIB_SIM_LOCK_SERVICE_H_
