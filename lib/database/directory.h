// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// directory: the home's side of one database: who owns each record, and who is next.
//
// Requests for a record wait in one queue, in order, at most one for each node. One transfer runs
// at a time: it begins with a Forward to the owner and ends with the new owner's Confirm. Until
// then the Forward is said again now and then, which repairs whatever was lost on the way. A record
// that nobody has belongs to whoever asks first, and is empty.
//
// Records that are read more often than written are lent to readers: the owner keeps them and sends
// copies. Before the next write all copies are revoked. Each read that comes here counts one, and
// one more if it is served with a copy, because that stands for all further reads of its node; each
// write halves the count, rounded up. At kLendAt a record is lent. One that is read once between
// two writes never comes that far, one that is read twice soon does, and it stays lent as long as
// somebody reads it between two writes.
//
// Who wants to read once, because nothing is lent here, is shown what the owner has, and the record
// stays where it is. One that nobody has becomes the reader's, who mostly comes again.
//
// A new view empties the queues: whoever still waits asks again. Where the owner is gone or a
// transfer was cut off, the record is undecided until recovery says who owns it. What else this
// node knows stays valid. A copy that recovery found instead of an owner is promoted when somebody
// wants the record.
//
// Of a slot that came to this node, recovery tells copy by copy what members have, of which the
// best one counts when the slot is ready. Until then a record that somebody wants is undecided,
// recovery asks for it alone, and what it tells of it with the slot no longer matters. Nothing is
// forgotten meanwhile: what was told before would bring it back.
//
// A record that its owner would forget is erased there first, and then here. Who asks meanwhile
// waits until that is known.
//
//   Ownership:  copies what it is told; shares the placement.
//   Threading:  not thread-safe.
//   Errors:     none; what does not fit is ignored and counted by reason, or refused.
//   Blocking:   never.
//   Limits:     Options; a message is O(log records + nodes), a view O(slots). What a view changes
//               of a record is done when that is looked at next, or by OnTick() in passing, some
//               records at a time: nobody waits while a million are gone through.
//
// Example:
//   Directory directory({.local = NodeNumber(0), .database = database});
//   directory.OnView(view, std::make_shared<const Placement>(view.homes), now);
//   directory.OnMessage(from, message, now);
//   Directory::Output output = directory.TakeOutput();

#ifndef LIB_DATABASE_DIRECTORY_H_
#define LIB_DATABASE_DIRECTORY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/node_state.h"
#include "lib/database/found_copy.h"
#include "lib/database/hot_keys.h"
#include "lib/database/ignored.h"
#include "lib/database/key_timers.h"
#include "lib/database/messages.h"
#include "lib/database/placement.h"
#include "lib/database/sweep_pace.h"

namespace ctdb::database {

class Directory {
 public:
  enum class Lending { kOff, kOn, kAutomatic };
  static constexpr uint8_t kLendAt = 4;
  static constexpr uint8_t kReadsMax = 16;

  struct Options {
    NodeNumber local;
    DatabaseId database;
    Lending lending = Lending::kAutomatic;
    // A transfer that is not confirmed is asked for again. Shorter: lost messages are repaired
    // sooner, and clients that hold a record for long cause more packets.
    absl::Duration resend = absl::Milliseconds(200);
    // How long a record that others wait for stays with each owner. Longer: fewer transfers, and
    // those who wait do so for longer.
    absl::Duration stay = absl::Milliseconds(2);
    size_t waiting_max = 100'000;      // Requests in all queues.
    size_t records_max = 100'000'000;  // Records that somebody owns.
    size_t hot_keys = 10;
    // After a new view, of all records.
    std::shared_ptr<SweepPace> sweep_pace = std::make_shared<SweepPace>();
  };

  // A record of which recovery has to say who owns it, with OnDecided().
  struct Undecided {
    enum class Why : uint8_t {
      kOwnerGone,
      kTransferCutOff,
      kErasureCutOff,
      kContradiction,
      kWanted,  // Somebody waits for it: that is sooner than what was said of it before, if it was.
      kReported,  // Never said: the best copy so far, of a slot that is not ready.
    };
    std::string key;
    Why why = Why::kOwnerGone;
    std::optional<NodeNumber> owner;  // As last confirmed, with the version of this ownership.
    RecordVersion version;
    std::optional<NodeNumber> next;  // To whom it was on its way.
  };

