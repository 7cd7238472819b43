// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// coordinator: orders the transactions of one database, for as long as this node is the one that a
// view chose for that.
//
// A round begins with making all members equal: each says where it stands, the highest position
// wins, and the others become as that one. Then an entry without a transaction opens the round.
// Only when all members have it the database is open: what is not in this log by then can never
// come back, because every later winner has that entry, too.
//
// Transactions that come while a batch is on its way form the next batch. Each is compared with
// what those before it leave behind, at the moment that its batch is formed. A client gets its
// answer when all members have stored the batch.
//
// The body of a large transaction is staged at all members first, one at a time and beside all
// other transactions; only then it queues with them, and is a batch of its own.
//
// A member that drops out without a change of view, with its disk or after a restart, makes a new
// round. What was on its way is looked for in the log afterwards, and done if it is not there.
//
//   Ownership:  refers to the local replica and its reader, which outlive it.
//   Threading:  not thread-safe.
//   Errors:     none; what does not fit is ignored and counted by reason, or refused.
//   Blocking:   as the reader.
//   Limits:     limits.h. A batch is O(its reads and writes), anything else O(members).
//
// Example:
//   Coordinator coordinator({.local = self, .database = database, .run = run}, replica, reader);
//   coordinator.OnView(view, CoordinatorOf(placement, database), now);
//   coordinator.OnMessage(from, message, now);
//   for (const Send& send : coordinator.TakeSends()) ...

#ifndef LIB_REPLICA_COORDINATOR_H_
#define LIB_REPLICA_COORDINATOR_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/node_state.h"
#include "lib/replica/messages.h"
#include "lib/replica/reader.h"
#include "lib/replica/replica.h"

namespace ctdb::replica {

class Coordinator {
 public:
  struct Options {
    NodeNumber local;
    database::DatabaseId database;
    // Of this process: makes its rounds others than those of its predecessor in the same epoch.
    uint32_t run = 0;
    // What is not answered is asked for again. Shorter: lost messages are repaired sooner, and
    // slow disks cause more packets. Also the least time between two rounds.
    absl::Duration resend = absl::Milliseconds(200);
    // How long the members may take to get one body, and to have room for it. Shorter: others that
    // wait for theirs come sooner; slow networks never get one through.
    absl::Duration staging = absl::Seconds(20);
  };

  enum class State {
    kIdle,     // Another node is the coordinator, or none.
    kAsking,   // Where do the members stand?
    kClosed,   // They said so, and no copy may be used: see reason().
    kSyncing,  // They become equal.
    kOpening,
    kOpen,
  };

  Coordinator(const Options& options, Replica& local, const ReplicaReader& reader);

  // After the replica's. Older views are ignored.
  void OnView(const cluster::View& view, std::optional<NodeNumber> coordinator, Instant now);
  void OnMessage(NodeNumber from, const Message& message, Instant now);
  void OnTick(Instant now);
  // An administrator's decision for this round, where the database is closed: this node's copy,
  // whatever is lost. It must be healthy.
  void OnChosen(NodeNumber source, Instant now);

  std::vector<Send> TakeSends();
  Instant NextDeadline() const { return std::min(deadline_, stage_deadline_); }

  State state() const;
  // Why the database is closed, or empty.
  const std::string& reason() const { return reason_; }
  // All members have everything up to here.
  Position committed() const { return committed_; }
  size_t waiting() const { return large_.size() + queue_.size() + in_flight_.size(); }
  // Copies that were at the same position as the winner and had other records (PS-54).
  uint64_t repairs() const { return repairs_; }
  uint64_t rounds() const { return rounds_; }
  uint64_t batches() const { return batches_; }
  const database::IgnoredCounts& ignored() const { return ignored_; }

  // Empty, or which rule is broken. For tests and the simulator.
  std::string CheckInvariants() const;

