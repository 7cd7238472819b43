// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// filler: makes this node's copy equal to a source's by moving only what differs.
//
// Compares digests slot by slot. Of each slot that differs it tells the source the fingerprints of
// its own records, and gets the records that it lacks. Half of each fingerprint will do, mostly:
// when two records have the same, the slot's digest shows it in the end, and the slot is compared
// again with whole ones.
//
// What it gets is staged: the copy is as it was until all of it is there and its digests are right,
// and then changes at once. So a copy always is at a position, whenever its node stops.
//
// The source must stay as it is meanwhile.
//
//   Ownership:  refers to the reader, which outlives it.
//   Threading:  not thread-safe.
//   Errors:     of the reader, as problem().
//   Blocking:   as the reader.
//   Limits:     kFetchesMax pages asked for or not stored yet.
//
// Example:
//   Filler filler(head, source, digests, is_from_scratch, reader, now);
//   while (std::optional<Filler::Staging> staging = filler.TakeStaging(now)) Store(*staging);
//   if (filler.IsComplete()) Adopt(filler.position());

#ifndef LIB_REPLICA_FILLER_H_
#define LIB_REPLICA_FILLER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/replica/digests.h"
#include "lib/replica/log_index.h"
#include "lib/replica/messages.h"
#include "lib/replica/reader.h"

namespace ctdb::replica {

class Filler {
 public:
  // Changes to be kept aside.
  struct Staging {
    bool is_first = false;         // What was staged before is void.
    bool is_from_scratch = false;  // Of the first: the copy will consist of what is staged only.
    std::vector<Record> puts;
    std::vector<std::string> deletes;
    friend bool operator==(const Staging&, const Staging&) = default;
  };

  // From scratch: nothing of the own copy is used.
  Filler(const Head& head, NodeNumber source, Digests own, bool is_from_scratch,
         const ReplicaReader& reader, absl::Duration resend, Instant now);

  // From the source, of this epoch and round.
  void OnDigestList(const DigestList& list, Instant now);
  void OnPage(const Page& page, Instant now);
  void OnTick(Instant now);
  Instant NextDeadline() const { return deadline_; }

  std::vector<Send> TakeSends();
  // All that came since the last one, to be stored.
  std::optional<Staging> TakeStaging(Instant now);

  // Everything was handed out to be stored.
  bool IsComplete() const;
  // Of the source, once complete.
  Position position() const { return target_.position; }
  const Digests& digests() const { return digests_; }
  LogIndex log() const { return LogIndex(target_.tokens_base, target_.tokens); }
  // What makes it impossible, or empty.
  const std::string& problem() const { return problem_; }
  bool is_source_to_blame() const { return is_source_to_blame_; }

 private:
  struct Own {
    std::string key;
    Digest fingerprint;
  };
  struct Job {
    Fetch fetch;
    std::vector<Own> own;
  };

  void AskMore(Instant now);
  void Begin(uint32_t slot, const std::string& after);
  void Use(const Job& job, const Page& page);
  void EndSlot(uint32_t slot);
  void Blame(const std::string& problem);

  const Head head_;
  const NodeNumber source_;
  const bool is_from_scratch_;
  const ReplicaReader& reader_;
  const absl::Duration resend_;
  Digests digests_;
  DigestList target_;
  bool has_target_ = false;
  std::deque<uint32_t> slots_;  // That differ and were not begun.
  std::map<uint32_t, Job> jobs_;
  std::map<uint32_t, Digest> short_;  // Slots under way with short ones: the own digest before.
  std::deque<Staging> stagings_;
  std::string problem_;
  bool is_source_to_blame_ = false;
  Instant deadline_;
  std::vector<Send> sends_;
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_FILLER_H_
