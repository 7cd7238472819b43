// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database_codec: the proxy's requests to database services (capnp/database.capnp) from values, and
// their answers as values.
//
//   Ownership:  values are copies.
//   Threading:  pure functions.
//   Errors:     an answer that makes no sense becomes a status, as one that is a failure does.
//   Blocking:   never.
//   Limits:     those of the packets.
//
// Example:
//   EncodeRequest(request, packet.initRequest());
//   const DatabaseAnswer answer = DecodeAnswer(packet.getAnswer());

#ifndef LIB_SAMBA_IO_DATABASE_CODEC_H_
#define LIB_SAMBA_IO_DATABASE_CODEC_H_

#include <cstddef>
#include <string>

#include "capnp/database.capnp.h"
#include "lib/samba/session/database_request.h"

namespace ctdb::samba {

// Not for ListDatabases and AskCounts, which are no packets.
void EncodeRequest(const DatabaseRequest& request, wire::ClientRequest::Builder out);
// The writes of a commit that does not fit into a packet, in the form in which they go before it;
// empty: it fits.
std::string BodyOf(const CommitRecords& request);
// The next part of the body, of which the service has taken so many bytes, or the commit itself.
void EncodeLargeCommit(const CommitRecords& request, const std::string& body, size_t taken,
                       wire::ClientRequest::Builder out);
// Within ReadPayload().
DatabaseAnswer DecodeAnswer(wire::ClientAnswer::Reader in);
AwaitedRecord DecodeAwaited(wire::ClientAnswer::Awaited::Reader in);
DatabaseInfo DecodeInfo(wire::DatabaseInfo::Reader in);

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_IO_DATABASE_CODEC_H_
