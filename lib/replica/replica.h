// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// replica: one node's full copy of one database.
//
// It does what the coordinator says, one thing after the other: it tells where it stands, becomes
// as another copy is, and applies batches. What it tells is stored before. Each change is one
// storage request, and at most one is on its way; each leads from one position to another one, so
// a node that stops at any moment comes back at one of them.
//
// A copy whose storage fails is damaged from then on: it says so, and is filled anew.
//
//   Ownership:  refers to the reader, which outlives it.
//   Threading:  not thread-safe.
//   Errors:     none; what does not fit is ignored and counted by reason, or said to be lost.
//   Blocking:   as the reader.
//   Limits:     limits.h; a batch is O(its writes).
//
// Example:
//   Replica replica({.local = self, .database = database}, reader, copy_as_opened);
//   replica.OnView(view, CoordinatorOf(placement, database), now);
//   replica.OnMessage(from, message, now);
//   Replica::Output output = replica.TakeOutput();

#ifndef LIB_REPLICA_REPLICA_H_
#define LIB_REPLICA_REPLICA_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/node_state.h"
#include "lib/database/placement.h"
#include "lib/replica/body.h"
#include "lib/replica/digests.h"
#include "lib/replica/filler.h"
#include "lib/replica/log_index.h"
#include "lib/replica/messages.h"
#include "lib/replica/reader.h"
#include "lib/replica/stager.h"

namespace ctdb::replica {

// One storage request; never used again.
using StoreTicket = Id<struct StoreTicketTag, uint64_t>;

// Who orders a database's transactions. `placement`: of the view's members.
std::optional<NodeNumber> CoordinatorOf(const database::Placement& placement,
                                        database::DatabaseId database);

class Replica {
 public:
  struct Options {
    NodeNumber local;
    database::DatabaseId database;
    // What is not answered is asked for again. Shorter: lost messages are repaired sooner, and
    // slow disks cause more packets.
    absl::Duration resend = absl::Milliseconds(200);
    // What bodies that are staged may take, of all databases of a node. None: as much as one takes.
    std::shared_ptr<BodyMemory> bodies = nullptr;
    uint64_t part_bytes = kBodyPartBytes;
  };

  // What storage has, all of it on the disk. Nothing at all: a new database.
  struct Copy {
    std::string problem;  // Not empty: it is damaged. The position is then what was read of it.
    LogIndex log;
    Digests digests;
  };

  struct Output {
    // Appends to the log and applies to the records, in one storage transaction.
    struct Append {
      std::vector<Entry> entries;
      Position log_base;  // Entries up to here may be forgotten.
      // Their digests afterwards, of the slots that change. After a wipe, 0 in all others.
      std::map<uint32_t, Digest> digests;
      bool has_wipe = false;
    };
    // The same for one entry whose writes are in a body. They are too many to look at here.
    struct AppendBody {
      Entry entry;
      std::shared_ptr<const Body> body;
      // Of all slots; what does it makes them what they are afterwards.
      std::shared_ptr<Digests> digests;
    };
    // Keeps changes aside; need not be on the disk.
    using Stage = Filler::Staging;
    // Applies all that was staged, and takes over the log, in one storage transaction.
    struct Adopt {
      LogIndex log;
      Digests digests;
    };
    struct Store {
      StoreTicket ticket;
      std::variant<Append, AppendBody, Stage, Adopt> what;
      bool needs_sync = true;  // Of persistent databases: done means on the disk.
    };
    std::vector<Send> sends;  // Regardless of `stores`.
    std::vector<Store> stores;
    // The request that failed for want of room, to be done again as it was.
    std::optional<StoreTicket> again;
  };

  Replica(const Options& options, const ReplicaReader& reader, Copy copy);

  // Older views are ignored. `coordinator`: of that view.
  void OnView(const cluster::View& view, std::optional<NodeNumber> coordinator, Instant now);
  void OnMessage(NodeNumber from, const Message& message, Instant now);
  // The request is done, or failed and nothing of it was done. For want of room it will be wanted
  // again: ResourceExhausted is no damage.
  void OnStored(StoreTicket ticket, const absl::Status& status, Instant now);
  // How much the copy may still grow, and in what. Told after each request and before OnStored().
  void OnRoom(uint64_t bytes, const std::string& place, Instant now);
  // The copy was found damaged, by whoever looked at it.
  void OnDamage(const std::string& problem, Instant now);
  void OnTick(Instant now);

