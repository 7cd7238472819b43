// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/wait_condition.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace ctdb::cli {

absl::StatusOr<WaitCondition> ParseWaitCondition(absl::string_view text) {
  using Kind = WaitCondition::Kind;
  if (text == "running") return WaitCondition{Kind::kRunning, 0};
  if (text == "connected") return WaitCondition{Kind::kConnected, 0};
  if (text == "gone") return WaitCondition{Kind::kGone, 0};
  if (text == "leader") return WaitCondition{Kind::kLeader, 0};
  if (text == "recovered") return WaitCondition{Kind::kRecovered, 0};
  if (text == "healthy") return WaitCondition{Kind::kHealthy, 0};
  for (const auto& [prefix, kind] :
       {std::pair("links=", Kind::kLinks), {"active=", Kind::kActive}}) {
    WaitCondition condition{kind, 0};
    absl::string_view number = text;
    if (absl::ConsumePrefix(&number, prefix) && absl::SimpleAtoi(number, &condition.count)) {
      return condition;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("cannot wait for \"", text, "\": give --for running, connected, gone, links=N, ",
                   "leader, recovered, healthy or active=N"));
}

bool IsMet(const WaitCondition& condition, const WaitObservation& observation) {
  switch (condition.kind) {
    case WaitCondition::Kind::kRunning:
      return observation.answers && observation.running;
    case WaitCondition::Kind::kConnected:
      return observation.answers && observation.connected == observation.peers;
    case WaitCondition::Kind::kGone:
      return !observation.answers;
    case WaitCondition::Kind::kLinks:
      return observation.answers && observation.connected >= condition.count;
    case WaitCondition::Kind::kLeader:
      return observation.has_cluster && observation.leader.has_value();
    case WaitCondition::Kind::kRecovered:
      return observation.has_cluster && observation.settled;
    case WaitCondition::Kind::kHealthy:
      return observation.has_cluster && observation.healthy;
    case WaitCondition::Kind::kActive:
      return observation.has_cluster && observation.active == condition.count;
  }
  return false;
}

std::string Describe(const WaitObservation& observation) {
  if (!observation.answers) return absl::StrCat("no answer: ", observation.why);
  std::string text =
      absl::StrCat(observation.running ? "running" : "not yet running", ", linked to ",
                   observation.connected, " of ", observation.peers, " other nodes");
  if (!observation.has_cluster) return absl::StrCat(text, ", no cluster service");
  const std::string leader = observation.leader.has_value()
                                 ? absl::StrCat("leader ", *observation.leader)
                                 : std::string("no leader");
  return absl::StrCat(text, ", ", observation.flags, ", ", leader, ", ", observation.active,
                      " active, ", observation.settled ? "settled" : "not settled");
}

}  // namespace ctdb::cli
