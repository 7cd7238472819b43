// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// messages: what nodes say to each other about a database of which each has a full copy.
//
// After a change of view
//
//   coordinator --Ask--> member --Standing--> coordinator --Sync--> member --Synced--> coordinator
//   member --Pull--> source --Entries--> member ...
//   member --DigestsWanted--> source --Digests--> member --Fetch--> source --Page--> member ...
//
// and for each batch of transactions
//
//   submitter --Commit--> coordinator --Batch--> member --Stored--> coordinator --Outcome-->
//   submitter
//
// The body of a large transaction goes to all members before its batch
//
//   coordinator --Stage--> member --PartsWanted--> submitter --BodyPart--> member
//   member --Staged--> coordinator; at the end, if it has not happened, --Unstage--> member
//
// docs/decisions/0019-replicas-with-a-coordinator.md has the reasons.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     limits.h; who decodes them checks lengths.
//
// Example:
//   replica.OnMessage(from, Ask{{database, epoch, round}}, now);

#ifndef LIB_REPLICA_MESSAGES_H_
#define LIB_REPLICA_MESSAGES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/ids.h"
#include "lib/database/ignored.h"
#include "lib/database/messages.h"
#include "lib/replica/digests.h"
#include "lib/replica/log_index.h"
#include "lib/replica/transaction.h"

