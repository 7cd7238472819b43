// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// owner: a node's side of one database: gets records for local clients, and gives them away.
//
// Clients use records of this node without asking. A client that finds a record elsewhere asks
// here, is told kReady when the record has come, and looks again. All clients that wait for a
// record are one request to its home. What is stored here is looked at and changed only under the
// record's lock, which the driver gets: in `locks` it is told which, and it says OnLocked(), some
// time. Nothing waits for it here, and what is done then is what is due then.
//
// A record that came stays until each client that was told so had its turn, for a while at most.
//
// Clients that only read may get a read-only copy, valid in this epoch until the home revokes it. A
// copy is taken only while it answers the last request, and a Revoke ends that request, too: a copy
// that is overtaken by its Revoke is void. An owner that lent a record out asks before it writes.
// Where nothing is lent they are told what the owner has, and the record stays there.
//
// An empty record that rests is forgotten: when nobody else has a copy any more, its home lets this
// node erase it. Nobody waits for that, and whoever wants the record stops it.
//
//   Ownership:  copies what it is told; shares the placement.
//   Threading:  not thread-safe.
//   Errors:     none; what does not fit is ignored and counted by reason, or refused.
//   Blocking:   never.
//   Limits:     Options; a call is O(log keys), a view O(keys that wait or came lately).
//
// Example:
//   Owner owner({.local = NodeNumber(1), .database = database});
//   owner.OnView(view, placement, now);
//   owner.OnClientRequest(client, RequestId(7), "key", now);
//   Owner::Output output = owner.TakeOutput();

#ifndef LIB_DATABASE_OWNER_H_
#define LIB_DATABASE_OWNER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/node_state.h"
#include "lib/database/forgetting.h"
#include "lib/database/ignored.h"
#include "lib/database/key_timers.h"
#include "lib/database/messages.h"
#include "lib/database/placement.h"
#include "lib/database/record_version.h"

namespace ctdb::database {

// One lock of one record; never used again.
using LockTicket = Id<struct LockTicketTag, uint64_t>;

class Owner {
 public:
  struct Options {
    NodeNumber local;
    DatabaseId database;
    absl::Duration resend = absl::Milliseconds(200);  // A request without any answer.
    absl::Duration retry = absl::Milliseconds(10);    // A home that was not ready.
    // How long those who were told that a record came may take to use it.
    absl::Duration turns_limit = absl::Milliseconds(5);
    // Otherwise clients say that they have used a record when they are asked (Output::Awaited).
    bool do_clients_tell_use = true;
    // Nothing is lent: those who read are told what the record is, wherever it is.
    bool reads_once = false;
    absl::Duration stay_max = absl::Milliseconds(50);  // Whatever a home says.
    size_t waiters_max = 100'000;                      // Of all records.
    size_t given_bytes_max = 900 * 1024;               // Of a value: what fits in a packet.
    size_t forgetting_max = 1000;                      // Records at once; each is a few packets.
    absl::Duration forget_limit = absl::Seconds(5);    // Then somebody else may have its place.
  };

  static constexpr Epoch kNothingOwned = Epoch(~uint64_t{0});

  enum class Mode { kWrite, kRead };

  enum class Answer {
    kReady,        // The record was here a moment ago.
    kReadyInTurn,  // The same for several clients: each says when it has had it, OnTurnTaken().
    kBusy,         // Too many wait already, here or at the home.
    kAbsent,       // For those who read: nobody has it, if the node's lease still holds now.
    kValue,        // The same: this is what it was meanwhile.
  };

  struct Output {
    struct Lock {
      LockTicket ticket;
      std::string key;
    };
    struct Store {
      std::string key;
      StoredRecord record;
    };
    struct Answered {
      InstanceNumber client;
      RequestId request;
      Answer answer = Answer::kReady;
      std::string value = {};  // Of kValue.
    };
    // Another node wants a record that came for so many requests of the client.
    struct Awaited {
      InstanceNumber client;
      std::string key;
      uint32_t turns = 0;
    };
    // In this order: what is sent is true already, and who is told finds it so.
    std::vector<Store> stores;
    std::vector<std::string> removes;
    std::vector<Send> sends;
    std::vector<std::string> too_large;  // Records that others want and cannot get.
    std::vector<LockTicket> unlocks;
    std::vector<Answered> answers;
    std::vector<Awaited> awaited;
    std::vector<Lock> locks;
  };

