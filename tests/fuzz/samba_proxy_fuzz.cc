// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// samba_proxy_fuzz: any bytes as what another node's proxy sends. Whatever is accepted means the
// same when it is written and read again, and harms no link.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "lib/protocol/packet.h"
#include "lib/samba/session/codec.h"

namespace ctdb::samba {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckItem(absl::string_view bytes) {
  const absl::StatusOr<NodeItem> item = DecodeItem(bytes);
  if (!item.ok()) return;
  const absl::StatusOr<NodeItem> again = DecodeItem(EncodeItem(*item));
  Require(again.ok() && *again == *item);
}

absl::StatusOr<Chunk> ReadChunk(Bytes frame) {
  absl::StatusOr<Chunk> chunk = absl::InternalError("nothing was read");
  const absl::Status status = ReadPayload([&] {
    PacketReader reader(frame);
    chunk = DecodeChunk(reader.payload().getAs<wire::ProxyChunk>());
    return chunk.status();
  });
  if (!status.ok()) return status;
  return chunk;
}

void CheckFrame(const uint8_t* data, size_t size) {
  // Words, because frames are aligned.
  std::vector<uint64_t> words((size + 7) / 8);
  if (size > 0) std::memcpy(words.data(), data, size);
  Bytes rest(reinterpret_cast<const std::byte*>(words.data()), size);
  PeerLink link(1);
  for (;;) {
    const absl::StatusOr<size_t> bytes = FrameBytes(rest);
    if (!bytes.ok() || *bytes == 0 || *bytes > rest.size()) return;
    const Bytes frame = rest.subspan(0, *bytes);
    rest.remove_prefix(*bytes);
    if (!DecodeEnvelope(frame).ok()) return;
    const absl::StatusOr<Chunk> chunk = ReadChunk(frame);
    if (!chunk.ok()) continue;
    for (const std::string& item : link.OnChunk(*chunk)) CheckItem(item);
    link.TakeOutput(Instant{});
  }
}

}  // namespace
}  // namespace ctdb::samba

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ctdb::samba::CheckItem({reinterpret_cast<const char*>(data), size});
  ctdb::samba::CheckFrame(data, size);
  return 0;
}
