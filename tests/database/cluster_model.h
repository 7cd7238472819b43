// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster_model: nodes with the two sides of a database and its recovery, stores, record locks,
// clients that increment and read counters, and a network between them, in virtual time. What it
// checks it knows from the stores and the clients alone.

#ifndef TESTS_DATABASE_CLUSTER_MODEL_H_
#define TESTS_DATABASE_CLUSTER_MODEL_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/base/random.h"
#include "lib/cluster/node_state.h"
#include "lib/database/directory.h"
#include "lib/database/owner.h"
#include "lib/database/spares.h"
#include "lib/recovery/inquiry.h"
#include "lib/recovery/rebuild.h"
#include "lib/recovery/reporter.h"
#include "tests/database/linearizability.h"

namespace ctdb::database {

// 0 of an empty record.
uint64_t CounterIn(const std::string& value);

class ClusterModel {
 public:
  struct Options {
    uint64_t seed = 1;
    uint32_t nodes = 3;
    uint32_t clients_per_node = 2;
    uint32_t keys = 3;
    absl::Duration think = absl::Microseconds(500);  // At most, between two increments.
    absl::Duration hold = absl::Microseconds(50);    // At most, of a record's lock.
    double cancel = 0;                               // Requests that are cancelled, or their
    double disconnect = 0;                           // client goes.
    double die = 0;                                  // Clients that die holding a lock.
    double lock_failures = 0;                        // Locks that a node does not get.
    double reads = 0;                                // Operations that only read.
    Directory::Lending lending = Directory::Lending::kAutomatic;
    double deletes = 0;                            // Writes that empty the record.
    absl::Duration vacuum = absl::ZeroDuration();  // About, between two looks at the store.
    bool do_clients_tell_use = true;               // See Owner::Options.
    double wrong_use = 0;                          // Of questions for it: no answer, or too soon.
    double slow = 0;    // Messages that take up to 30 ms, and hold up those behind them.
    double spares = 0;  // Writes of which all nodes are to keep a copy; without lending.
  };

  explicit ClusterModel(const Options& options);

  void RunFor(absl::Duration duration);
  // No new increments, until those that began are done and every directory is settled.
  void Drain(absl::Duration limit);

  // Until nothing is left anywhere of records whose newest copy is empty.
  void WaitUntilForgotten(absl::Duration limit);

  // It stops. It comes back with the store that it had, or with an empty one.
  void RemoveNode(NodeNumber node);
  void AddNode(NodeNumber node, bool keeps_store);
  // It is shut out and goes on, without clients that may use records. Back, it knows what it knew.
  void ShutOutNode(NodeNumber node);
  void LetInNode(NodeNumber node);
  // A view with the same members.
  void ChangeView() { InstallView(); }
  // Some later views have not all members as homes.
  void ChangeHomes() { changes_homes_ = true; }
  // What is on its way between them is lost, and what is sent until `duration` is over.
  void CutLink(NodeNumber a, NodeNumber b, absl::Duration duration);

  // The first thing that went wrong, or empty.
  const std::string& failure() const { return failure_; }
  uint64_t increments() const { return increments_; }
  uint64_t increments_of(NodeNumber node) const { return nodes_[node.value()].increments; }
  uint64_t transfers() const;
  uint64_t requests_sent() const { return requests_sent_; }
  absl::Duration longest_wait() const { return longest_wait_; }
  uint64_t most_attempts() const { return most_attempts_; }
  uint64_t promotions() const { return promotions_; }
  uint64_t reads() const { return reads_; }
  // Of records that were elsewhere, and stayed there.
  uint64_t read_elsewhere() const { return read_elsewhere_; }
  uint64_t deletes() const { return deletes_; }
  uint64_t forgotten() const { return forgotten_; }
  // Writes that were kept on all nodes, and records that went on with what was kept, or newer.
  uint64_t kept() const { return kept_; }
  uint64_t survived() const { return survived_; }
  // Records that were decided before their slots were ready.
  uint64_t decided_early() const { return decided_early_; }
  // Of nodes that are up.
  uint64_t loans() const;
  uint64_t revokes() const;
  std::vector<NodeNumber> members() const;
  size_t waiting_clients() const { return outstanding_.size(); }

 private:
  struct Client {
    InstanceNumber id{};
    NodeNumber node{};
    std::string key{};
    std::optional<RequestId> request{};
    Instant began{};
    uint64_t attempts = 0;
    bool is_told = false;   // That it is its turn, and to tell when it has had it.
    bool is_asked = false;  // Of those that tell when they are asked.
    bool is_busy = false;
    bool is_read = false;
  };
  struct LockWaiter {
    std::optional<LockTicket> ticket;  // Of the node; otherwise of a client.
    uint64_t client = 0;
  };
  struct SparesAsked {
    InstanceNumber client{};
    NodeNumber node{};
    std::string key{};
    uint64_t counter = 0;
    uint64_t emptied = 0;
  };
  struct Kept {
    uint64_t counter = 0;
    std::set<NodeNumber> nodes{};
  };
  struct RecordLock {
    bool is_held = false;
    std::deque<LockWaiter> queue;
  };
  struct Node {
    bool is_up = false;
    bool is_shut_out = false;
    bool is_fenced = true;    // Until it has taken over a view with itself.
    bool is_touched = false;  // Its cores may have something to be done.
    uint64_t run = 0;         // Counts its starts.
    std::unique_ptr<Owner> owner;
    std::unique_ptr<Spares> spares;
    std::unique_ptr<Directory> directory;
    std::unique_ptr<recovery::Rebuild> rebuild;
    std::unique_ptr<recovery::Inquiry> inquiry;
    std::unique_ptr<recovery::Reporter> reporter;
    std::map<std::string, StoredRecord> store;
    std::map<std::string, RecordVersion> highest;
    std::map<std::string, RecordLock> locks;
    std::map<LockTicket, std::string> tickets;
    std::set<std::string> decided;  // In this epoch, one by one.
    std::vector<uint64_t> clients;
    Epoch epoch;
    uint64_t increments = 0;

