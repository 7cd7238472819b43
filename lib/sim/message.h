// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// message: what simulated nodes send to each other. Another state machine adds its variant here.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   ++counts[static_cast<size_t>(KindOf(message))];

#ifndef LIB_SIM_MESSAGE_H_
#define LIB_SIM_MESSAGE_H_

#include <array>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "lib/cluster/message.h"

namespace ctdb::sim {

using Message = std::variant<cluster::EngineMessage, cluster::MembershipMessage>;

// In the order of the variants.
enum class MessageKind {
  kAlive,
  kVoteRequest,
  kVoteReply,
  kBeat,
  kBeatReply,
  kResign,
  kNodeState,
  kView,
  kBanOrder,
  kBlameReport,
};
inline constexpr size_t kMessageKinds = 10;
using MessageCounts = std::array<uint64_t, kMessageKinds>;

MessageKind KindOf(const Message& message);
absl::string_view MessageKindName(MessageKind kind);
// For traces; empty for what comes several times per second.
std::string Describe(const Message& message);

}  // namespace ctdb::sim

#endif  // LIB_SIM_MESSAGE_H_