  explicit Owner(const Options& options) : options_(options) {}

  // `placement`: of view.homes. Older views are ignored. Before the driver goes on, local clients
  // must see owned_since(), and what was put out before must be stored.
  void OnView(const cluster::View& view, std::shared_ptr<const Placement> placement, Instant now);

  // The client looked, and may not read or write what is here; see MayRead() and MayWrite(). It is
  // answered once, unless it cancels or goes.
  void OnClientRequest(InstanceNumber client, RequestId request, const std::string& key, Mode mode,
                       Instant now);
  void OnClientCancel(InstanceNumber client, RequestId request, Instant now);
  void OnClientGone(InstanceNumber client, Instant now);
  // Clients have had the record and were to say so: they were told kReadyInTurn, or found
  // Turn::kTold.
  void OnTurnsTaken(const std::string& key, size_t turns, Instant now);

  void OnMessage(NodeNumber from, const Message& message, Instant now);
  // The lock is held, and this is stored. What is put out must be done before anybody else has it.
  void OnLocked(LockTicket ticket, const std::optional<StoredRecord>& stored, Instant now);
  // A spare copy of it goes out or comes in (spares.h): it is not forgotten now.
  void OnCopied(const std::string& key);
  // It could not be got. Whoever wants something of this record says it again.
  void OnLockFailed(LockTicket ticket, Instant now);
  // To be told now and then of each record that is empty or void; of others nothing comes.
  void OnRestingRecord(const RestingRecord& record, Instant now);
  void OnTick(Instant now);

  Output TakeOutput();
  Instant NextDeadline() const { return std::min(timers_.Next(), forget_at_); }

  // A record that names this node as its owner is its own if its version's epoch is this one or a
  // later one; see IsOwnedBy(). While this node is no member it owns nothing.
  Epoch owned_since() const { return owned_since_; }
  // Read-only copies of an older one are void.
  Epoch epoch() const { return epoch_; }

  // Copies of an older one are void; see absence.h.
  Epoch void_before() const { return void_before_; }

  size_t waiters() const { return waiters_; }
  const ForgetCounts& forget_counts() const { return forget_counts_; }
  const IgnoredCounts& ignored() const { return ignored_; }

  // Empty, or which rule is broken. For tests and the simulator.
  std::string CheckInvariants() const;

 private:
  struct Waiter {
    InstanceNumber client;
    RequestId request;
    Mode mode = Mode::kWrite;
    uint64_t number = 0;  // Counts up.
  };
  struct Asked {
    RequestId request;
    Mode mode = Mode::kWrite;
    uint64_t until = 0;  // The last waiter that it was asked for.
  };
  struct Verify {
    Refusal refusal;
    Mode mode = Mode::kWrite;  // Of the request.
  };
  struct Received {
    NodeNumber from;
    Copy copy;
  };
  struct Key {
    std::deque<Waiter> waiters;
    std::optional<Asked> asked;          // What the home was asked with.
    Instant ask_again = Instant::min();  // Not before.
    // To be done under the lock, in this order.
    std::optional<Transfer> take;
    std::optional<Promote> promote;
    std::optional<GiveUp> give_up;
    std::optional<Verify> verify;  // The home says that this node is the owner.
    std::optional<Received> copy;
    std::optional<Revoke> revoke;
    bool clear_void = false;
    std::optional<std::pair<NodeNumber, Drop>> drop;
    std::optional<Allow> allow;
    std::optional<Erase> erase;
    std::vector<Share> shows;  // Of loan 0.
    std::vector<Share> shares;
    std::optional<Forward> give;
    std::optional<LockTicket> lock;
    std::optional<Instant> came;
    size_t turns = 0;  // Clients that were told and did not use it yet.
    // Of clients that tell when they are asked: those that were not yet, once for each request.
    std::vector<InstanceNumber> to_be_asked;
  };
  using Keys = std::map<std::string, Key>;

