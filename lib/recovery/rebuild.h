// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// rebuild: the home's side of recovery in one database, for whole slots: finds out who owns what of
// those that came to this node. Nobody waits for it: what somebody wants meanwhile is found by
// inquiry.h.
//
// Each member is asked, this node too, page by page; what they tell goes to the directory at once,
// which keeps the best copy of each record. When all have told everything, the slots are ready. A
// new view begins everything anew.
//
//   Ownership:  copies what it is told.
//   Threading:  not thread-safe.
//   Errors:     none; what does not fit is ignored and counted by reason.
//   Blocking:   never.
//   Limits:     one page at a time from each member, which is all that it remembers.
//
// Example:
//   directory.OnView(view, placement, now);
//   rebuild.OnView(view, directory.SlotsToRebuild(), now);
//   Rebuild::Output output = rebuild.TakeOutput();
//   for (const auto& reported : output.reported) directory.OnReported(reported.copy, reported.key);
//   for (Slot slot : output.ready) directory.OnSlotReady(slot, now);

#ifndef LIB_RECOVERY_REBUILD_H_
#define LIB_RECOVERY_REBUILD_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/node_state.h"
#include "lib/database/found_copy.h"
#include "lib/database/ignored.h"
#include "lib/database/messages.h"
#include "lib/database/placement.h"
#include "lib/recovery/messages.h"
#include "lib/recovery/poll.h"

namespace ctdb::recovery {

// Of all surveys for slots; those for single records have later ones.
inline constexpr uint64_t kSlotsRound = 1;

class Rebuild {
 public:
  struct Options {
    NodeNumber local;
    database::DatabaseId database;
    // Of a page that did not come. Shorter: lost messages and members that take over the view late
    // hold it up less, and slow scans cause more packets.
    absl::Duration resend = absl::Milliseconds(200);
  };

  struct Reported {
    std::string key;
    database::FoundCopy copy;
  };

  struct Output {
    std::vector<Send> sends;
    std::vector<Reported> reported;  // Before the slots.
    std::vector<database::Slot> ready;
  };

  struct Progress {
    Instant began{};
    uint64_t copies = 0;   // That members have told of.
    uint64_t scanned = 0;  // Records that they have looked at,
    uint64_t stored = 0;   // of so many that they have, as far as they have said.
    std::vector<NodeNumber> waits_for;
  };

  explicit Rebuild(const Options& options) : options_(options), poll_(options.resend) {}

  // `slots`: Directory::SlotsToRebuild() of the same view. Older views are ignored.
  void OnView(const cluster::View& view, const database::SlotSet& slots, Instant now);
  void OnReport(NodeNumber from, const Report& report, Instant now);
  void OnTick(Instant now) { poll_.OnTick(now); }

  Output TakeOutput();
  Instant NextDeadline() const { return poll_.NextDeadline(); }

  // Nothing is asked for any more.
  bool IsIdle() const { return poll_.IsOver(); }
  Progress GetProgress() const;
  const database::IgnoredCounts& ignored() const { return ignored_; }

 private:
  void Count(NodeNumber from, const Report& report);

  const Options options_;
  Epoch epoch_;
  database::SlotSet slots_;
  Poll poll_;
  Progress progress_;  // Without `stored` and `waits_for`.
  std::map<NodeNumber, uint64_t> stored_;
  database::IgnoredCounts ignored_;
  Output output_;
};

}  // namespace ctdb::recovery

#endif  // LIB_RECOVERY_REBUILD_H_
