// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster_model: nodes with a copy of one database, their disks, clients that read and write
// several records at once, a network, and somebody who makes views, in virtual time. What it checks
// it knows from the storage and the clients alone.

#ifndef TESTS_REPLICA_CLUSTER_MODEL_H_
#define TESTS_REPLICA_CLUSTER_MODEL_H_

#include <cstdint>
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
#include "lib/replica/coordinator.h"
#include "lib/replica/replica.h"
#include "lib/replica/submitter.h"
#include "tests/replica/model_storage.h"

namespace ctdb::replica {

class ClusterModel {
 public:
  struct Options {
    uint64_t seed = 1;
    uint32_t nodes = 3;
    bool is_persistent = true;
    uint32_t clients_per_node = 2;
    uint32_t keys = 8;
    absl::Duration think = absl::Milliseconds(5);  // At most, between two transactions.
    absl::Duration delay = absl::Milliseconds(1);  // At most, of a message.
    absl::Duration disk = absl::Milliseconds(2);   // At most, of a storage request.
    absl::Duration patience = absl::Milliseconds(300);
    double wipes = 0.002;
    double bodies = 0.1;        // Of the transactions: their writes travel in parts,
    uint64_t part_bytes = 16;   // of so many bytes.
    uint32_t records = 0;       // That are there from the beginning: "record0" and so on.
    size_t record_bytes = 400;  // Of the value of each.
    // Of the entries in each node's log.
    uint64_t log_bytes = kLogBytesMax;
  };

  explicit ClusterModel(const Options& options);

  void RunFor(absl::Duration duration);
  // All nodes up, connected, and members, no new transactions; until everything is answered and all
  // copies are the same.
  void Settle(absl::Duration limit);

  // A client of this node does that, too.
  void Write(NodeNumber node, const std::vector<replica::Write>& writes);

  // It stops, with or without what its disk was doing.
  void Crash(NodeNumber node);
  // It comes back with what its disk has.
  void Restart(NodeNumber node);
  // The next storage request fails, and what is read. One disk at a time.
  void BreakDisk(NodeNumber node);
  // What is left of it; 0: nothing can be stored.
  void SetRoom(NodeNumber node, uint64_t bytes);
  // A view with these members.
  void MakeView(const std::vector<NodeNumber>& members);
  // Messages on their way are lost, and all until the duration is over.
  void CutLink(NodeNumber a, NodeNumber b, absl::Duration duration);
  // Some requests of this node's disk take that long.
  void SlowDisk(NodeNumber node, absl::Duration delay) { At(node).disk = delay; }
  void StopClients() { is_draining_ = true; }

  bool IsUp(NodeNumber node) const { return nodes_[node.value()].replica != nullptr; }
  // All members follow, and the database is open.
  bool IsOpen() const;
  const std::vector<NodeNumber>& members() const { return view_.members; }
  ModelStorage& storage(NodeNumber node) { return At(node).storage; }
  const Replica& replica(NodeNumber node) { return *At(node).replica; }
  const Coordinator* coordinator() const;

  // The first thing that went wrong, or empty.
  const std::string& failure() const { return failure_; }
  uint64_t committed() const { return committed_; }
  uint64_t aborted() const { return aborted_; }
  uint64_t batches() const { return batches_; }
  uint64_t full() const { return full_; }        // Refused for want of room.
  uint64_t asked() const { return asked_; }      // Questions after "unknown".
  uint64_t unknown() const { return unknown_; }  // That stayed so.
  uint64_t fills() const { return fills_; }
  // Of healthy copies that missed a large transaction, of which the log has no more than the token.
  uint64_t fills_for_bodies() const { return fills_for_bodies_; }
  // Of the committed ones, those with a body.
  uint64_t large() const { return large_; }
  // What is held of bodies, by all nodes.
  uint64_t body_bytes() const;
  // Of Entries, DigestLists, Fetches and Pages.
  uint64_t sync_bytes() const { return sync_bytes_; }

