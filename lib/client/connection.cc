// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/connection.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/transport/io/endpoint.h"
#include "lib/transport/io/socket.h"
#include "lib/transport/io/vat_network.h"

namespace ctdb {
namespace {

// A client offers nothing to those who call it.
capnp::Capability::Client NothingToOffer() {
  return capnp::Capability::Client(KJ_EXCEPTION(UNIMPLEMENTED, "this client offers no interface"));
}

// No socket is no transport, for those who wait for one.
absl::StatusOr<UniqueFd> ConnectTo(const std::string& path) {
  absl::StatusOr<UniqueFd> fd = ConnectUnix(path);
  if (absl::IsNotFound(fd.status())) {
    return absl::UnavailableError(
        absl::StrCat(fd.status().message(), "; is the transport of this node running?"));
  }
  return fd;
}

class ConnectionImpl final : public Connection, private Endpoint::Observer {
 public:
  explicit ConnectionImpl(const Options& options)
      : Connection(options),
        io_(kj::setupAsyncIo()),
        endpoint_(io_.unixEventPort, io_.provider->getTimer(),
                  {.connect = [path = options.socket_path] { return ConnectTo(path); },
                   .hello = {options.software, ServiceId::kClient},
                   .reconnects = false}),
        rpc_(endpoint_, NothingToOffer()) {
    endpoint_.AddObserver(this);
    endpoint_.OnPacket(PacketKind::kMessage, [this](const Envelope& envelope, Bytes frame) {
      OnMessage(envelope, frame);
    });
  }

  ~ConnectionImpl() noexcept override { endpoint_.RemoveObserver(this); }

  absl::Status WaitReady() { return WaitFor(endpoint_.WhenReady()); }

  Address address() const override { return endpoint_.address(); }

  capnp::Capability::Client Bootstrap(const Address& address) override {
    return rpc_.Bootstrap(address);
  }

  absl::Status Subscribe(ChannelId channel, std::function<void(const Message&)> receive) override {
    receivers_[channel] = std::move(receive);
    CTDB_RETURN_IF_ERROR(endpoint_.Subscribe(channel));
    // When this returns, messages sent from now on arrive.
    return Flush();
  }

  absl::Status SendMessage(NodeNumber node, ChannelId channel, absl::string_view payload) override {
    if (payload.size() > kMessageBytesMax) {
      return absl::ResourceExhaustedError(absl::StrCat("cannot send a message of ", payload.size(),
                                                       " bytes: the limit is ", kMessageBytesMax));
    }
    Envelope envelope =
        endpoint_.To({node, ServiceId::kUnknown, InstanceNumber(0)}, PacketKind::kMessage);
    envelope.channel = channel.value();
    if (!IsGroup(node)) unflushed_nodes_.insert(node);
    return endpoint_.Send(envelope, [&](capnp::AnyPointer::Builder out) {
      out.setAs<capnp::Data>(
          capnp::Data::Reader(reinterpret_cast<const kj::byte*>(payload.data()), payload.size()));
    });
  }

  absl::Status Flush() override {
    // The answer to a ping comes after all that its node had to say about what was sent before.
    std::set<NodeNumber> nodes = std::exchange(unflushed_nodes_, {});
    nodes.insert(kThisNode);
    unanswered_pings_.clear();
    for (NodeNumber node : nodes) {
      unanswered_pings_.insert(++last_ping_);
      CTDB_RETURN_IF_ERROR(endpoint_.Ping(last_ping_, node));
    }
    CTDB_RETURN_IF_ERROR(Run(options_.timeout, [&] { return unanswered_pings_.empty(); }));
    return std::exchange(undeliverable_, absl::OkStatus());
  }

  absl::Status Run(absl::Duration time, std::function<bool()> until) override {
    bool is_over = false;
    auto timer = io_.provider->getTimer()
                     .afterDelay(TimerDelay(time))
                     .then([&] {
                       is_over = true;
                       Wake();
                     })
                     .eagerlyEvaluate(nullptr);
    while (!until()) {
      if (lost_.has_value()) return *lost_;
      if (is_over) return absl::DeadlineExceededError("the time is over");
      auto wake = kj::newPromiseAndFulfiller<void>();
      wake_ = kj::mv(wake.fulfiller);
      wake.promise.wait(io_.waitScope);
    }
    return absl::OkStatus();
  }

  kj::Timer& timer() override { return io_.provider->getTimer(); }
  kj::WaitScope& wait_scope() override { return io_.waitScope; }

 private:
  absl::Status WaitFor(kj::Promise<void> promise) {
    return Wait(promise.then([] { return true; })).status();
  }

  void Wake() {
    if (wake_.get() != nullptr && wake_->isWaiting()) wake_->fulfill();
  }

  void OnMessage(const Envelope& envelope, Bytes frame) {
    const auto found = receivers_.find(ChannelId(envelope.channel));
    if (found == receivers_.end()) return;
    const absl::Status status = ReadPayload([&] {
      PacketReader reader(frame);
      const auto data = reader.payload().getAs<capnp::Data>();
      found->second({envelope.source,
                     found->first,
                     {reinterpret_cast<const char*>(data.begin()), data.size()}});
      return absl::OkStatus();
    });
    // What another program sent is wrong; that is no reason to end.
    if (status.ok()) Wake();
  }

  void OnDisconnected(const absl::Status& why) override {
    lost_ = absl::UnavailableError(
        absl::StrCat("lost the connection to ", options_.socket_path, ": ", why.message()));
    Wake();
  }
  void OnPong(uint64_t request_id) override { OnPingDone(request_id); }
  void OnPingDone(uint64_t request_id) {
    unanswered_pings_.erase(request_id);
    Wake();
  }
  void OnUndeliverable(const Endpoint::Undeliverable& report) override {
    // A node that cannot be pinged has nothing more to say.
    if (report.kind == PacketKind::kControl) return OnPingDone(report.request_id);
    if (report.kind != PacketKind::kMessage) return;
    undeliverable_ = absl::NotFoundError(
        absl::StrCat("a message to node \"", NodeName(report.destination.node), "\" on channel ",
                     report.channel, " was not delivered: ", Describe(report.reason)));
  }

  kj::AsyncIoContext io_;
  Endpoint endpoint_;
  RpcEndpoint rpc_;
  std::map<ChannelId, std::function<void(const Message&)>> receivers_;
  std::optional<absl::Status> lost_;
  absl::Status undeliverable_;
  std::set<NodeNumber> unflushed_nodes_;  // Messages were sent there since the last Flush().
  std::set<uint64_t> unanswered_pings_;
  uint64_t last_ping_ = 0;
  kj::Own<kj::PromiseFulfiller<void>> wake_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const Options& options) {
  std::unique_ptr<ConnectionImpl> connection;
  try {
    connection = std::make_unique<ConnectionImpl>(options);
  } catch (const kj::Exception& exception) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot make an event loop for the connection, does this thread have one "
                     "already? ",
                     exception.getDescription().cStr()));
  }
  CTDB_RETURN_IF_ERROR(connection->WaitReady());
  return connection;
}

}  // namespace ctdb
