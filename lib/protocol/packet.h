// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// packet: builds and reads whole packets: an envelope and the payload behind it.
//
//   Ownership:  PacketWriter owns the frame that Finish() returns until the next Begin();
//               PacketReader borrows the frame.
//   Threading:  not thread-safe; one writer per thread, used again and again, allocates nothing for
//               packets that fit its first buffer.
//   Errors:     ResourceExhausted for a packet over kFrameBytesMax, InvalidArgument for a bad one.
//   Blocking:   never.
//   Limits:     lib/protocol/limits.h; reading a payload throws kj::Exception where it is malformed
//               (use Read()).
//
// Example:
//   PacketWriter writer;
//   writer.Begin(envelope).getPayload().initAs<wire::Control>().setSubscribe(channel);
//   CTDB_ASSIGN_OR_RETURN(Bytes frame, writer.Finish());

#ifndef LIB_PROTOCOL_PACKET_H_
#define LIB_PROTOCOL_PACKET_H_

#include <capnp/any.h>
#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "capnp/packet.capnp.h"
#include "lib/base/status_kj.h"
#include "lib/protocol/envelope.h"
#include "lib/protocol/limits.h"

namespace ctdb {

class PacketWriter {
 public:
  // `words`: room for a packet before anything is allocated.
  explicit PacketWriter(size_t words = 256);

  // Starts a packet; the former one is gone.
  wire::Packet::Builder Begin(const Envelope& envelope);

  // The packet being built, valid until the next Begin().
  wire::Packet::Builder packet() { return message_->getRoot<wire::Packet>(); }

  // The finished frame, ready to be sent. A packet with capabilities needs their table, because it
  // may have to be copied into one segment.
  absl::StatusOr<Bytes> Finish(capnp::_::CapTableBuilder* capabilities = nullptr);

  size_t size_words() { return message_->sizeInWords(); }

 private:
  kj::Array<capnp::word> buffer_;  // The prefix, then the first segment.
  kj::Array<capnp::word> flat_;    // A packet that did not fit the first segment.
  std::optional<capnp::MallocMessageBuilder> message_;
};

class PacketReader {
 public:
  // `frame`: one whole frame, aligned to 8 bytes, that DecodeEnvelope() accepted.
  explicit PacketReader(Bytes frame);

  wire::Packet::Reader packet() { return reader_.getRoot<wire::Packet>(); }
  capnp::AnyPointer::Reader payload() { return packet().getPayload(); }

 private:
  capnp::FlatArrayMessageReader reader_;
};

// Calls `read`, which looks into a payload, and turns what it throws about malformed bytes into a
// status. `read` returns absl::Status.
template <typename Function>
absl::Status ReadPayload(Function&& read) {
  try {
    return std::forward<Function>(read)();
  } catch (const kj::Exception& exception) {
    return absl::InvalidArgumentError(ToStatus(exception).message());
  }
}

}  // namespace ctdb

#endif  // LIB_PROTOCOL_PACKET_H_
