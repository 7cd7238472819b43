// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// checker_views: what lib/cluster/membership.h promises, seen from outside.
//
//   - An epoch is formed once, by one run of one node, with one list of members; later ones are
//     higher.
//   - The epochs that a run of a node adopts rise; after a restart it may adopt the last one again.
//   - The fence: whoever serves is a member of every view that was formed after his own, whatever
//     he knows of it, and nobody serves who is stopped or banned. So do the clients of a run that
//     has crashed, until its lease or its guardian ends that.
//   - Run states go forward; nobody is banned unless somebody wanted that or blamed him (BUG-97);
//     no change is missing in the history.

#ifndef TESTS_SIM_CHECKER_VIEWS_H_
#define TESTS_SIM_CHECKER_VIEWS_H_

#include <map>
#include <string>
#include <vector>

#include "lib/sim/admin.h"
#include "lib/sim/cluster.h"

namespace ctdb::sim {

class ViewsChecker {
 public:
  struct Claims {
    // In the order in which they are formed, and at each node over its restarts. By the lock rule
    // whoever takes it without a connection to others knows only the ballots on his own disk.
    bool rising_epochs = true;
    bool fence = true;
  };

  ViewsChecker(const Cluster& cluster, const Admin& admin, const Claims& claims)
      : cluster_(cluster), admin_(admin), claims_(claims), nodes_(cluster.nodes().size()) {}

  // For each message that a node sends: views that are replaced at once are seen only there.
  void OnSent(NodeNumber from, const Message& message);
  // After each turn of a node. Empty, or what is violated.
  std::string OnTurn(NodeNumber number);

  uint64_t epochs() const { return formed_.size(); }

 private:
  struct Formed {
    uint64_t order = 0;  // 1 for the first.
    NodeNumber leader;
    uint64_t run = 0;
    std::vector<NodeNumber> members;
    std::vector<NodeNumber> homes;
    std::vector<Epoch> joined;
  };
  struct Node {
    uint64_t run = 0;
    Epoch adopted;       // In any run.
    bool is_new = true;  // Has adopted nothing in this run.
    cluster::RunState run_state = cluster::RunState::kUnknown;
    uint32_t flags = 0;
    uint64_t last_change = 0;
    uint64_t last_without = 0;  // Which of the views that were formed was the last without it.
  };

  std::string See(NodeNumber at, const cluster::View& view);
  std::string Form(NodeNumber leader, const cluster::View& view);
  std::string CheckJoined(const cluster::View& view) const;
  std::string CheckAdoption(NodeNumber number, Node& node, const cluster::Membership& membership);
  std::string CheckStates(NodeNumber number, Node& node, const cluster::Membership& membership);
  std::string CheckHistory(NodeNumber number, Node& node, const cluster::Membership& membership);
  std::string CheckRemains(NodeNumber number) const;
  std::string CheckFence(NodeNumber number) const;

  const Cluster& cluster_;
  const Admin& admin_;
  const Claims claims_;
  std::vector<Node> nodes_;
  std::map<Epoch, Formed> formed_;
  Epoch last_;
  bool is_fence_due_ = false;  // A view was formed: everybody must stand within it.
  std::string problem_;        // What was found between two turns.
};

}  // namespace ctdb::sim

#endif  // TESTS_SIM_CHECKER_VIEWS_H_
