// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// envelope: what a router knows of a packet: kind, source, destination. Layout and framing are
// those of capnp/packet.capnp.
//
//   Ownership:  values; bytes stay the caller's.
//   Threading:  pure functions.
//   Errors:     InvalidArgument for bytes that are no packet, FailedPrecondition for another major
//               version; the text is fit for one log line.
//   Blocking:   never; allocates nothing unless there is an error.
//   Limits:     kFrameBytesMin to kFrameBytesMax.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(size_t size, FrameBytes(received));
//   if (size == 0 || size > received.size()) return;  // wait for more
//   CTDB_ASSIGN_OR_RETURN(Envelope envelope, DecodeEnvelope(received.subspan(0, size)));

#ifndef LIB_PROTOCOL_ENVELOPE_H_
#define LIB_PROTOCOL_ENVELOPE_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lib/base/ids.h"
#include "lib/protocol/address.h"
#include "lib/protocol/version.h"

namespace ctdb {

using Bytes = absl::Span<const std::byte>;

// The values are those of `Kind` in capnp/packet.capnp; a newer peer may send others.
enum class PacketKind : uint16_t {
  kHandshake = 0,
  kControl = 1,
  kNotice = 2,
  kRpc = 3,
  kData = 4,
  kMessage = 5,
  kStream = 6,
};

struct Envelope {
  uint8_t major_version = kProtocolMajor;
  uint8_t minor_version = kProtocolMinor;
  PacketKind kind = PacketKind::kData;
  bool is_bulk = false;
  Address source;
  Address destination;
  uint64_t channel = 0;  // Message channel, RPC session or stream.
  uint64_t request_id = 0;
};

// Size in bytes of the frame that begins here, prefix included; 0 when fewer than
// kFramePrefixBytes are there to tell.
absl::StatusOr<size_t> FrameBytes(Bytes received);

// Reads the envelope of one whole frame, aligned to 8 bytes.
absl::StatusOr<Envelope> DecodeEnvelope(Bytes frame);

}  // namespace ctdb

#endif  // LIB_PROTOCOL_ENVELOPE_H_
