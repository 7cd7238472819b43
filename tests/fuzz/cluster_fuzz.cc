// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster_fuzz: any bytes as a frame for the cluster service. Whatever is accepted means the same
// when it is written and read again.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "lib/cluster/codec.h"
#include "lib/protocol/packet.h"

namespace ctdb::cluster {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

absl::StatusOr<ClusterMessage> Decode(Bytes frame) {
  absl::StatusOr<ClusterMessage> message = absl::InternalError("nothing was read");
  const absl::Status status = ReadPayload([&] {
    PacketReader reader(frame);
    message = DecodeMessage(reader.payload().getAs<wire::ClusterPacket>());
    return message.status();
  });
  if (!status.ok()) return status;
  return message;
}

void CheckMessage(const ClusterMessage& message) {
  PacketWriter writer;
  auto packet = writer.Begin(Envelope{}).getPayload().initAs<wire::ClusterPacket>();
  std::visit([&](const auto& one) { EncodeMessage(one, packet); }, message);
  const absl::StatusOr<Bytes> written = writer.Finish();
  Require(written.ok());
  const absl::StatusOr<ClusterMessage> again = Decode(*written);
  Require(again.ok() && *again == message);
}

void CheckFrame(const uint8_t* data, size_t size) {
  // Words, because frames are aligned.
  std::vector<uint64_t> words((size + 7) / 8);
  if (size > 0) std::memcpy(words.data(), data, size);
  const Bytes rest(reinterpret_cast<const std::byte*>(words.data()), size);
  const absl::StatusOr<size_t> bytes = FrameBytes(rest);
  if (!bytes.ok() || *bytes == 0 || *bytes > rest.size()) return;
  const Bytes frame = rest.subspan(0, *bytes);
  if (!DecodeEnvelope(frame).ok()) return;
  const absl::StatusOr<ClusterMessage> message = Decode(frame);
  if (message.ok()) CheckMessage(*message);
}

}  // namespace
}  // namespace ctdb::cluster

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ctdb::cluster::CheckFrame(data, size);
  return 0;
}