    Instant NextDeadline() const;
  };

  Node& At(NodeNumber node) { return nodes_[node.value()]; }
  Instant NextTime() const;
  void Later(absl::Duration delay, std::function<void()> what);
  // Not if the node was stopped or started again meanwhile.
  void LaterAt(NodeNumber node, absl::Duration delay, std::function<void()> what);
  absl::Duration Below(absl::Duration most) { return most * random_.Fraction(); }
  void Fail(const std::string& what);

  void Start(NodeNumber node, bool keeps_store);
  void LoseRecordsOf(NodeNumber node);
  bool IsOwned(NodeNumber node, const std::string& key);
  void InstallView();
  void Adopt(NodeNumber node, const cluster::View& view,
             std::shared_ptr<const Placement> placement);
  void SendOne(NodeNumber from, const Send& send);
  void SendOne(NodeNumber from, const recovery::Send& send);
  void Deliver(NodeNumber from, NodeNumber to, std::function<void(Node&)> what);
  void Take(NodeNumber node);
  void TakeHome(NodeNumber node);
  void TakeRecovery(NodeNumber node);
  void Scan(NodeNumber node, const recovery::Reporter::Output::Scan& scan);
  void LookUp(NodeNumber node, const recovery::Reporter::Output::Lookup& lookup);
  void Store(NodeNumber node, const std::string& key, const StoredRecord& record);
  void Lock(NodeNumber node, const std::string& key, LockWaiter waiter);
  void GrantLock(NodeNumber node, const std::string& key);
  void OnGranted(NodeNumber node, const std::string& key, LockWaiter waiter);
  void Unlock(NodeNumber node, const std::string& key);
  void LockFor(NodeNumber node, const Owner::Output::Lock& lock);
  void UnlockFor(NodeNumber node, LockTicket ticket);
  void NewClient(NodeNumber node);
  void Begin(uint64_t client);
  void Use(uint64_t client);
  void Write(uint64_t client);
  void Read(uint64_t client, Epoch owned_since);
  void EndRead(uint64_t client, uint64_t value);
  void Die(uint64_t client);
  void LeaveNode(const Client& client);
  bool MayUse(const Client& client);
  void CheckNobodyReads(const std::string& key, NodeNumber writer);
  void Ask(uint64_t client);
  void GiveUp(uint64_t client);
  void OnAnswer(NodeNumber node, const Owner::Output::Answered& answer);
  void OnAwaited(NodeNumber node, const Owner::Output::Awaited& awaited);
  void Vacuum(NodeNumber node, const std::string& after);
  void Remove(NodeNumber node, const std::string& key);
  bool IsVoid(NodeNumber node, const StoredRecord& record) const;
  std::string Remains(const std::string& key);
  void AskForSpares(uint64_t client);
  void ForgetSparesAsked(InstanceNumber client);
  void TakeSpares(NodeNumber node);
  void CheckSpare(NodeNumber node, const std::string& key, const StoredRecord& record);
  void OnSparesAnswer(NodeNumber node, const Spares::Output::Answered& answer);
  void LoseSparesOf(NodeNumber node);
  void CheckKept(const std::string& key, uint64_t counter);
  void CheckDecision(Epoch epoch, const std::string& key, const Directory::Owned& owned);
  void CheckSlot(NodeNumber node, Slot slot);
  void CheckRecord(const std::string& key);
  void CheckCores(NodeNumber node);

  const Options options_;
  Random random_;
  Instant now_{};
  std::multimap<Instant, std::function<void()>> events_;
  std::vector<Node> nodes_;
  std::deque<Client> clients_;
  std::map<std::pair<NodeNumber, NodeNumber>, Instant> last_arrival_;
  std::map<std::pair<NodeNumber, NodeNumber>, uint64_t> link_;      // Counts the cuts.
  std::map<std::pair<NodeNumber, NodeNumber>, Instant> cut_until_;  // Lower node first.
  std::set<std::pair<InstanceNumber, RequestId>> outstanding_;
  std::map<InstanceNumber, uint64_t> client_of_;
  std::map<std::string, uint64_t> truth_;  // What the counters must be.
  std::map<std::string, CounterHistory> histories_;
  std::map<std::string, RecordVersion> newest_owned_;
  std::set<std::string> may_lose_;  // Their owner died.
  std::map<RequestId, SparesAsked> spares_asked_;
  std::map<std::string, Kept> kept_of_;      // Until the record is emptied.
  std::map<std::string, uint64_t> emptied_;  // How often.
  cluster::View view_;
  std::map<NodeNumber, Epoch> joined_;
  bool changes_homes_ = false;
  bool is_draining_ = false;
  uint64_t last_request_ = 0;
  uint64_t increments_ = 0;
  uint64_t requests_sent_ = 0;
  absl::Duration longest_wait_;
  uint64_t most_attempts_ = 0;
  uint64_t promotions_ = 0;
  uint64_t reads_ = 0;
  uint64_t read_elsewhere_ = 0;
  uint64_t deletes_ = 0;
  uint64_t forgotten_ = 0;
  uint64_t decided_early_ = 0;
  uint64_t kept_ = 0;
  uint64_t survived_ = 0;
  std::string failure_;
};

}  // namespace ctdb::database

#endif  // TESTS_DATABASE_CLUSTER_MODEL_H_
