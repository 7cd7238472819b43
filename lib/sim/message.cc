// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/message.h"

#include "absl/strings/str_cat.h"

namespace ctdb::sim {
namespace {

std::string BallotText(cluster::Ballot ballot) {
  return absl::StrCat(cluster::RoundOf(ballot), ".", cluster::NodeOf(ballot).value());
}

std::string Describe(const cluster::MembershipMessage& message) {
  if (std::holds_alternative<cluster::NodeState>(message)) return "";
  if (const auto* view = std::get_if<cluster::View>(&message)) {
    return absl::StrCat("view ", view->epoch.value(), view->is_settled ? ", settled" : "");
  }
  if (const auto* order = std::get_if<cluster::BanOrder>(&message)) {
    return absl::StrCat("ban order of epoch ", order->epoch.value());
  }
  const auto& blame = std::get<cluster::BlameReport>(message);
  return absl::StrCat("blames node ", blame.node.value(), " ", blame.credits, " times");
}

}  // namespace

MessageKind KindOf(const Message& message) {
  const auto* engine = std::get_if<cluster::EngineMessage>(&message);
  const size_t kind = engine != nullptr ? engine->index()
                                        : std::variant_size_v<cluster::EngineMessage> +
                                              std::get<cluster::MembershipMessage>(message).index();
  static_assert(std::variant_size_v<cluster::EngineMessage> +
                    std::variant_size_v<cluster::MembershipMessage> ==
                kMessageKinds);
  return static_cast<MessageKind>(kind);
}

absl::string_view MessageKindName(MessageKind kind) {
  static constexpr absl::string_view kNames[kMessageKinds] = {
      "alive",  "vote request", "vote reply", "beat",      "beat reply",
      "resign", "node state",   "view",       "ban order", "blame report"};
  return kNames[static_cast<size_t>(kind)];
}

std::string Describe(const Message& message) {
  const auto* engine = std::get_if<cluster::EngineMessage>(&message);
  if (engine == nullptr) return Describe(std::get<cluster::MembershipMessage>(message));
  if (const auto* request = std::get_if<cluster::VoteRequest>(engine)) {
    return absl::StrCat(request->is_trial ? "trial " : "vote request ",
                        BallotText(request->ballot));
  }
  if (const auto* reply = std::get_if<cluster::VoteReply>(engine)) {
    return absl::StrCat(reply->is_granted ? "yes to " : "no to ",
                        reply->is_trial ? "trial " : "vote request ", BallotText(reply->ballot),
                        ", highest ", BallotText(reply->highest));
  }
  if (const auto* reply = std::get_if<cluster::BeatReply>(engine)) {
    if (reply->is_accepted) return "";
    return absl::StrCat("refused beat ", BallotText(reply->ballot), ", highest ",
                        BallotText(reply->highest));
  }
  if (const auto* resign = std::get_if<cluster::Resign>(engine)) {
    return absl::StrCat("resign ", BallotText(resign->ballot));
  }
  return "";
}

}  // namespace ctdb::sim
