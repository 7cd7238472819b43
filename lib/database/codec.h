// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// codec: the messages of this module as capnp/database.capnp has them.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument for what no node of any version sends: a key that is none, a time
//               below zero, an unknown kind.
//   Blocking:   never.
//   Limits:     keys and values of lib/store/record.h.
//
// Example:
//   EncodeMessage(send.message, packet.initRecord());
//   CTDB_ASSIGN_OR_RETURN(Message message, DecodeMessage(packet.getRecord()));

#ifndef LIB_DATABASE_CODEC_H_
#define LIB_DATABASE_CODEC_H_

#include "absl/status/statusor.h"
#include "capnp/database.capnp.h"
#include "lib/database/messages.h"

namespace ctdb::database {

void EncodeMessage(const Message& message, wire::RecordMessage::Builder out);
absl::StatusOr<Message> DecodeMessage(wire::RecordMessage::Reader in);

}  // namespace ctdb::database

#endif  // LIB_DATABASE_CODEC_H_
