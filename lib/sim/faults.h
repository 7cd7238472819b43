// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// faults: makes trouble in a simulated cluster, in phases with calm between them. Each run draws
// which faults it has and how bad they are. What is broken one by one is healed one by one in
// another order.
//
//   Ownership:  refers to the cluster.
//   Threading:  not thread-safe.
//   Errors:     ParseFaults() names what it does not know.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   Faults faults(cluster, *ParseFaults("loss,crash"));
//   faults.Start();
//   cluster.RunFor(absl::Minutes(2));
//   faults.Stop();

#ifndef LIB_SIM_FAULTS_H_
#define LIB_SIM_FAULTS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/sim/cluster.h"

namespace ctdb::sim {

enum Fault : uint32_t {
  kDelay = 1 << 0,  // Of packets and timers.
  kLoss = 1 << 1,
  kDuplicate = 1 << 2,
  kReorder = 1 << 3,
  kCutLinks = 1 << 4,   // One direction at a time; and links of one node are reset.
  kPartition = 1 << 5,  // In halves, one alone, a ring.
  kClog = 1 << 6,
  kCrash = 1 << 7,  // Or an orderly end; and a start, now and then of the whole host.
  kPause = 1 << 8,
  kDrift = 1 << 9,  // Of clocks; the cluster's options have it, from the beginning.
  kSlowDisk = 1 << 10,
  kLockSlow = 1 << 11,  // And it is lost, which the holder is told in time.
  kLockHang = 1 << 12,  // And errors.
  kLockLies = 1 << 13,
  kAdmin = 1 << 14,  // Orders, not faults: admin.h.
};
using FaultSet = uint32_t;
inline constexpr FaultSet kAllFaults = (1 << 15) - 1;

// "none", "all", or names with commas: "delay,crash,lock-slow".
absl::StatusOr<FaultSet> ParseFaults(absl::string_view text);
std::string FaultNames(FaultSet faults);
// Each of them more often than not; at least one, if there is one.
FaultSet DrawFaults(FaultSet faults, Random& random);

class Faults final : public Actor {
 public:
  Faults(Cluster& cluster, FaultSet faults) : cluster_(cluster), faults_(faults) {}

  // Begins with trouble, after a moment.
  void Start();
  // All is well from now on; processes that are down or paused run.
  void Stop();

  void OnEvent(uint64_t what) override;

 private:
  enum class Step : uint64_t {
    kBeginTrouble,
    kBeginCalm,
    // Those that go on until the phase ends:
    kSwizzle,
    kFlap,
    kPartition,
    kClog,
    kCrash,
    kPause,
    kLock,
    // Those that belong to one of these:
    kCut,
    kHeal,
    kStart,
    kResume,
  };

  bool Has(Fault fault) const { return (faults_ & fault) != 0; }
  void Plan(absl::Duration least, absl::Duration most, Step step, NodeNumber a = {},
            NodeNumber b = {});
  NodeNumber AnyNode();
  std::pair<NodeNumber, NodeNumber> AnyLink();

  void BeginTrouble();
  void BeginCalm();
  void SetOptions(bool is_trouble);
  void Run(Step step, NodeNumber a, NodeNumber b);
  void Swizzle();
  void Flap();
  void Partition();
  void Crash();
  void Pause();
  void TroubleLock();

  Cluster& cluster_;
  const FaultSet faults_;
  uint64_t phase_ = 0;
  bool is_over_ = false;
};

}  // namespace ctdb::sim

#endif  // LIB_SIM_FAULTS_H_
