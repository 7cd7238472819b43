// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/sim/checker_leader.h"

#include "absl/strings/str_cat.h"

namespace ctdb::sim {

std::string LeaderChecker::OnTurn(NodeNumber number) {
  const SimNode* node = cluster_.node(number);
  if (node == nullptr || !node->engine().Leads(cluster_.process(number).LocalNow())) return "";
  // Nobody begins to lead but in a turn of his own, so looking now is enough.
  for (NodeNumber other : cluster_.nodes()) {
    const SimNode* rival = cluster_.node(other);
    if (!claims_.one_leader || other == number || rival == nullptr) continue;
    if (rival->engine().Leads(cluster_.process(other).LocalNow())) {
      return absl::StrCat("nodes ", other.value(), " and ", number.value(), " lead both");
    }
  }
  const cluster::Ballot ballot = node->engine().ballot();
  const Run run(number, cluster_.process(number).starts());
  const auto [known, is_new] = leaders_.try_emplace(ballot, run);
  if (known->second != run) {
    return absl::StrCat("ballot ", cluster::RoundOf(ballot), ".", number.value(),
                        " was led before, by node ", known->second.first.value(), " in its run ",
                        known->second.second);
  }
  if (is_new && claims_.rising_ballots && ballot <= last_) {
    return absl::StrCat("node ", number.value(), " leads with ballot ", ballot.value(),
                        ", which is not above ", last_.value(), " of the leader before it");
  }
  last_ = std::max(last_, ballot);
  return "";
}

}  // namespace ctdb::sim
