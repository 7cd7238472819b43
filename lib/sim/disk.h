// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// disk: keeps one ballot per node over its crashes. Writing takes time; whoever crashes before it
// is done finds the old value, or, if he is lucky, the new one.
//
//   Ownership:  refers to the world and the process.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     one write at a time: another one replaces it.
//
// Example:
//   Disk disk(world, process);
//   disk.Write(ballot);  // A DiskNotice says when it is there.

#ifndef LIB_SIM_DISK_H_
#define LIB_SIM_DISK_H_

#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "lib/cluster/ballot.h"
#include "lib/sim/process.h"
#include "lib/sim/world.h"

namespace ctdb::sim {

class Disk final : public Actor {
 public:
  struct Options {
    absl::Duration least = absl::Microseconds(100);
    absl::Duration most = absl::Milliseconds(5);
    bool forgets = false;  // For proofs that checkers see it: nothing survives a crash.
  };

  Disk(World& world, Process& process) : world_(world), process_(process) {}

  void SetOptions(const Options& options) { options_ = options; }
  void Write(cluster::Ballot ballot) {
    writing_ = ballot;
    world_.In(world_.Between(options_.least, options_.most), *this, ++writes_);
  }
  const Options& options() const { return options_; }
  bool is_writing() const { return writing_.has_value(); }
  // What the process will find when it starts.
  cluster::Ballot kept() const { return options_.forgets ? cluster::Ballot() : kept_; }
  void OnCrash() {
    const std::optional<cluster::Ballot> ballot = std::exchange(writing_, std::nullopt);
    if (ballot.has_value() && world_.Chance(0.5)) kept_ = *ballot;
  }

  void OnEvent(uint64_t what) override {
    if (!writing_.has_value() || what != writes_) return;
    kept_ = *std::exchange(writing_, std::nullopt);
    process_.Deliver(DiskNotice{kept_});
  }

 private:
  World& world_;
  Process& process_;
  Options options_;
  cluster::Ballot kept_;
  std::optional<cluster::Ballot> writing_;
  uint64_t writes_ = 0;
};

}  // namespace ctdb::sim

#endif  // LIB_SIM_DISK_H_