  std::optional<Ignored> WhyIgnored(NodeNumber from, const Message& message) const;
  void OnForward(const Forward& forward, Instant now);
  void OnTransfer(const Transfer& transfer, Instant now);
  void OnPromote(const Promote& promote, Instant now);
  void OnGiveUp(const GiveUp& give_up, Instant now);
  void OnRefusal(const Refusal& refusal, Instant now);
  void OnShare(const Share& share, Instant now);
  void OnCopy(NodeNumber from, const Copy& copy, Instant now);
  void OnRevoke(const Revoke& revoke, Instant now);
  void OnDrop(NodeNumber from, const Drop& drop, Instant now);
  void OnDropped(NodeNumber from, const Dropped& dropped);
  void OnErase(const Erase& erase, Instant now);
  void OnAllow(const Allow& allow, Instant now);
  void BeginDropping(Keys::iterator it, const std::optional<StoredRecord>& stored);
  Forgetting* FindForgetting(const Head& head);
  void SayStep(const std::string& key, const Forgetting& forgetting);
  void NextStep(const std::string& key, Forgetting& forgetting);
  void KeepEmpty(NodeNumber owner, const Drop& drop, std::optional<StoredRecord>& stored);
  void StopForgetting(const std::string& key, RequestId request);
  void DropStale(Keys::iterator it, std::optional<StoredRecord>& stored);
  void EraseForgotten(Keys::iterator it, std::optional<StoredRecord>& stored);
  void Remove(const std::string& key, std::optional<StoredRecord>& stored);
  bool MayBeOld(const Transfer& transfer, const std::optional<StoredRecord>& stored) const;
  void ForgetOn(Instant now);
  void Take(Keys::iterator it, std::optional<StoredRecord>& stored, Instant now);
  void TakeOver(Keys::iterator it, std::optional<StoredRecord>& stored, Instant now);
  void Begin(Keys::iterator it, const Head& head, StoredRecord& record, bool is_new, Instant now);
  Answer BeginTurns(Key& key, StoredRecord& record, Instant now) const;
  void AskForUse(const std::string& name, Key& key);
  bool IsAwaited(Keys::iterator it, std::optional<StoredRecord>& stored, Instant now);
  void Yield(Keys::iterator it, std::optional<StoredRecord>& stored);
  void VerifyOwned(Keys::iterator it, std::optional<StoredRecord>& stored, Instant now);
  void StoreCopy(Keys::iterator it, std::optional<StoredRecord>& stored);
  void EndLoan(Keys::iterator it, std::optional<StoredRecord>& stored);
  void Show(Keys::iterator it, const std::optional<StoredRecord>& stored);
  void LendOut(Keys::iterator it, std::optional<StoredRecord>& stored);
  void Give(Keys::iterator it, const std::optional<StoredRecord>& stored);
  void Advance(Keys::iterator it, Instant now);
  void Ask(Keys::iterator it, Instant now);
  Instant LendAt(const Key& key) const;
  Instant GiveAt(const Key& key) const;
  bool IsMember(NodeNumber node) const;
  bool IsOwned(const std::optional<StoredRecord>& stored, RecordVersion version) const;
  void DropOrders(Key& key) const;
  bool HasOrders(const Key& key) const;
  static bool HasWriters(const Key& key);
  void AnswerAll(Key& key, Answer answer);
  void AnswerReaders(Key& key, Answer answer, uint64_t until = ~uint64_t{0},
                     const std::string& value = "");
  void RemoveWaiter(InstanceNumber client, RequestId request, const std::string& key);
  void SendHome(const std::string& key, Message message);
  std::optional<NodeNumber> HomeOf(const std::string& key) const;
  Head HeadFor(const std::string& key, RequestId request) const;

  const Options options_;
  Epoch epoch_;
  Epoch owned_since_ = kNothingOwned;
  Epoch void_before_;
  std::vector<NodeNumber> members_;
  std::shared_ptr<const Placement> placement_ = std::make_shared<const Placement>();
  Keys keys_;
  KeyTimers timers_;
  std::map<std::string, Forgetting> forgetting_;
  Instant forget_at_ = kNever;
  // For each slot: the last request before a copy was removed.
  std::vector<RequestId> removed_until_ = std::vector<RequestId>(kSlots);
  ForgetCounts forget_counts_;
  std::map<LockTicket, std::string> tickets_;
  std::map<InstanceNumber, std::map<RequestId, std::string>> clients_;
  size_t waiters_ = 0;
  uint64_t last_request_ = 0;
  uint64_t last_waiter_ = 0;
  uint64_t last_ticket_ = 0;
  IgnoredCounts ignored_;
  Output output_;
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_OWNER_H_
