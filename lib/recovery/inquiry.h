// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// inquiry: the home's side of recovery in one database, for single records: who owns one whose
// owner is gone or whose transfer was cut off, or which somebody wants before its slot is ready.
//
// Many records are asked about together, one batch after the other, and those that somebody waits
// for before the others. However many records there are, a batch costs each member a look at each
// of its keys. When all members have answered, it is decided:
//
//   - Who owns a record goes on owning it. If several claim it the highest version wins, and the
//     others are told to give up.
//   - A record that nobody owns is left to the newest copy, where it lies. No data moves.
//
// A new view begins everything anew.
//
//   Ownership:  copies what it is told.
//   Threading:  not thread-safe.
//   Errors:     none; what does not fit is ignored and counted by reason.
//   Blocking:   never.
//   Limits:     one batch at a time; memory for the keys that wait.
//
// Example:
//   inquiry.OnView(view);
//   for (const auto& undecided : directory.TakeOutput().undecided) {
//     inquiry.OnUndecided(undecided, now);
//   }
//   Inquiry::Output output = inquiry.TakeOutput(now);
//   for (auto& decided : output.decided) directory.OnDecided(decided.key, decided.decision, now);

#ifndef LIB_RECOVERY_INQUIRY_H_
#define LIB_RECOVERY_INQUIRY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/node_state.h"
#include "lib/database/directory.h"
#include "lib/database/found_copy.h"
#include "lib/database/ignored.h"
#include "lib/database/messages.h"
#include "lib/recovery/messages.h"
#include "lib/recovery/poll.h"

namespace ctdb::recovery {

class Inquiry {
 public:
  struct Options {
    NodeNumber local;
    database::DatabaseId database;
    absl::Duration resend = absl::Milliseconds(200);
    // After a contradiction, which may be one again.
    absl::Duration pause = absl::Milliseconds(100);
    // Of one batch. Larger: fewer messages, and who wants a record meanwhile waits longer.
    size_t keys_max = 500;
    size_t bytes_max = 64 * 1024;  // Of the keys.
  };

  struct Decided {
    std::string key;
    database::Directory::Decision decision;  // Rivals are a contradiction, to be logged.
  };

  struct Output {
    std::vector<Send> sends;
    std::vector<Decided> decided;
  };

  explicit Inquiry(const Options& options) : options_(options), poll_(options.resend) {}

  // Older views are ignored.
  void OnView(const cluster::View& view);
  void OnUndecided(const database::Directory::Undecided& undecided, Instant now);
  void OnReport(NodeNumber from, const Report& report, Instant now);
  void OnTick(Instant now);

  // What is known to be undecided by then is asked about.
  Output TakeOutput(Instant now);
  Instant NextDeadline() const;

  bool IsIdle() const {
    return poll_.IsOver() && wanted_.empty() && others_.empty() && later_.empty();
  }
  // Whether TakeOutput() has something.
  bool IsDue() const { return !output_.decided.empty() || MayBegin(); }
  std::vector<NodeNumber> WaitsFor() const { return poll_.WaitsFor(); }
  uint64_t rounds() const { return round_; }
  const database::IgnoredCounts& ignored() const { return ignored_; }

 private:
  // What has been told of a key of this batch.
  struct Told {
    std::optional<database::FoundCopy> best;
    std::vector<database::Directory::Claim> rivals;
  };

  bool MayBegin() const {
    return poll_.IsOver() && !members_.empty() && !(wanted_.empty() && others_.empty());
  }
  void BeginBatch(Instant now);
  void Merge(NodeNumber from, const Report::Entry& entry);
  void Decide();

  const Options options_;
  Epoch epoch_;
  std::vector<NodeNumber> members_;
  std::deque<std::string> wanted_;     // Before the others, in this order:
  std::set<std::string> wanted_keys_;  // these.
  std::set<std::string> others_;
  std::map<std::string, Instant> later_;  // Not before then.
  uint64_t round_ = 0;
  Poll poll_;
  std::map<std::string, Told> batch_;
  database::IgnoredCounts ignored_;
  Output output_;
};

}  // namespace ctdb::recovery

#endif  // LIB_RECOVERY_INQUIRY_H_