namespace ctdb::replica {

struct Head {
  database::DatabaseId database;
  Epoch epoch;
  // Of the coordinator, which begins a new one when a member drops out without a change of view. 0
  // between submitter and coordinator.
  uint64_t round = 0;
  friend bool operator==(const Head&, const Head&) = default;
};

// Submitter to coordinator: let it happen, or, what became of it? May be said again: the request
// makes it one within an epoch, the token for ever.
struct Commit {
  Head head;
  InstanceNumber run;  // Of the submitter.
  uint64_t request = 0;
  uint64_t oldest = 0;       // The submitter's oldest request without an answer.
  Position since;            // If it has happened, it was after this.
  bool is_question = false;  // Only the token counts, and nothing is to happen.
  Transaction transaction;
  friend bool operator==(const Commit&, const Commit&) = default;
};

enum class Verdict : uint8_t {
  kUnknown = 0,       // It may have happened; nobody remembers that far, or can be asked.
  kCommitted = 1,     // At `position`; of one that only reads: as of `position`.
  kAborted = 2,       // Nothing happened: `key` is not as it was read.
  kNotCommitted = 3,  // Nothing happened and nothing will.
  kBusy = 4,          // Nothing happened: too much waits already.
  kClosed = 5,        // Nothing happened: the database is closed; `reason` says why.
  kInvalid = 6,       // Nothing happened: it is beyond the limits.
  kFull = 7,          // Nothing happened: a member has no room for it; `reason` says which.
};

// The answer.
struct Outcome {
  Head head;
  InstanceNumber run;
  uint64_t request = 0;
  Verdict verdict = Verdict::kUnknown;
  Position position;
  std::string key;
  std::string reason;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// Coordinator to members: a new round; where do you stand?
struct Ask {
  Head head;
  friend bool operator==(const Ask&, const Ask&) = default;
};

// The answer. What it says is on the disk, and stays so until the coordinator says what to do.
struct Standing {
  Head head;
  bool is_healthy = true;
  Position position;  // Of a damaged copy: where it was once, as far as known.
  Digest digest;
  std::string problem;  // Of a damaged copy.
  friend bool operator==(const Standing&, const Standing&) = default;
};

// Coordinator to members: become as `source` is.
struct Sync {
  Head head;
  NodeNumber source;
  Position position;
  Digest digest;
  friend bool operator==(const Sync&, const Sync&) = default;
};

// The answer: so I am, and it is on the disk.
struct Synced {
  Head head;
  Position position;
  Digest digest;
  bool was_repaired = false;  // At the same position it had other records.
  friend bool operator==(const Synced&, const Synced&) = default;
};

// Coordinator to members: these happen next. Applied as a whole or not at all.
struct Batch {
  Head head;
  Position previous;   // What they follow.
  Position committed;  // All members have everything up to here.
  std::vector<Entry> entries;
  friend bool operator==(const Batch&, const Batch&) = default;
};

// The answer: I have everything up to here, on the disk if the database is persistent.
struct Stored {
  Head head;
  Position position;
  friend bool operator==(const Stored&, const Stored&) = default;
};

// Member to coordinator: in this round I cannot go on; begin a new one.
struct Lost {
  Head head;
  std::string reason;
  friend bool operator==(const Lost&, const Lost&) = default;
};

// Member to coordinator: so much room there is for my copy. Said when it is little, again and
// again, and once when it is enough again.
struct Room {
  Head head;
  uint64_t bytes = 0;
  std::string place;  // Of what there is little.
  friend bool operator==(const Room&, const Room&) = default;
};

// Member to source: what follows in the log?
struct Pull {
  Head head;
  Position after;
  friend bool operator==(const Pull&, const Pull&) = default;
};

struct Entries {
  Head head;
  Position after;
  bool is_known = false;  // `after` is in the log. Otherwise only the digests help.
  std::vector<Entry> entries;
  friend bool operator==(const Entries&, const Entries&) = default;
};

struct DigestsWanted {
  Head head;
  friend bool operator==(const DigestsWanted&, const DigestsWanted&) = default;
};

// The answer, with what the source remembers of its last transactions.
struct DigestList {
  Head head;
  Position position;
  std::vector<Digest> slots;  // kSlots.
  Position tokens_base;
  std::vector<LogIndex::Item> tokens;  // `bytes` is not told.
  friend bool operator==(const DigestList&, const DigestList&) = default;
};

// Member to source: what do you have in this slot behind the key `after`, up to `until`? I have
// records with these fingerprints there, in the order of their keys.
struct Fetch {
  Head head;
  uint32_t slot = 0;
  std::string after;
  std::string until;  // Empty: to the end of the slot.
  std::vector<uint64_t> fingerprints;
  bool is_short = false;  // Of them only the lower 32 bits, as NameOf() has them.
  uint64_t NameOf(const Digest& fingerprint) const {
    return is_short ? fingerprint.low & 0xffffffff : fingerprint.low;
  }
  friend bool operator==(const Fetch&, const Fetch&) = default;
};

struct Record {
  std::string key;
  Position version;
  std::string value;
  friend bool operator==(const Record&, const Record&) = default;
};

// The answer: about the keys behind `after`, up to `covered`.
struct Page {
  Head head;
  uint32_t slot = 0;
  std::string after;
  bool is_complete = false;  // All that was asked; `covered` says nothing.
  std::string covered;
  std::vector<bool> kept;       // For each fingerprint: the source has it, in what is covered.
  std::vector<Record> records;  // What the source has beside.
  friend bool operator==(const Page&, const Page&) = default;
};

// Coordinator to members: get this body from the transaction's submitter. Said again and again
// while it is wanted. One at a time.
struct Stage {
  Head head;
  Token token;
  store::BodySeal seal;
  NodeNumber source;
  friend bool operator==(const Stage&, const Stage&) = default;
};

// The answer: I have it in memory, or why that is not possible.
struct Staged {
  Head head;
  Token token;
  std::string problem;
  bool is_full = false;  // The disk is, or nearly: to ask again at once is of no use.
  friend bool operator==(const Staged&, const Staged&) = default;
};

// Coordinator to members: it is not wanted any more.
struct Unstage {
  Head head;
  Token token;
  friend bool operator==(const Unstage&, const Unstage&) = default;
};

// Member to submitter: let me have these bytes of the body, kBodyWindowParts parts at most.
struct PartsWanted {
  Head head;
  Token token;
  uint64_t from = 0;
  uint64_t until = 0;
  friend bool operator==(const PartsWanted&, const PartsWanted&) = default;
};

struct BodyPart {
  Head head;
  Token token;
  uint64_t offset = 0;
  bool is_gone = false;  // The submitter does not have the transaction, or not any more.
  std::string bytes;
  friend bool operator==(const BodyPart&, const BodyPart&) = default;
};

using Message = std::variant<Commit, Outcome, Ask, Standing, Sync, Synced, Batch, Stored, Lost,
                             Pull, Entries, DigestsWanted, DigestList, Fetch, Page, Stage, Staged,
                             Unstage, PartsWanted, BodyPart, Room>;
inline const Head& HeadOf(const Message& message) {
  return std::visit([](const auto& one) -> const Head& { return one.head; }, message);
}

// Who of a node gets it.
enum class Part { kCoordinator, kReplica, kSubmitter };
inline Part PartFor(const Message& message) {
  if (std::holds_alternative<Outcome>(message) || std::holds_alternative<PartsWanted>(message)) {
    return Part::kSubmitter;
  }
  const bool is_for_coordinator =
      std::holds_alternative<Commit>(message) || std::holds_alternative<Standing>(message) ||
      std::holds_alternative<Synced>(message) || std::holds_alternative<Stored>(message) ||
      std::holds_alternative<Lost>(message) || std::holds_alternative<Staged>(message) ||
      std::holds_alternative<Room>(message);
  return is_for_coordinator ? Part::kCoordinator : Part::kReplica;
}

struct Send {
  NodeNumber to;  // May be this node.
  Message message;
  friend bool operator==(const Send&, const Send&) = default;
};

using database::Ignored;

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_MESSAGES_H_
