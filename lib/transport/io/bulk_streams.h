// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// bulk_streams: moves much data from one endpoint to another in bounded memory, behind everything
// that is not bulk. The sender offers a stream by name; the receiver takes it by giving a place to
// write to, or refuses. At most kStreamWindowBytes of a stream are on the way.
//
// One object per endpoint serves all of its streams (packets of kind stream, capnp/packet.capnp).
// The receiver of a stream sets the highest bit of the channel in what it sends, as RPC sessions do.
//
//   Ownership:  the endpoint must outlive it; Send() borrows the source until its promise is done.
//   Threading:  belongs to the event loop's thread.
//   Errors:     Send() is rejected with the other side's refusal, or DISCONNECTED when it, its node
//               or the transport is lost. A received stream that breaks off is destroyed unfinished:
//               its on_end says why.
//   Blocking:   never.
//   Limits:     kBulkStreamsMax received streams at a time.
//
// Example:
//   BulkStreams streams(endpoint);
//   streams.OnOffer([&](const BulkStreams::Offer& offer) -> absl::StatusOr<BulkStreams::Sink> {
//     return BulkStreams::Sink{.output = OpenFile(offer.name)};
//   });
//   streams.Send(peer, "backup", size, *input).wait(wait_scope);

#ifndef LIB_TRANSPORT_IO_BULK_STREAMS_H_
#define LIB_TRANSPORT_IO_BULK_STREAMS_H_

#include <kj/async-io.h>

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/transport/io/endpoint.h"
#include "lib/transport/stream.h"

namespace ctdb {

inline constexpr size_t kBulkStreamsMax = 256;

class BulkStreams : private Endpoint::Observer, private kj::TaskSet::ErrorHandler {
 public:
  struct Offer {
    Address from;
    std::string name;
    uint64_t bytes_total;  // 0 when the sender does not know.
  };
  struct Sink {
    kj::Own<kj::AsyncOutputStream> output;
    // How it ended: OK when everything was written.
    std::function<void(const absl::Status&)> on_end = {};
  };

  explicit BulkStreams(Endpoint& endpoint);
  ~BulkStreams() noexcept;

  // Asked for every offer; without it all are refused.
  void OnOffer(std::function<absl::StatusOr<Sink>(const Offer&)> accept);

  // Sends everything that `source` gives. Done when the receiver has written all of it.
  kj::Promise<void> Send(const Address& to, absl::string_view name, uint64_t bytes_total,
                         kj::AsyncInputStream& source);

 private:
  class Outgoing;
  class Incoming;
  using IncomingKey = std::pair<Address, uint64_t>;

  void taskFailed(kj::Exception&& exception) override;
  void OnPacket(const Envelope& envelope, Bytes frame);
  void OnOpen(const Envelope& envelope, wire::StreamFrame::Reader frame);
  template <typename Fill>
  absl::Status SendFrame(const Address& to, uint64_t channel, bool is_bulk, Fill&& fill);
  void SendAbort(const Address& to, uint64_t channel, const absl::Status& why);
  template <typename Predicate>
  void EndStreams(Predicate predicate, const absl::Status& why);
  void Drop(const IncomingKey& key, const absl::Status& why);

  void OnDisconnected(const absl::Status& why) override;
  void OnUndeliverable(const Endpoint::Undeliverable& report) override;
  void OnEndpointGone(const Address& address) override;
  void OnNodeDown(NodeNumber node) override;

  Endpoint& endpoint_;
  std::function<absl::StatusOr<Sink>(const Offer&)> accept_;
  uint64_t next_channel_ = 1;
  std::map<uint64_t, Outgoing*> outgoing_;
  std::map<IncomingKey, kj::Own<Incoming>> incoming_;
  kj::TaskSet tasks_;
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_IO_BULK_STREAMS_H_
