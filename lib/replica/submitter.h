// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// submitter: one node's clients' way to the coordinator of one database.
//
// Sends each transaction until there is an answer. After a change of view the same transaction goes
// to the coordinator of the new one, who finds its token in the log if it has happened, and
// otherwise does it. So a client hears "unknown" only if the log does not reach back, or nobody
// answered for as long as it was ready to wait.
//
// The body of a large transaction is handed out to members that ask for parts of it.
//
//   Ownership:  keeps a copy of each transaction, and its body, until it is answered.
//   Threading:  not thread-safe.
//   Errors:     as verdicts.
//   Blocking:   never.
//   Limits:     kWindow transactions; each call is O(log of them), a view O(all).
//
// Example:
//   submitter.OnTransaction(client_request, transaction, replica.position(), now);
//   for (const Submitter::Answer& answer : submitter.TakeOutput().answers) ...

#ifndef LIB_REPLICA_SUBMITTER_H_
#define LIB_REPLICA_SUBMITTER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/node_state.h"
#include "lib/replica/body.h"
#include "lib/replica/messages.h"

namespace ctdb::replica {

// A transaction or question of a client; the driver chooses it.
using ClientTicket = Id<struct ClientTicketTag, uint64_t>;

class Submitter {
 public:
  struct Options {
    NodeNumber local;
    database::DatabaseId database;
    InstanceNumber run;  // Of this process; another one has another.
    // What is not answered is sent again. Shorter: lost messages are repaired sooner, and slow
    // disks cause more packets.
    absl::Duration resend = absl::Milliseconds(500);
    // How long a client waits at most.
    absl::Duration patience = absl::Seconds(60);
    uint64_t part_bytes = kBodyPartBytes;
  };

  struct Answer {
    ClientTicket ticket;
    Verdict verdict = Verdict::kUnknown;
    Position position;  // Of kCommitted.
    std::string key;    // Of kAborted.
    std::string reason;
    Position since;  // To ask again after kUnknown.
  };
  struct Output {
    std::vector<Send> sends;
    std::vector<Answer> answers;
  };

  explicit Submitter(const Options& options) : options_(options) {}

  // `position`: of the replica on this node. `body`: whole and checked, if the transaction has one.
  void OnTransaction(ClientTicket ticket, const Transaction& transaction, Position position,
                     Instant now, std::shared_ptr<const Body> body = nullptr);
  // What became of a transaction of an earlier epoch? Answered with kCommitted, kNotCommitted or
  // kUnknown.
  void OnQuestion(ClientTicket ticket, const Token& token, Position since, Instant now);
  // Older views are ignored. `coordinator`: of that view; nobody if this node is not a member.
  void OnView(const cluster::View& view, std::optional<NodeNumber> coordinator, Instant now);
  void OnMessage(NodeNumber from, const Message& message, Instant now);
  void OnTick(Instant now);

  Output TakeOutput();
  Instant NextDeadline() const;

  size_t waiting() const { return items_.size(); }
  const database::IgnoredCounts& ignored() const { return ignored_; }

 private:
  struct Item {
    ClientTicket ticket;
    Commit commit;
    Position position;           // Of the replica, when it came.
    std::optional<Epoch> first;  // Epoch in which it was sent first.
    Instant give_up;
    Instant next;  // To send it again.
    std::shared_ptr<const Body> body = nullptr;
  };

  void OnOutcome(NodeNumber from, const Outcome& outcome, Instant now);
  void OnPartsWanted(NodeNumber from, const PartsWanted& wanted);

  void Add(Item item, Instant now);
  void SendOne(uint64_t request, Item& item, Instant now);
  void AnswerOne(const Item& item, Verdict verdict, const Outcome& outcome);
  uint64_t Oldest() const { return items_.empty() ? next_request_ : items_.begin()->first; }

  const Options options_;
  Epoch epoch_;
  std::optional<NodeNumber> coordinator_;
  uint64_t next_request_ = 1;
  std::map<uint64_t, Item> items_;  // By the request's number in this epoch.
  database::IgnoredCounts ignored_;
  Output output_;
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_SUBMITTER_H_
