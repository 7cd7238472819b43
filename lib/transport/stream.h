// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// stream: bulk data in bounded memory. The receiver grants credit as a running total of bytes; the
// sender never has more on the way than was granted. Steps on the wire: StreamFrame in
// capnp/packet.capnp.
//
//   Ownership:  values; the bytes are the caller's.
//   Threading:  not thread-safe.
//   Errors:     InvalidArgument where the other side broke the rules: the stream is then aborted.
//   Blocking:   never.
//   Limits:     chunks of kStreamChunkBytesMax; the window is the receiver's memory per stream.
//
// Example, sender:
//   while (sender.SendableBytes() > 0) {
//     Bytes piece = Read(sender.SendableBytes());
//     Send(chunk at sender.offset(), piece);
//     sender.OnSent(piece.size());
//   }
//
// Example, receiver:
//   Send(credit = receiver.credit());
//   CTDB_RETURN_IF_ERROR(receiver.OnChunk(offset, bytes.size()));
//   Write(bytes);
//   if (auto credit = receiver.OnConsumed(bytes.size())) Send(*credit);

#ifndef LIB_TRANSPORT_STREAM_H_
#define LIB_TRANSPORT_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"

namespace ctdb {

// Enough to keep a 10 Gbit/s link with 0.5 ms round trip busy, little enough to delay nobody.
inline constexpr uint64_t kStreamWindowBytes = uint64_t{1} << 19;

class StreamSender {
 public:
  // How many bytes the next chunk may have; 0 until more credit comes.
  size_t SendableBytes() const;
  uint64_t offset() const { return offset_; }

  void OnSent(size_t bytes) { offset_ += bytes; }
  // Credit only grows; a grant that arrives late or twice changes nothing.
  void OnCredit(uint64_t granted);

 private:
  uint64_t offset_ = 0;
  uint64_t granted_ = 0;
};

class StreamReceiver {
 public:
  explicit StreamReceiver(uint64_t window_bytes = kStreamWindowBytes)
      : window_(window_bytes), granted_(window_bytes) {}

  // What was granted so far; to be sent when the stream is accepted.
  uint64_t credit() const { return granted_; }
  uint64_t received() const { return received_; }

  absl::Status OnChunk(uint64_t offset, size_t bytes);
  // `bytes` received earlier are dealt with. Returns a new grant when it is worth a packet.
  std::optional<uint64_t> OnConsumed(size_t bytes);
  absl::Status OnEnd(uint64_t total) const;

 private:
  uint64_t window_;
  uint64_t granted_;
  uint64_t received_ = 0;
  uint64_t consumed_ = 0;
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_STREAM_H_
