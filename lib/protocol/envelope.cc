// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/protocol/envelope.h"

#include <capnp/message.h>
#include <capnp/serialize.h>

#include "absl/strings/str_cat.h"
#include "capnp/packet.capnp.h"
#include "lib/protocol/limits.h"

namespace ctdb {
namespace {

uint32_t LittleEndian32(const std::byte* bytes) {
  return static_cast<uint32_t>(bytes[0]) | static_cast<uint32_t>(bytes[1]) << 8 |
         static_cast<uint32_t>(bytes[2]) << 16 | static_cast<uint32_t>(bytes[3]) << 24;
}

Envelope FromWire(wire::Packet::Reader packet) {
  Envelope envelope;
  envelope.major_version = packet.getMajorVersion();
  envelope.minor_version = packet.getMinorVersion();
  envelope.kind = static_cast<PacketKind>(packet.getKind());
  envelope.is_bulk = packet.getBulk();
  envelope.source = {NodeNumber(packet.getSourceNode()),
                     static_cast<ServiceId>(packet.getSourceService()),
                     InstanceNumber(packet.getSourceInstance())};
  envelope.destination = {NodeNumber(packet.getDestinationNode()),
                          static_cast<ServiceId>(packet.getDestinationService()),
                          InstanceNumber(packet.getDestinationInstance())};
  envelope.channel = packet.getChannel();
  envelope.request_id = packet.getRequestId();
  return envelope;
}

}  // namespace

absl::StatusOr<size_t> FrameBytes(Bytes received) {
  if (received.size() < kFramePrefixBytes) return 0;
  if (LittleEndian32(received.data()) != 0) {
    return absl::InvalidArgumentError("not a packet: its first four bytes are not zero");
  }
  const size_t bytes = kFramePrefixBytes + size_t{8} * LittleEndian32(received.data() + 4);
  if (bytes < kFrameBytesMin || bytes > kFrameBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("not a packet: its size is given as ", bytes,
                                                   " bytes, allowed are ", kFrameBytesMin, " to ",
                                                   kFrameBytesMax));
  }
  return bytes;
}

absl::StatusOr<Envelope> DecodeEnvelope(Bytes frame) {
  const auto* words = reinterpret_cast<const capnp::word*>(frame.data());
  try {
    capnp::FlatArrayMessageReader reader(kj::arrayPtr(words, frame.size() / sizeof(capnp::word)));
    const Envelope envelope = FromWire(reader.getRoot<wire::Packet>());
    if (envelope.major_version != kProtocolMajor) {
      return absl::FailedPreconditionError(
          absl::StrCat("protocol version ", envelope.major_version, ".", envelope.minor_version,
                       " is not compatible with version ", kProtocolMajor, ".", kProtocolMinor,
                       " here: upgrade the older side"));
    }
    return envelope;
  } catch (const kj::Exception& exception) {
    return absl::InvalidArgumentError(
        absl::StrCat("not a packet: ", exception.getDescription().cStr()));
  }
}

}  // namespace ctdb
