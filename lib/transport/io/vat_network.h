// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// vat_network: Cap'n Proto RPC over packets. Every endpoint is a vat, its address the vat id. One
// RPC connection is a *session*: packets of kind rpc with the same channel between the same two
// endpoints; the side that accepted a session sets the channel's highest bit in what it sends.
// A session ends, and every call in it fails with DISCONNECTED, when a packet of it is
// undeliverable, when the other endpoint or its node is gone, or when this endpoint loses its
// transport.
//
//   Ownership:  the endpoint must outlive it; it must outlive the RpcSystem that uses it.
//   Threading:  belongs to the event loop's thread.
//   Errors:     kj::Exception, as RPC wants them; ToStatus() tells the cause.
//   Blocking:   never.
//   Limits:     kSessionsMax accepted sessions, kSessionQueueBytesMax unread bytes in each,
//               messages of kFrameBytesMax.
//
// Example:
//   RpcEndpoint rpc(endpoint, kj::heap<MasterImpl>(...));
//   capnp::Capability::Client service = rpc.Bootstrap({kThisNode, ServiceId::kTransport, {}});
//   auto transport = service.castAs<wire::Transport>();

#ifndef LIB_TRANSPORT_IO_VAT_NETWORK_H_
#define LIB_TRANSPORT_IO_VAT_NETWORK_H_

#include <capnp/rpc.h>

#include <map>
#include <utility>

#include "capnp/types.capnp.h"
#include "capnp/vat.capnp.h"
#include "lib/transport/io/endpoint.h"

namespace ctdb {

inline constexpr size_t kSessionsMax = 20000;
inline constexpr size_t kSessionQueueBytesMax = size_t{16} << 20;

using PacketVats = capnp::VatNetwork<wire::Address, wire::ProvisionId, wire::RecipientId,
                                     wire::ThirdPartyCapId, wire::JoinResult>;

class PacketVatNetwork : public PacketVats, private Endpoint::Observer {
 public:
  // `on_session_end` is told whom a session that this side began was with.
  PacketVatNetwork(Endpoint& endpoint, std::function<void(const Address&)> on_session_end);
  ~PacketVatNetwork() noexcept override;

  // Sessions that have not ended.
  size_t session_count() const { return begun_.size() + accepted_.size(); }

  // Whether a session with `address` that this side began works.
  bool HasBegun(const Address& address) const;

  kj::Maybe<kj::Own<Connection>> connect(wire::Address::Reader vat) override;
  kj::Promise<kj::Own<Connection>> accept() override;

 private:
  class Session;
  // Who the session is with, and its channel as that side sends it.
  using SessionKey = std::pair<Address, uint64_t>;

  void OnRpcPacket(const Envelope& envelope, Bytes frame);
  Session* FindOrAccept(const Envelope& envelope);
  // Whether a packet to `asked` may have reached `actual`.
  bool MayBe(const Address& asked, const Address& actual) const;
  template <typename Predicate>
  void EndSessions(Predicate predicate, const absl::Status& why);

  void OnDisconnected(const absl::Status& why) override;
  void OnUndeliverable(const Endpoint::Undeliverable& report) override;
  void OnEndpointGone(const Address& address) override;
  void OnNodeDown(NodeNumber node) override;

  Endpoint& endpoint_;
  std::function<void(const Address&)> on_session_end_;
  uint64_t next_channel_ = 1;
  std::map<uint64_t, Session*> begun_;  // By channel.
  std::map<SessionKey, Session*> accepted_;
  std::vector<kj::Own<Session>> to_accept_;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<kj::Own<Connection>>>> acceptor_;
};

// An endpoint's RPC: what it offers and its way to others.
class RpcEndpoint {
 public:
  // `bootstrap`: what others get when they ask for this service.
  RpcEndpoint(Endpoint& endpoint, capnp::Capability::Client bootstrap);
  ~RpcEndpoint();

  // The interface of the service at `address`. Calls fail with DISCONNECTED while it is not there;
  // ask again for it then.
  capnp::Capability::Client Bootstrap(const Address& address);

  size_t session_count() const { return network_.session_count(); }

 private:
  std::map<Address, capnp::Capability::Client> known_;  // One session per service, not per call.
  PacketVatNetwork network_;
  capnp::RpcSystem<wire::Address> system_;
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_IO_VAT_NETWORK_H_