 private:
  struct Node {
    std::shared_ptr<BodyMemory> bodies;
    ModelStorage storage;
    std::unique_ptr<Replica> replica;
    std::unique_ptr<Coordinator> coordinator;
    std::unique_ptr<Submitter> submitter;
    uint64_t run = 0;
    Epoch epoch;
    Epoch checked;  // The last epoch in which it was seen to be open.
    uint64_t checked_round = 0;
    absl::Duration disk;
    std::optional<Replica::Output::Store> storing;
    std::optional<Replica::Output::Store> stuck;  // For want of room.
    uint64_t room = UINT64_MAX;
    uint64_t batches = 0;
    uint64_t fills = 0;  // Of this run, that were looked at.
  };
  struct Client {
    NodeNumber node{};
    bool is_busy = false;
    Transaction transaction;
    bool has_body = false;
    Position since;
    Position acknowledged;  // Before it began.
    bool is_question = false;
    Epoch asked;
  };
  // One entry that some copy has, and what was before it.
  struct Made {
    Entry entry;
    Position parent;
    Digest digest;
    bool has_body = false;
  };

  Node& At(NodeNumber node) { return nodes_[node.value()]; }
  void Fail(const std::string& what);
  void Later(absl::Duration delay, std::function<void()> what);
  void LaterAt(NodeNumber node, absl::Duration delay, std::function<void()> what);
  absl::Duration Below(absl::Duration most) { return most * random_.Fraction(); }
  void Start(NodeNumber node);
  void Adopt(NodeNumber node, const cluster::View& view, std::optional<NodeNumber> chosen);
  void SendOne(NodeNumber from, const Send& send);
  void Take(NodeNumber node);
  void Store(NodeNumber node);
  void Apply(NodeNumber node, const Replica::Output::Store& store);
  void NoteFill(NodeNumber node, const std::vector<Send>& sends);
  void CheckNode(NodeNumber node);
  void CheckChain(Position end);
  void CheckEnd();
  std::vector<const Made*> ChainTo(Position end);
  void Begin(size_t client);
  void Submit(size_t client, const Transaction& transaction);
  void AskAgain(size_t client);
  void OnAnswer(NodeNumber node, const Submitter::Answer& answer);
  void Committed(Client& client, Position position);
  Instant NextTime() const;
  void Step();
  bool IsSettled() const;
  void ChooseCopy();

  const Options options_;
  Random random_;
  Instant now_{};
  std::multimap<Instant, std::function<void()>> events_;
  std::vector<Node> nodes_;
  std::vector<Client> clients_;
  cluster::View view_;
  std::optional<NodeNumber> chosen_;  // The view's coordinator.
  std::map<std::pair<NodeNumber, NodeNumber>, Instant> last_arrival_;
  std::map<std::pair<NodeNumber, NodeNumber>, uint64_t> link_;
  std::map<std::pair<NodeNumber, NodeNumber>, Instant> cut_until_;
  std::map<std::string, ModelStorage::Stored> initial_;
  std::map<Position, Made> made_;
  std::map<Token, Transaction> transactions_;
  std::map<Token, Position> acknowledged_;
  std::set<Token> dead_;  // Their clients were told that nothing happened.
  std::multimap<Position, Transaction> read_only_;
  Position last_acknowledged_;
  std::map<uint64_t, size_t> client_of_;  // By ticket.
  uint64_t last_ticket_ = 0;
  uint64_t last_value_ = 0;
  bool is_draining_ = false;
  uint64_t committed_ = 0;
  uint64_t aborted_ = 0;
  uint64_t batches_ = 0;
  uint64_t asked_ = 0;
  uint64_t full_ = 0;
  uint64_t unknown_ = 0;
  uint64_t fills_ = 0;
  uint64_t fills_for_bodies_ = 0;
  uint64_t large_ = 0;
  uint64_t sync_bytes_ = 0;
  std::string failure_;
};

}  // namespace ctdb::replica

#endif  // TESTS_REPLICA_CLUSTER_MODEL_H_
