// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/wait_condition.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace ctdb::cli {

absl::StatusOr<WaitCondition> ParseWaitCondition(absl::string_view text) {
  using Kind = WaitCondition::Kind;
  if (text == "running") return WaitCondition{Kind::kRunning, 0};
  if (text == "connected") return WaitCondition{Kind::kConnected, 0};
  if (text == "gone") return WaitCondition{Kind::kGone, 0};
  WaitCondition condition{Kind::kLinks, 0};
  absl::string_view number = text;
  if (absl::ConsumePrefix(&number, "links=") && absl::SimpleAtoi(number, &condition.links)) {
    return condition;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "cannot wait for \"", text, "\": give --for running, connected, gone or links=N"));
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
      return observation.answers && observation.connected >= condition.links;
  }
  return false;
}

std::string Describe(const WaitObservation& observation) {
  if (!observation.answers) return absl::StrCat("no answer: ", observation.why);
  return absl::StrCat(observation.running ? "running" : "not yet running", ", linked to ",
                      observation.connected, " of ", observation.peers, " other nodes");
}

}  // namespace ctdb::cli
