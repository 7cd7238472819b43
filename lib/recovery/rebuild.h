// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// rebuild: the home's side of recovery in one database: finds out who owns what of the slots that
// came to this node, and who has what of the records whose owner is gone.
//
// Each member is asked, this node too, page by page; when all have told everything, it is decided:
//
//   - Who owns a record goes on owning it. If several claim it the highest version wins, and the
//     others are told to give up.
//   - A record that nobody owns is left to the newest copy, where it lies. No data moves.
//
// A page that does not come is asked for again, and a page that comes twice changes nothing. What
// becomes undecided meanwhile is the next round's. A new view begins everything anew.
//
//   Ownership:  copies what it is told.
//   Threading:  not thread-safe.
//   Errors:     none; what does not fit is ignored and counted by reason.
//   Blocking:   never.
//   Limits:     one page at a time from each member; memory for the asked records, until decided.
//
// Example:
//   directory.OnView(view, placement, now);
//   rebuild.OnView(view, directory.SlotsToRebuild(), now);
//   for (const auto& undecided : directory.TakeOutput().undecided) {
//     rebuild.OnUndecided(undecided.key, now);
//   }
//   Rebuild::Output output = rebuild.TakeOutput();
//   for (auto& decided : output.decided) directory.OnDecided(decided.key, decided.decision, now);
//   for (Slot slot : output.ready) directory.OnSlotReady(slot, now);

#ifndef LIB_RECOVERY_REBUILD_H_
#define LIB_RECOVERY_REBUILD_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/node_state.h"
#include "lib/database/directory.h"
#include "lib/database/messages.h"
#include "lib/database/placement.h"
#include "lib/recovery/messages.h"

namespace ctdb::recovery {

class Rebuild {
 public:
  struct Options {
    NodeNumber local;
    database::DatabaseId database;
    // Of a page that did not come. Shorter: lost messages and members that take over the view late
    // hold it up less, and slow scans cause more packets.
    absl::Duration resend = absl::Milliseconds(200);
    // Between two rounds of an epoch. Only contradictions need a second one.
    absl::Duration pause = absl::Milliseconds(100);
  };

  struct Decided {
    std::string key;
    database::Directory::Decision decision;  // Rivals are a contradiction, to be logged.
  };

  struct Output {
    std::vector<Send> sends;
    std::vector<Decided> decided;  // Before the slots.
    std::vector<database::Slot> ready;
  };

  // How far the present round is.
  struct Progress {
    Instant began{};
    uint64_t copies = 0;   // That members have told of.
    uint64_t scanned = 0;  // Records that they have looked at,
    uint64_t stored = 0;   // of so many that they have, as far as they have said.
    std::vector<NodeNumber> waits_for;
  };

  explicit Rebuild(const Options& options) : options_(options) {}

  // `slots`: Directory::SlotsToRebuild() of the same view. Older views are ignored.
  void OnView(const cluster::View& view, const database::SlotSet& slots, Instant now);
  void OnUndecided(const std::string& key, Instant now);
  void OnReport(NodeNumber from, const Report& report, Instant now);
  void OnTick(Instant now);

  Output TakeOutput();
  Instant NextDeadline() const;

  // Nothing is asked for any more.
  bool IsIdle() const { return members_asked_.empty() && round_at_ == kNever; }
  Progress GetProgress() const;
  uint64_t rounds() const { return round_; }
  const database::IgnoredCounts& ignored() const { return ignored_; }

 private:
  struct Asked {
    Survey survey;
    Instant ask_again;
  };
  struct Found {
    NodeNumber node;
    bool is_owner = false;
    database::CopyOrder order;
    bool IsBetterThan(const Found& other) const;
  };
  struct Wanted {
    database::SlotSet slots;
    std::set<std::string> keys;
  };

  void BeginRound(Instant now);
  void Ask(NodeNumber member, Asked& asked, Instant now);
  void Merge(NodeNumber from, const Report::Entry& entry);
  void Count(NodeNumber from, const Report& report);
  void Decide();

  const Options options_;
  Epoch epoch_;
  std::vector<NodeNumber> members_;
  Wanted next_;                // Of the next round,
  Instant round_at_ = kNever;  // which begins then.
  Wanted wanted_;              // Of the present one.
  uint64_t round_ = 0;
  std::map<NodeNumber, Asked> members_asked_;  // Who has more to tell.
  Progress progress_;                          // Without `stored` and `waits_for`.
  std::map<NodeNumber, uint64_t> stored_;
  absl::btree_map<std::string, Found> best_;
  std::map<std::string, std::vector<database::Directory::Claim>> rivals_;
  database::IgnoredCounts ignored_;
  Output output_;
};

}  // namespace ctdb::recovery

#endif  // LIB_RECOVERY_REBUILD_H_
