// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// spares: copies of single records on all other nodes, so that what a client has stored survives
// the loss of its node. A spare copy is like one that was lent and revoked: nobody reads it, its
// owner's is newer, and recovery takes it when the owner is gone.
//
// The owner offers it, each other node accepts, and gets what the record is then. So what comes
// late is void: a node takes only what answers its last acceptance, and a Drop (forgetting.h) or a
// new view ends that. Else a copy that was on its way could bring back a deleted record.
//
// Where copies are lent as well, one that was lent may be older and still count more: this is for
// databases that do not.
//
//   Ownership:  copies what it is told.
//   Threading:  not thread-safe.
//   Errors:     none; what does not fit is ignored and counted by reason.
//   Blocking:   never.
//   Limits:     Options. A request costs four messages for each other node.
//
// Example:
//   spares.OnClientRequest(client, RequestId(7), "key", now);
//   Spares::Output output = spares.TakeOutput();

#ifndef LIB_DATABASE_SPARES_H_
#define LIB_DATABASE_SPARES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/node_state.h"
#include "lib/database/ignored.h"
#include "lib/database/messages.h"
#include "lib/database/owner.h"
#include "lib/database/record_version.h"

namespace ctdb::database {

class Spares {
 public:
  struct Options {
    NodeNumber local;
    DatabaseId database;
    absl::Duration resend = absl::Milliseconds(200);
    size_t requests_max = 10'000;                      // Of clients.
    size_t accepted_max = 100'000;                     // Of other nodes, whose copy has not come.
    size_t value_bytes_max = 900 * 1024;               // What fits in a packet.
    absl::Duration accepted_limit = absl::Seconds(5);  // Then somebody else may have its place.
  };

  // Of tickets: Owner's are lower.
  static constexpr uint64_t kFirstTicket = uint64_t{1} << 63;

  enum class Answer {
    kKept,      // All other members have what the record was when it was asked for, or later.
    kMoved,     // It is not this node's.
    kTooLarge,  // No packet can carry it.
    kBusy,      // Too many wait already.
  };

  struct Output {
    struct Answered {
      InstanceNumber client;
      RequestId request;
      Answer answer = Answer::kKept;
    };
    // In this order.
    std::vector<Owner::Output::Store> stores;
    std::vector<Send> sends;
    std::vector<std::string> copied;  // Owner::OnCopied() is to be told.
    std::vector<LockTicket> unlocks;
    std::vector<Answered> answers;
    std::vector<Owner::Output::Lock> locks;
  };

  explicit Spares(const Options& options) : options_(options) {}

  // After Owner's. Whoever waits does so until the new members have copies.
  void OnView(const cluster::View& view, Instant now);
  // All other nodes are to have a copy of what the record is now. Answered once, unless the client
  // cancels or goes.
  void OnClientRequest(InstanceNumber client, RequestId request, const std::string& key,
                       Instant now);
  void OnClientCancel(InstanceNumber client, RequestId request);
  void OnClientGone(InstanceNumber client);
  // Offer, Accept, Spare and Kept; and Drop, before Owner gets it.
  void OnMessage(NodeNumber from, const Message& message, Instant now);
  // As Owner's.
  void OnLocked(LockTicket ticket, const std::optional<StoredRecord>& stored, Instant now);
  void OnLockFailed(LockTicket ticket);
  void OnTick(Instant now);

  Output TakeOutput() { return std::exchange(output_, {}); }
  Instant NextDeadline() const { return resend_at_; }
  static bool IsItsTicket(LockTicket ticket) { return ticket.value() >= kFirstTicket; }

  size_t waiting() const { return waiting_; }
  const IgnoredCounts& ignored() const { return ignored_; }

 private:
  struct Asker {
    InstanceNumber client;
    RequestId request;
    friend bool operator==(const Asker&, const Asker&) = default;
  };
  // Of one record, at its owner.
  struct Round {
    RequestId offer;
    std::vector<NodeNumber> missing;  // Whose Kept is.
    std::vector<Asker> askers;
    std::vector<Asker> next;  // They came later: what was sent may be older than what they want.
  };
  // What this node has accepted and did not get yet.
  struct Accepted {
    NodeNumber owner;
    RequestId offer;
    RequestId ticket;
    Instant since{};
  };
  // To be done under the record's lock.
  struct Work {
    LockTicket lock;
    std::vector<std::pair<NodeNumber, Accept>> accepts;
    std::optional<std::pair<NodeNumber, Spare>> spare;
  };
  using Rounds = std::map<std::string, Round>;

  std::optional<Ignored> WhyIgnored(NodeNumber from, const Head& head) const;
  void OnOffer(NodeNumber from, const Offer& offer, Instant now);
  void OnAccept(NodeNumber from, const Accept& accept);
  void OnSpare(NodeNumber from, const Spare& spare);
  void OnKept(NodeNumber from, const Kept& kept, Instant now);
  void Begin(Rounds::iterator it, Instant now);
  void SayOffers(const std::string& key, const Round& round);
  void Finish(Rounds::iterator it, Answer answer, Instant now);
  bool IsMissing(const Head& head, NodeNumber node) const;
  Work& Lock(const std::string& key);
  void Keep(NodeNumber from, const Spare& spare, const std::optional<StoredRecord>& stored);
  void Serve(NodeNumber to, const Accept& accept, const std::optional<StoredRecord>& stored,
             Instant now);
  bool IsOwned(const std::optional<StoredRecord>& stored) const;
  bool IsMember(NodeNumber node) const;
  template <typename Matches>
  void Forget(const Matches& matches);
  void Send(NodeNumber to, Message message) { output_.sends.push_back({to, std::move(message)}); }

  const Options options_;
  Epoch epoch_;
  Epoch owned_since_ = Owner::kNothingOwned;
  std::vector<NodeNumber> members_;
  Rounds rounds_;
  std::map<std::string, Accepted> accepted_;
  std::map<std::string, Work> work_;
  std::map<LockTicket, std::string> tickets_;
  size_t waiting_ = 0;
  uint64_t last_request_ = 0;
  uint64_t last_lock_ = kFirstTicket;
  Instant resend_at_ = kNever;
  IgnoredCounts ignored_;
  Output output_;
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_SPARES_H_
