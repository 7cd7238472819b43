// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/vat_network.h"

#include <capnp/serialize.h>

#include <algorithm>
#include <cstring>
#include <deque>

#include "absl/strings/str_cat.h"

namespace ctdb {
namespace {

constexpr uint64_t kAcceptedBit = uint64_t{1} << 63;

Address FromWire(wire::Address::Reader address) {
  return {NodeNumber(address.getNode()), static_cast<ServiceId>(address.getService()),
          InstanceNumber(address.getInstance())};
}

void ToWire(const Address& address, wire::Address::Builder out) {
  out.setNode(address.node.value());
  out.setService(static_cast<uint16_t>(address.service));
  out.setInstance(address.instance.value());
}

// RPC has numbered a message's capabilities and lists them in the message itself: when it is copied
// each must keep its number, whatever the order in which they are met.
class SameNumbers final : public capnp::_::CapTableBuilder {
 public:
  kj::Maybe<kj::Own<capnp::ClientHook>> extractCap(uint number) override {
    number_ = number;
    return placeholder_->addRef();
  }
  uint injectCap(kj::Own<capnp::ClientHook>&&) override { return number_; }
  void dropCap(uint) override {}

 private:
  kj::Own<capnp::ClientHook> placeholder_ = capnp::newBrokenCap("a place in a message");
  uint number_ = 0;
};

class IncomingMessage final : public capnp::IncomingRpcMessage {
 public:
  explicit IncomingMessage(Bytes frame)
      : words_(kj::heapArray<capnp::word>(frame.size() / sizeof(capnp::word))) {
    std::memcpy(words_.begin(), frame.data(), frame.size());
    reader_.emplace(Bytes(reinterpret_cast<const std::byte*>(words_.begin()), frame.size()));
  }
  capnp::AnyPointer::Reader getBody() override { return reader_->payload(); }
  size_t sizeInWords() override { return words_.size(); }

 private:
  kj::Array<capnp::word> words_;
  std::optional<PacketReader> reader_;
};

}  // namespace

class PacketVatNetwork::Session final : public PacketVats::Connection {
 public:
  Session(PacketVatNetwork& network, const Address& peer, uint64_t channel, bool is_accepted)
      : network_(&network), peer_(peer), channel_(channel), is_accepted_(is_accepted) {
    ToWire(peer, peer_message_.initRoot<wire::Address>());
  }
  ~Session() { Unregister(); }

  const Address& peer() const { return peer_; }
  // The service itself answered: from now on it is that instance and no successor of it.
  void SetPeer(const Address& peer) { peer_ = peer; }

  void OnMessage(Bytes frame) {
    if (failure_.has_value()) return;
    auto message = kj::heap<IncomingMessage>(frame);
    KJ_IF_MAYBE (fulfiller, receiver_) {
      auto waiting = kj::mv(*fulfiller);
      receiver_ = nullptr;
      waiting->fulfill(kj::Own<capnp::IncomingRpcMessage>(kj::mv(message)));
      return;
    }
    queued_bytes_ += frame.size();
    if (queued_bytes_ > kSessionQueueBytesMax) {
      return End(absl::ResourceExhaustedError("too many RPC messages wait to be handled"));
    }
    queue_.emplace_back(kj::mv(message));
  }

  void End(const absl::Status& why) {
    if (failure_.has_value()) return;
    failure_ = why;
    queue_.clear();
    KJ_IF_MAYBE (fulfiller, receiver_) {
      (*fulfiller)->reject(Failure());
    }
    receiver_ = nullptr;
    Unregister();
  }

  wire::Address::Reader getPeerVatId() override {
    return peer_message_.getRoot<wire::Address>().asReader();
  }

  kj::Own<capnp::OutgoingRpcMessage> newOutgoingMessage(uint first_segment_words) override {
    return kj::heap<OutgoingMessage>(*this, first_segment_words);
  }

  kj::Promise<kj::Maybe<kj::Own<capnp::IncomingRpcMessage>>> receiveIncomingMessage() override {
    if (!queue_.empty()) {
      auto message = kj::mv(queue_.front());
      queue_.pop_front();
      queued_bytes_ -= message->sizeInWords() * sizeof(capnp::word);
      return kj::Maybe<kj::Own<capnp::IncomingRpcMessage>>(kj::mv(message));
    }
    if (failure_.has_value()) return Failure();
    auto paf = kj::newPromiseAndFulfiller<kj::Maybe<kj::Own<capnp::IncomingRpcMessage>>>();
    receiver_ = kj::mv(paf.fulfiller);
    return kj::mv(paf.promise);
  }

  kj::Promise<void> shutdown() override { return kj::READY_NOW; }

