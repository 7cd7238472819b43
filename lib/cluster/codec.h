// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// codec: messages between cluster services as payloads of packets (ClusterPacket in
// capnp/membership.capnp), and back. What comes from outside is checked here, once.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument: what is malformed or out of bounds; a message of a kind that this
//               version does not know is Unimplemented.
//   Blocking:   never.
//   Limits:     nodes below kNodesMax, texts of kPeerTextBytesMax, rounds of kRoundMax / 2.
//
// Example:
//   EncodeMessage(message, payload.initAs<wire::ClusterPacket>());
//   CTDB_ASSIGN_OR_RETURN(ClusterMessage message, DecodeMessage(payload));

#ifndef LIB_CLUSTER_CODEC_H_
#define LIB_CLUSTER_CODEC_H_

#include <variant>

#include "absl/status/statusor.h"
#include "capnp/membership.capnp.h"
#include "lib/cluster/message.h"

namespace ctdb::cluster {

using ClusterMessage = std::variant<EngineMessage, MembershipMessage>;

void EncodeMessage(const EngineMessage& message, wire::ClusterPacket::Builder out);
void EncodeMessage(const MembershipMessage& message, wire::ClusterPacket::Builder out);
absl::StatusOr<ClusterMessage> DecodeMessage(wire::ClusterPacket::Reader packet);

// Parts of it that other interfaces show, too.
void EncodeState(const NodeState& state, wire::NodeState::Builder out);
void EncodeView(const View& view, wire::View::Builder out);
absl::StatusOr<View> DecodeView(wire::View::Reader in);

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_CODEC_H_
