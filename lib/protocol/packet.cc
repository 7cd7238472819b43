// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/protocol/packet.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace ctdb {
namespace {

void WritePrefix(capnp::word* prefix, size_t words) {
  auto* bytes = reinterpret_cast<unsigned char*>(prefix);
  std::memset(bytes, 0, 4);
  for (int i = 0; i < 4; ++i) bytes[4 + i] = static_cast<unsigned char>(words >> (8 * i));
}

Bytes AsBytes(const capnp::word* words, size_t count) {
  return Bytes(reinterpret_cast<const std::byte*>(words), count * sizeof(capnp::word));
}

capnp::ReaderOptions LimitsFor(size_t frame_bytes) {
  capnp::ReaderOptions options;
  options.traversalLimitInWords =
      std::max(frame_bytes * kTraversalFactor, kTraversalBytesMin) / sizeof(capnp::word);
  options.nestingLimit = kNestingMax;
  return options;
}

}  // namespace

PacketWriter::PacketWriter(size_t words) : buffer_(kj::heapArray<capnp::word>(words + 1)) {
  std::memset(buffer_.begin(), 0, buffer_.size() * sizeof(capnp::word));
}

wire::Packet::Builder PacketWriter::Begin(const Envelope& envelope) {
  message_.reset();  // Zeroes what it used of the buffer.
  message_.emplace(buffer_.slice(1, buffer_.size()));
  auto packet = message_->initRoot<wire::Packet>();
  packet.setMajorVersion(envelope.major_version);
  packet.setMinorVersion(envelope.minor_version);
  packet.setKind(static_cast<wire::Kind>(envelope.kind));
  packet.setBulk(envelope.is_bulk);
  packet.setSourceNode(envelope.source.node.value());
  packet.setSourceService(static_cast<uint16_t>(envelope.source.service));
  packet.setSourceInstance(envelope.source.instance.value());
  packet.setDestinationNode(envelope.destination.node.value());
  packet.setDestinationService(static_cast<uint16_t>(envelope.destination.service));
  packet.setDestinationInstance(envelope.destination.instance.value());
  packet.setChannel(envelope.channel);
  packet.setRequestId(envelope.request_id);
  return packet;
}

absl::StatusOr<Bytes> PacketWriter::Finish(capnp::_::CapTableBuilder* capabilities) {
  const auto segments = message_->getSegmentsForOutput();
  const bool fits = segments.size() == 1;
  // A frame has one segment; a packet that outgrew it is copied into one that is large enough.
  const size_t words = fits ? segments[0].size() : message_->sizeInWords() + 1;
  const size_t bytes = kFramePrefixBytes + words * sizeof(capnp::word);
  if (bytes > kFrameBytesMax) {
    return absl::ResourceExhaustedError(absl::StrCat("packet of ", bytes,
                                                     " bytes is over the limit of ", kFrameBytesMax,
                                                     ": send it as a stream"));
  }
  if (fits) {
    WritePrefix(buffer_.begin(), words);
    return AsBytes(buffer_.begin(), words + 1);
  }
  capnp::MallocMessageBuilder copy(static_cast<uint32_t>(words),
                                   capnp::AllocationStrategy::FIXED_SIZE);
  using Pointers = capnp::_::PointerHelpers<capnp::AnyPointer>;
  auto to = Pointers::getInternalBuilder(copy.getRoot<capnp::AnyPointer>());
  auto from = Pointers::getInternalReader(message_->getRoot<capnp::AnyPointer>().asReader());
  if (capabilities != nullptr) {
    to = to.imbue(capabilities);
    from = from.imbue(capabilities);
  }
  capnp::AnyPointer::Builder(to).set(capnp::AnyPointer::Reader(from));
  const auto copied = copy.getSegmentsForOutput();
  if (copied.size() != 1) return absl::InternalError("a packet does not fit its own size");
  flat_ = kj::heapArray<capnp::word>(copied[0].size() + 1);
  std::memcpy(flat_.begin() + 1, copied[0].begin(), copied[0].asBytes().size());
  WritePrefix(flat_.begin(), copied[0].size());
  return AsBytes(flat_.begin(), flat_.size());
}

PacketReader::PacketReader(Bytes frame)
    : reader_(kj::arrayPtr(reinterpret_cast<const capnp::word*>(frame.data()),
                           frame.size() / sizeof(capnp::word)),
              LimitsFor(frame.size())) {}

}  // namespace ctdb
