// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// plain_endpoint: an endpoint without an event loop: a socket, a greeting, frames out and in. For
// programs with a loop of their own, tools, tests and benchmarks.
//
//   Ownership:  owns its socket; a received frame is valid until the next Receive().
//   Threading:  one thread at a time.
//   Errors:     Unavailable when the transport is gone, DeadlineExceeded, or the transport's reason
//               for a refusal.
//   Blocking:   Connect(), Flush() and Receive(), until their time limit.
//   Limits:     lib/protocol/limits.h; Queue() holds what Flush() has not written.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto endpoint, PlainEndpoint::Connect(ConnectUnix(path), {"tool"}));
//   endpoint->Queue(frame);
//   CTDB_RETURN_IF_ERROR(endpoint->Flush(absl::Seconds(1)));
//   CTDB_ASSIGN_OR_RETURN(Bytes answer, endpoint->Receive(absl::Seconds(1)));

#ifndef LIB_TRANSPORT_IO_PLAIN_ENDPOINT_H_
#define LIB_TRANSPORT_IO_PLAIN_ENDPOINT_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/base/io/unique_fd.h"
#include "lib/protocol/packet.h"
#include "lib/transport/greeting.h"

namespace ctdb {

class PlainEndpoint {
 public:
  // `fd`: a connected, non-blocking socket, or why there is none.
  static absl::StatusOr<std::unique_ptr<PlainEndpoint>> Connect(
      absl::StatusOr<UniqueFd> fd, const EndpointHello& hello,
      absl::Duration timeout = absl::Seconds(5));

  Address address() const { return address_; }
  int fd() const { return fd_.get(); }

  // An envelope from this endpoint to `destination`.
  Envelope To(const Address& destination, PacketKind kind) const;

  void Queue(Bytes frame) { out_.insert(out_.end(), frame.begin(), frame.end()); }
  size_t queued_bytes() const { return out_.size(); }
  absl::Status Flush(absl::Duration timeout);
  // The next frame.
  absl::StatusOr<Bytes> Receive(absl::Duration timeout);

  // Queue() and Flush() of a control packet to this endpoint's transport.
  absl::Status Subscribe(ChannelId channel);

 private:
  explicit PlainEndpoint(UniqueFd fd);
  absl::Status Wait(short events, absl::Duration timeout);

  UniqueFd fd_;
  Address address_;
  PacketWriter writer_;
  std::vector<std::byte> out_;
  std::vector<uint64_t> in_;  // Words, for the alignment of frames.
  size_t in_begin_ = 0;       // Bytes.
  size_t in_end_ = 0;
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_IO_PLAIN_ENDPOINT_H_