  Output TakeOutput();
  Instant NextDeadline() const;

  Position position() const { return log_.end(); }
  // All members of the view have everything up to here, as far as this one was told.
  Position committed() const { return committed_; }
  const LogIndex& log() const { return log_; }
  const Digests& digests() const { return digests_; }
  bool is_healthy() const { return problem_.empty(); }
  const std::string& problem() const { return problem_; }
  // It follows the coordinator of the present view; what is read here is what the others have.
  bool IsCurrent() const { return phase_ == Phase::kFollowing; }
  uint64_t fills() const { return fills_; }
  // A body is here, or on its way.
  bool IsStaging() const { return stager_.has_value(); }
  const database::IgnoredCounts& ignored() const { return ignored_; }

  // Empty, or which rule is broken. For tests and the simulator.
  std::string CheckInvariants() const;

 private:
  enum class Phase {
    kWaiting,    // For a round.
    kStanding,   // Has told, or will when storage is done, where it stands.
    kPulling,    // Gets what follows in the source's log.
    kFilling,    // Gets what differs.
    kFollowing,  // Is as the coordinator wants it.
    kLost,       // Cannot go on, and has said so.
  };
  // The request on its way, and what this is when it is done.
  struct Pending {
    StoreTicket ticket;
    std::vector<LogIndex::Item> items;           // Of an Append.
    std::optional<LogIndex> log;                 // Of an Adopt.
    Digests digests;                             // Of both.
    std::shared_ptr<Digests> counted = nullptr;  // Instead, by whoever stores.
  };
  // What an Append does to the records, while it is put together.
  struct Change {
    Output::Append append;
    Digests digests;
    std::map<std::string, std::optional<Digest>> records;  // That it has changed.
    std::vector<LogIndex::Item> items;
  };

  std::optional<Ignored> WhyIgnored(NodeNumber from, const Message& message) const;
  void OnAsk(const Ask& ask);
  void OnSync(const Sync& sync, Instant now);
  void OnBatch(const Batch& batch, Instant now);
  void OnStage(NodeNumber from, const replica::Stage& stage, Instant now);
  void StageOn(Instant now);
  void OnFromSource(NodeNumber from, const Message& message, Instant now);
  void OnEntries(const Entries& entries, Instant now);
  void OnFromMember(NodeNumber from, const Message& message, Instant now);
  void Stand();
  void PullOn(Instant now);
  void Fill(bool is_from_scratch, Instant now);
  void FillOn(Instant now);
  void Arrive(Instant now);
  void Append(const std::vector<Entry>& entries, Instant now);
  void AppendBody(const Entry& entry, Instant now);
  absl::Status Apply(const Entry& entry, Change& change) const;
  void OnDone(Pending done, Instant now);
  void Store(decltype(Output::Store::what) what, Pending pending);
  void SayRoom(Instant now);
  void SayLost(const std::string& reason, Instant now);
  Head OwnHead() const { return {options_.database, epoch_, round_}; }
  void ToCoordinator(Message message);

  const Options options_;
  const std::shared_ptr<BodyMemory> bodies_;
  const ReplicaReader& reader_;
  std::string problem_;
  LogIndex log_;
  Digests digests_;
  Position committed_;
  Epoch epoch_;
  std::vector<NodeNumber> members_;
  std::optional<NodeNumber> coordinator_;
  Phase phase_ = Phase::kWaiting;
  uint64_t round_ = 0;
  std::optional<std::pair<NodeNumber, Ask>> early_ask_;
  std::optional<Sync> sync_;
  std::optional<Filler> filler_;
  std::optional<Stager> stager_;
  bool was_repaired_ = false;
  std::optional<Pending> pending_;
  uint64_t last_ticket_ = 0;
  Instant again_at_ = kNever;  // pending_ waits for room, and is not being tried now.
  uint64_t room_ = UINT64_MAX;
  std::string room_place_;
  Instant say_room_at_ = kNever;
  Instant deadline_ = kNever;
  uint64_t fills_ = 0;
  database::IgnoredCounts ignored_;
  Output output_;
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_REPLICA_H_
