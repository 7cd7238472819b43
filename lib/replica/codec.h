// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// codec: the messages of this module as capnp/replica.capnp has them.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument for what no node of any version sends.
//   Blocking:   never.
//   Limits:     limits.h.
//
// Example:
//   EncodeMessage(message, packet.initReplica());
//   CTDB_ASSIGN_OR_RETURN(Message message, DecodeMessage(packet.getReplica()));

#ifndef LIB_REPLICA_CODEC_H_
#define LIB_REPLICA_CODEC_H_

#include "absl/status/statusor.h"
#include "capnp/database.capnp.h"
#include "capnp/replica.capnp.h"
#include "lib/replica/messages.h"

namespace ctdb::replica {

void EncodeMessage(const Message& message, wire::ReplicaMessage::Builder out);
absl::StatusOr<Message> DecodeMessage(wire::ReplicaMessage::Reader in);

// What clients and their node's service say.
absl::StatusOr<Transaction> DecodeTransaction(wire::ClientTransaction::Reader in);
void EncodePosition(const Position& position, wire::LogPosition::Builder out);
Position DecodePosition(wire::LogPosition::Reader in);
Token DecodeToken(wire::TransactionToken::Reader in);

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_CODEC_H_