  struct Owned {
    std::optional<NodeNumber> owner;
    RecordVersion version;
    bool is_copy = false;  // Nobody owns it; the node has the newest copy, and is to own it.
  };
  struct Claim {
    NodeNumber node;
    RecordVersion version;
  };
  // Of recovery. Those who claim the record as well have to give up first.
  struct Decision {
    Owned owned;
    std::vector<Claim> rivals;
  };

  struct Output {
    std::vector<Send> sends;  // In this order.
    std::vector<Undecided> undecided;
  };

  explicit Directory(const Options& options) : options_(options), hot_keys_(options.hot_keys) {}

  // `placement`: of view.homes. Older views are ignored.
  void OnView(const cluster::View& view, std::shared_ptr<const Placement> placement, Instant now);
  // Recovery: a copy of a record of a slot that is not ready.
  void OnReported(const std::string& key, const FoundCopy& copy);
  // Recovery: who owns the undecided record from now on; nobody: its next owner gets it empty.
  void OnDecided(const std::string& key, Decision decision, Instant now);
  // Recovery: everything was told that is known about this slot's records.
  void OnSlotReady(Slot slot, Instant now);
  void OnMessage(NodeNumber from, const Message& message, Instant now);
  void OnTick(Instant now);

  Output TakeOutput();
  Instant NextDeadline() const { return std::min(timers_.Next(), sweep_at_); }

  // From the next read on; what is lent already stays so until the next write.
  void SetLending(Lending lending) { options_.lending = lending; }
  Lending lending() const { return options_.lending; }

  bool IsReady(Slot slot) const { return is_ready_.test(slot.value() % kSlots); }
  // This node is their home, and nobody told it yet what is known about their records.
  SlotSet SlotsToRebuild() const { return own_slots_ & ~is_ready_; }
  // Everything that this node is the home of is ready and decided.
  bool IsSettled() const {
    return is_ready_ == own_slots_ && undecided_ == 0 && sweep_at_ == kNever;
  }
  // Known here, and recovery is asked who owns it.
  bool IsUndecided(const std::string& key) const;
  // Nothing: not known here, or undecided.
  std::optional<Owned> Find(const std::string& key) const;
  std::vector<HotKeys::Entry> HotKeysReport(Instant now) const { return hot_keys_.Report(now); }
  const IgnoredCounts& ignored() const { return ignored_; }
  uint64_t transfers() const { return transfers_; }
  uint64_t collapsed() const { return collapsed_; }
  uint64_t loans() const { return loans_; }
  uint64_t revokes() const { return revokes_; }
  uint64_t forgotten() const { return forgotten_; }
  size_t records() const { return records_.size(); }
  // May have, or get, a read-only copy.
  std::vector<NodeNumber> Readers(const std::string& key) const;

  // Empty, or which rule is broken. For tests and the simulator.
  std::string CheckInvariants() const;

 private:
  struct Waiting {
    NodeNumber node;
    RequestId request;
    bool is_read = false;
    bool is_once = false;
  };
  struct Transit {
    Waiting to;  // The owner itself: it wants to write what is lent out.
    RecordVersion next;
    absl::Duration stay;
    bool is_revoking = false;  // It begins when no other node reads the record.
  };
  struct Reader {
    NodeNumber node;
    uint64_t loan = 0;
  };
  // Of records that are in demand; the others need little memory.
  struct Traffic {
    std::optional<Transit> transit;
    std::optional<RequestId> forgetting;  // Of the owner's Forget; it was told to erase it.
    std::vector<Waiting> queue;
    std::vector<Reader> readers;
  };
  struct Record {
    std::optional<NodeNumber> owner;
    RecordVersion version;
    bool is_copy = false;
    std::optional<Undecided::Why> undecided;
    uint8_t reads = 0;
    uint32_t view = 0;  // As of which of views_ this is true.
    std::unique_ptr<Traffic> traffic;

    Traffic& InDemand();
    const Transit* transit() const {
      return traffic && traffic->transit ? &*traffic->transit : nullptr;
    }
    bool IsBusy() const { return traffic && (traffic->transit || traffic->forgetting); }
    bool HasQueue() const { return traffic && !traffic->queue.empty(); }
    void ForgetReaders(uint64_t loans_until);
    void Rest();  // Without traffic, if there is none.
  };
  using Records = absl::btree_map<std::string, Record>;
  using Copies = absl::btree_map<std::string, Loan>;

