// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// codec: what proxies of different nodes send each other (capnp/samba.capnp) from values, and
// values from it.
//
//   Ownership:  values are copies.
//   Threading:  pure functions.
//   Errors:     InvalidArgument for bytes that are no item.
//   Blocking:   never.
//   Limits:     PeerLink::kItemBytesMax for an item.
//
// Example:
//   link.Send(EncodeItem(NodeMessage{srvid, data}));
//   CTDB_ASSIGN_OR_RETURN(const NodeItem item, DecodeItem(bytes));

#ifndef LIB_SAMBA_SESSION_CODEC_H_
#define LIB_SAMBA_SESSION_CODEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "capnp/samba.capnp.h"
#include "lib/samba/session/node_item.h"
#include "lib/samba/session/peer_link.h"

namespace ctdb::samba {

std::string EncodeItem(const NodeItem& item);
absl::StatusOr<NodeItem> DecodeItem(absl::string_view bytes);

void EncodeChunk(const Chunk& chunk, wire::ProxyChunk::Builder out);
// InvalidArgument for one that no proxy sends. Within ReadPayload().
absl::StatusOr<Chunk> DecodeChunk(wire::ProxyChunk::Reader in);

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_CODEC_H_
