// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// admin: administrators and services that want things of a simulated cluster: nodes are stopped,
// banned, disabled, blamed and get other roles, epochs begin on demand, and the nodes list changes.
//
// The list changes as `ctdb reloadnodes` does it: everybody's file first, then all nodes prepare,
// and when all have, all commit. Between these two somebody must lead by both lists, with all who
// run behind him and his ballot on their disks: otherwise majorities of lists before and after
// some changes may have no node in common that knows of the last leader. One line changes at a
// time, and nothing else before every node that runs works with it.
//
//   Ownership:  refers to the cluster.
//   Threading:  not thread-safe.
//   Errors:     none; refused orders are given again or forgotten.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   Admin admin(cluster);
//   admin.Start();
//   cluster.RunFor(absl::Minutes(2));
//   admin.Stop();

#ifndef LIB_SIM_ADMIN_H_
#define LIB_SIM_ADMIN_H_

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "lib/sim/cluster.h"

namespace ctdb::sim {

class Admin final : public Actor {
 public:
  explicit Admin(Cluster& cluster) : cluster_(cluster) {}

  void Start();
  // To be called when all nodes run again: undoes most of what was ordered, not all; at least one
  // node may lead and take part. A change of the list that is under way is brought to its end.
  void Stop();

  // When somebody last ordered or blamed what may ban the node.
  std::optional<Instant> provoked(NodeNumber node) const;
  bool is_changing_list() const { return list_step_ != ListStep::kNone; }

  void OnEvent(uint64_t what) override;

 private:
  enum class Step : uint64_t { kOrder, kUndo, kList };
  enum class ListStep { kNone, kShutDown, kPrepare, kCommit };

  void Plan(absl::Duration least, absl::Duration most, Step step, NodeNumber node = {});
  NodeNumber AnyNode();
  template <typename Act>
  void Tell(NodeNumber node, Act act);
  void Provoke(NodeNumber node);
  void GiveOrder();
  void Disturb(NodeNumber node);
  void Undo(NodeNumber node);

  void AdvanceList();
  void BeginListChange();
  void SetListed(NodeNumber node, bool is_listed);
  // These return whether all nodes that run are there.
  bool PrepareAll();
  bool AllFollow() const;
  bool CommitAll();

  Cluster& cluster_;
  bool is_over_ = false;
  std::map<NodeNumber, Instant> provoked_;
  ListStep list_step_ = ListStep::kNone;
  NodeNumber changing_;                      // Whose line changes.
  std::map<NodeNumber, uint64_t> prepared_;  // In which run.
  int follow_polls_ = 0;
};

}  // namespace ctdb::sim

#endif  // LIB_SIM_ADMIN_H_