  std::optional<Ignored> WhyIgnored(NodeNumber from, const Head& head) const;
  bool IsMember(NodeNumber node) const;
  Records::iterator Seek(const std::string& key);
  Records::iterator Make(const std::string& key);
  bool IsOver(const std::string& key, const Record& record) const;
  bool HasStayed(NodeNumber node, const Record& record) const;
  std::optional<Undecided::Why> WhyUndecided(const std::string& key, const Record& record) const;
  void Refresh(const std::string& key, Record& record);
  void Sweep(Instant now);
  Records::iterator Want(Records::iterator it, const std::string& key);
  FoundCopy BestOf(const std::string& key, const Record& record) const;
  void RefuseReaders(Records::iterator it);
  void OnRequest(NodeNumber from, const Request& request, Instant now);
  void OnConfirm(NodeNumber from, const Confirm& confirm, Instant now);
  void OnAbandon(NodeNumber from, const Abandon& abandon);
  void OnRefusal(NodeNumber from, const Refusal& refusal);
  void OnGaveUp(NodeNumber from, const GaveUp& gave_up, Instant now);
  void Enqueue(Records::iterator it, Waiting waiting, Instant now);
  void ServeNext(Records::iterator it, Instant now);
  void Promote(Records::iterator it, Instant now);
  void AskRivals(const std::string& key, Instant now);
  void Decided(Records::iterator it, Instant now);
  void Begin(Records::iterator it, Waiting next, Instant now);
  void Lend(const std::string& key, Record& record, Waiting reader);
  bool IsLendable(const Record& record) const;
  void CountUse(Record& record, bool is_read) const;
  bool AskReaders(const std::string& key, const Record& record, Instant now);
  void OnForget(NodeNumber from, const Forget& forget, Instant now);
  void AskToErase(const std::string& key, const Record& record, Instant now);
  Record* FindForgetting(const Head& head);
  void OnErased(const Erased& erased, Instant now);
  void OnNotErased(const Refusal& refusal, Instant now);
  void LeaveIfNobodys(Records::iterator it);
  void OnRevoked(NodeNumber from, const Revoked& revoked, Instant now);
  void EndRevoke(Records::iterator it, Instant now);
  void AskForTransfer(const std::string& key, const Record& record, Instant now);
  void Refuse(NodeNumber to, const Head& head, RefusalReason reason, RecordVersion version = {});
  void Undecide(const std::string& key, Record& record, Undecided::Why why);
  Head HeadFor(const std::string& key, RequestId request) const;

  Options options_;
  Epoch epoch_;
  std::vector<NodeNumber> members_;
  std::shared_ptr<const Placement> placement_ = std::make_shared<const Placement>();
  SlotSet own_slots_;
  SlotSet is_ready_;
  uint32_t views_ = 0;  // Counts those that this node has taken over.
  // Since which of them this node is each slot's home without a break, and knows its records;
  std::vector<uint32_t> home_since_ = std::vector<uint32_t>(kSlots);
  // and a node is a member.
  std::map<NodeNumber, uint32_t> member_since_;
  Instant sweep_at_ = kNever;
  std::string sweep_from_;
  Records records_;
  Copies lent_copies_;  // Of kReported records whose best copy is a read-only one: its loan.
  std::map<std::string, Decision> contradicted_;  // Decided when all rivals have given up.
  KeyTimers timers_;
  size_t waiting_ = 0;
  size_t undecided_ = 0;
  HotKeys hot_keys_;
  IgnoredCounts ignored_;
  uint64_t transfers_ = 0;
  // For each slot: the highest counter, in this epoch, of a record that is forgotten.
  std::vector<uint64_t> floor_ = std::vector<uint64_t>(kSlots);
  uint64_t forgotten_ = 0;
  uint64_t last_loan_ = 0;
  uint64_t last_loan_before_ = 0;  // Of the epochs before.
  uint64_t loans_ = 0;
  uint64_t revokes_ = 0;
  uint64_t collapsed_ = 0;  // Requests of a node that was waiting already.
  Output output_;
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_DIRECTORY_H_