 private:
  struct Idle {};
  struct Asking {
    std::map<NodeNumber, Standing> standings;
  };
  struct Syncing {
    Sync sync;
    std::set<NodeNumber> done;
  };
  // Open, or about to be.
  struct Open {
    bool is_opened = false;
    std::optional<Batch> batch;  // On its way.
    std::set<NodeNumber> stored;
  };
  struct Waiting {
    NodeNumber node;
    Commit commit;
    size_t bytes = 0;
    Position position;  // Of its entry, or as of which it has read.
  };
  // Of the first of large_, or, once all are done, of one in the queue or in flight.
  struct Staging {
    replica::Stage stage;
    std::set<NodeNumber> done;
    Instant give_up;
  };
  struct Scarcity {
    Room room;
    Instant until;  // Unless it is said again.
  };
  // Of one node. Requests that it has got answers for are dropped.
  struct Client {
    InstanceNumber run;
    uint64_t oldest = 0;
    std::map<uint64_t, Outcome> done;
  };
  // A batch that is being put together, and what it changes.
  struct Draft {
    std::vector<Entry> entries;
    size_t bytes = 0;
    bool is_wiped = false;
    std::map<std::string, std::optional<Position>> versions;
    Instant now{};
  };

  std::optional<Ignored> WhyIgnored(NodeNumber from, const Message& message) const;
  void OnCommit(NodeNumber from, const Commit& commit, Instant now);
  void OnStanding(NodeNumber from, const Standing& standing, Instant now);
  void OnSynced(NodeNumber from, const Synced& synced, Instant now);
  void OnMemberStored(NodeNumber from, const Stored& stored, Instant now);
  void OnLost(const Lost& lost, Instant now);
  void OnRoom(NodeNumber from, const Room& room, Instant now);
  // Why no member may be asked to store it, or empty.
  absl::StatusOr<std::string> WhyFull(const Transaction& transaction, Instant now) const;
  absl::StatusOr<int64_t> GrowthOf(const Transaction& transaction) const;
  void RefuseOrQueue(Waiting waiting, Instant now);
  void NewRound(Instant now);
  void Choose(Instant now);
  void Close(const std::string& reason);
  void BeginSync(NodeNumber source, Instant now);
  void OpenRound(Instant now);
  void OnBatchDone(Instant now);
  void SendBatch(const Position& previous, std::vector<Entry> entries, Instant now);
  void BuildBatch(Instant now);
  void OnStaged(NodeNumber from, const Staged& staged, Instant now);
  void StageNext(Instant now);
  void StageAgain(Instant now);
  bool AnswerIfKnown(const Waiting& waiting);
  absl::Status Take(Waiting& waiting, Draft& draft);
  // The key that is not as it was read.
  absl::StatusOr<std::optional<std::string>> FindConflict(const Transaction& transaction,
                                                          const Draft& draft) const;
  void Answer(const Waiting& waiting, Verdict verdict, Position position = {},
              const std::string& text = "");
  void ToMembers(const Message& message);
  void Resend(Instant now);
  Head OwnHead() const { return {options_.database, epoch_, round_}; }

  const Options options_;
  Replica& local_;
  const ReplicaReader& reader_;
  Epoch epoch_;
  std::vector<NodeNumber> members_;
  uint64_t round_ = 0;
  uint64_t rounds_ = 0;
  std::variant<Idle, Asking, Syncing, Open> state_;
  std::string reason_;
  Instant round_began_;
  bool wants_round_ = false;  // As soon as the deadline comes.
  uint64_t last_sequence_ = 0;
  Position committed_;
  std::deque<Waiting> large_;  // Whose bodies are not staged.
  std::optional<Staging> staging_;
  Instant stage_deadline_ = kNever;
  std::deque<Waiting> queue_;
  std::vector<Waiting> in_flight_;
  std::set<Token> tokens_;  // Of all three.
  size_t queue_bytes_ = 0;
  std::map<NodeNumber, Client> clients_;
  std::map<NodeNumber, Scarcity> scarce_;
  uint64_t repairs_ = 0;
  uint64_t batches_ = 0;
  Instant deadline_ = kNever;
  database::IgnoredCounts ignored_;
  std::vector<Send> sends_;
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_COORDINATOR_H_