 private:
  class OutgoingMessage final : public capnp::OutgoingRpcMessage {
   public:
    OutgoingMessage(Session& session, size_t first_segment_words)
        : session_(session), writer_(first_segment_words == 0 ? 128 : first_segment_words + 32) {
      writer_.Begin(Envelope());
    }
    capnp::AnyPointer::Builder getBody() override { return writer_.packet().getPayload(); }
    size_t sizeInWords() override { return writer_.size_words(); }
    void send() override { session_.Send(writer_); }

   private:
    Session& session_;
    PacketWriter writer_;
  };

  // Always of the type that tells callers that they may try again.
  kj::Exception Failure() const { return ToException(absl::UnavailableError(failure_->message())); }

  void Send(PacketWriter& writer) {
    // Dropping a client releases it with a message, also while the session ends; an exception there
    // would end the program. Callers learn of the end from receiveIncomingMessage().
    if (failure_.has_value()) return;
    Endpoint& endpoint = network_->endpoint_;
    auto packet = writer.packet();
    packet.setKind(wire::Kind::RPC);
    packet.setSourceNode(endpoint.address().node.value());
    packet.setSourceService(static_cast<uint16_t>(endpoint.address().service));
    packet.setSourceInstance(endpoint.address().instance.value());
    packet.setDestinationNode(peer_.node.value());
    packet.setDestinationService(static_cast<uint16_t>(peer_.service));
    packet.setDestinationInstance(peer_.instance.value());
    packet.setChannel(is_accepted_ ? channel_ | kAcceptedBit : channel_);
    SameNumbers capabilities;
    const absl::Status status = endpoint.SendWritten(writer, &capabilities);
    if (status.ok()) return;
    if (writer.size_words() * sizeof(capnp::word) + kFramePrefixBytes <= kFrameBytesMax) {
      return End(status);  // A session with a hole in it is of no use.
    }
    kj::throwFatalException(ToException(status));
  }

  void Unregister() {
    if (network_ == nullptr) return;
    if (is_accepted_) {
      network_->accepted_.erase({peer_, channel_});
    } else {
      network_->begun_.erase(channel_);
      network_->on_session_end_(FromWire(peer_message_.getRoot<wire::Address>().asReader()));
    }
    network_ = nullptr;
  }

  PacketVatNetwork* network_;  // Null once the session ended.
  Address peer_;
  const uint64_t channel_;
  const bool is_accepted_;
  capnp::MallocMessageBuilder peer_message_;
  std::optional<absl::Status> failure_;
  std::deque<kj::Own<capnp::IncomingRpcMessage>> queue_;
  size_t queued_bytes_ = 0;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<kj::Maybe<kj::Own<capnp::IncomingRpcMessage>>>>> receiver_;
};

PacketVatNetwork::PacketVatNetwork(Endpoint& endpoint,
                                   std::function<void(const Address&)> on_session_end)
    : endpoint_(endpoint), on_session_end_(std::move(on_session_end)) {
  endpoint_.AddObserver(this);
  endpoint_.OnPacket(PacketKind::kRpc, [this](const Envelope& envelope, Bytes frame) {
    OnRpcPacket(envelope, frame);
  });
}

PacketVatNetwork::~PacketVatNetwork() noexcept {
  EndSessions([](const Address&) { return true; }, absl::CancelledError("the endpoint closes"));
  endpoint_.OnPacket(PacketKind::kRpc, nullptr);
  endpoint_.RemoveObserver(this);
}

kj::Maybe<kj::Own<PacketVats::Connection>> PacketVatNetwork::connect(wire::Address::Reader vat) {
  Address peer = FromWire(vat);
  const Address& own = endpoint_.address();
  const bool is_here = peer.node == kThisNode || peer.node == own.node;
  if (is_here && peer.service == own.service &&
      (peer.instance == own.instance ||
       (peer.instance.value() == 0 && own.service != ServiceId::kClient))) {
    return nullptr;
  }
  const uint64_t channel = next_channel_++;
  auto session = kj::heap<Session>(*this, peer, channel, /*is_accepted=*/false);
  begun_[channel] = session.get();
  if (!endpoint_.is_connected()) {
    session->End(absl::UnavailableError("not connected to the transport of this node"));
  }
  return kj::Own<Connection>(kj::mv(session));
}

bool PacketVatNetwork::HasBegun(const Address& address) const {
  return std::any_of(begun_.begin(), begun_.end(), [&](const auto& entry) {
    return FromWire(entry.second->getPeerVatId()) == address;
  });
}

kj::Promise<kj::Own<PacketVats::Connection>> PacketVatNetwork::accept() {
  if (!to_accept_.empty()) {
    kj::Own<Connection> session = kj::mv(to_accept_.front());
    to_accept_.erase(to_accept_.begin());
    return kj::mv(session);
  }
  auto paf = kj::newPromiseAndFulfiller<kj::Own<Connection>>();
  acceptor_ = kj::mv(paf.fulfiller);
  return kj::mv(paf.promise);
}

void PacketVatNetwork::OnRpcPacket(const Envelope& envelope, Bytes frame) {
  if (Session* session = FindOrAccept(envelope)) session->OnMessage(frame);
}

PacketVatNetwork::Session* PacketVatNetwork::FindOrAccept(const Envelope& envelope) {
  if ((envelope.channel & kAcceptedBit) != 0) {
    const auto found = begun_.find(envelope.channel & ~kAcceptedBit);
    if (found == begun_.end()) return nullptr;
    Session* session = found->second;
    // Only whom we asked may answer.
    if (!MayBe(session->peer(), envelope.source)) return nullptr;
    session->SetPeer(envelope.source);
    return session;
  }
  const SessionKey key{envelope.source, envelope.channel};
  if (const auto found = accepted_.find(key); found != accepted_.end()) return found->second;
  if (accepted_.size() >= kSessionsMax) return nullptr;
  auto session = kj::heap<Session>(*this, envelope.source, envelope.channel, /*is_accepted=*/true);
  Session* result = session.get();
  accepted_[key] = result;
  KJ_IF_MAYBE (fulfiller, acceptor_) {
    auto waiting = kj::mv(*fulfiller);
    acceptor_ = nullptr;
    waiting->fulfill(kj::mv(session));
  } else {
    to_accept_.push_back(kj::mv(session));
  }
  return result;
}

bool PacketVatNetwork::MayBe(const Address& asked, const Address& actual) const {
  const NodeNumber node = asked.node == kThisNode ? endpoint_.address().node : asked.node;
  return asked.service == actual.service && (node == actual.node || IsGroup(node)) &&
         (asked.instance == actual.instance || asked.instance.value() == 0);
}

template <typename Predicate>
void PacketVatNetwork::EndSessions(Predicate predicate, const absl::Status& why) {
  std::vector<Session*> ended;
  for (const auto& [channel, session] : begun_) {
    if (predicate(session->peer())) ended.push_back(session);
  }
  for (const auto& [key, session] : accepted_) {
    if (predicate(session->peer())) ended.push_back(session);
  }
  for (Session* session : ended) session->End(why);
}

void PacketVatNetwork::OnDisconnected(const absl::Status& why) {
  EndSessions(
      [](const Address&) { return true; },
      absl::UnavailableError(absl::StrCat("lost the transport of this node: ", why.message())));
}

void PacketVatNetwork::OnUndeliverable(const Endpoint::Undeliverable& report) {
  if (report.kind != PacketKind::kRpc) return;
  const absl::Status why = absl::UnavailableError(
      absl::StrCat("cannot reach ", ToString(report.destination), ": ", Describe(report.reason)));
  if ((report.channel & kAcceptedBit) != 0) {
    const auto found = accepted_.find({report.destination, report.channel & ~kAcceptedBit});
    if (found != accepted_.end()) found->second->End(why);
  } else if (const auto found = begun_.find(report.channel); found != begun_.end()) {
    found->second->End(why);
  }
}

void PacketVatNetwork::OnEndpointGone(const Address& address) {
  EndSessions([&](const Address& peer) { return MayBe(peer, address); },
              absl::UnavailableError(absl::StrCat("lost ", ToString(address), ": it ended")));
}

void PacketVatNetwork::OnNodeDown(NodeNumber node) {
  EndSessions(
      [&](const Address& peer) { return peer.node == node; },
      absl::UnavailableError(absl::StrCat("lost node ", node.value(), ": the link to it is down")));
}

RpcEndpoint::RpcEndpoint(Endpoint& endpoint, capnp::Capability::Client bootstrap)
    : network_(endpoint, [this](const Address& address) { known_.erase(address); }),
      system_(capnp::makeRpcServer(network_, kj::mv(bootstrap))) {}

// Clients go before the system that they belong to.
RpcEndpoint::~RpcEndpoint() { known_.clear(); }

capnp::Capability::Client RpcEndpoint::Bootstrap(const Address& address) {
  if (const auto found = known_.find(address); found != known_.end()) return found->second;
  capnp::MallocMessageBuilder message;
  auto vat = message.initRoot<wire::Address>();
  ToWire(address, vat);
  capnp::Capability::Client client = system_.bootstrap(vat.asReader());
  // Without a session, nobody would tell when it is to be asked for again.
  if (network_.HasBegun(address)) known_.emplace(address, client);
  return client;
}

}  // namespace ctdb
