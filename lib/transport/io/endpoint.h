// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// endpoint: a daemon's or client's connection to its transport on the KJ event loop. It greets,
// hands incoming packets to whoever asked for their kind, writes outgoing ones in batches, and
// connects again when the transport was restarted.
//
//   Ownership:  owns its socket. Frames given to handlers are valid during the call.
//   Threading:  belongs to the event loop's thread.
//   Errors:     Send(): Unavailable while not connected, ResourceExhausted when the transport does
//               not take what is queued; Subscribe(): also beyond kChannelsPerEndpointMax. A
//               refusal is final: WhenReady() and WhenFinished() say so.
//   Blocking:   never.
//   Limits:     kEndpointQueueBytesMax waiting to be written.
//
// Example:
//   Endpoint endpoint(port, timer, {.connect = [&] { return ConnectUnix(path); }, .hello = hello});
//   endpoint.OnPacket(PacketKind::kData, [&](const Envelope& envelope, Bytes frame) { ... });
//   endpoint.WhenReady().wait(wait_scope);
//   endpoint.Send(endpoint.To(address, PacketKind::kData), [&](auto payload) { ... });

#ifndef LIB_TRANSPORT_IO_ENDPOINT_H_
#define LIB_TRANSPORT_IO_ENDPOINT_H_

#include <kj/async-unix.h>
#include <kj/timer.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/base/instant.h"
#include "lib/base/io/unique_fd.h"
#include "lib/protocol/packet.h"
#include "lib/transport/greeting.h"
#include "lib/transport/router.h"

namespace ctdb {

inline constexpr size_t kEndpointQueueBytesMax = size_t{64} << 20;

class Endpoint : private kj::TaskSet::ErrorHandler {
 public:
  // A way to the transport without system calls, for an endpoint on the transport's thread. From
  // its end on nothing is delivered.
  class Direct {
   public:
    virtual ~Direct() = default;
    // False: not now; by the socket.
    virtual bool Send(Bytes frames) = 0;
  };
  // `deliver` is given what comes for the endpoint. Null: there is none now.
  using MakeDirect = std::function<std::unique_ptr<Direct>(const Address& address,
                                                           std::function<void(Bytes)> deliver)>;

  struct Options {
    // Gives a connected, non-blocking socket to the transport.
    std::function<absl::StatusOr<UniqueFd>()> connect;
    EndpointHello hello;
    MakeDirect direct = {};  // Used once the endpoint was welcomed.
    bool reconnects = true;
    absl::Duration pause_min = absl::Milliseconds(10);
    absl::Duration pause_max = absl::Milliseconds(500);
  };

  // What the transport reports (Notice in packet.capnp), typed.
  struct Undeliverable {
    Address destination;
    PacketKind kind;
    uint64_t channel;
    uint64_t request_id;
    UndeliverableReason reason;
  };
  class Observer {
   public:
    virtual ~Observer() = default;
    virtual void OnConnected() {}
    virtual void OnDisconnected(const absl::Status& why) {}
    virtual void OnUndeliverable(const Undeliverable& report) {}
    virtual void OnEndpointGone(const Address& address) {}
    virtual void OnNodeUp(NodeNumber node) {}
    virtual void OnNodeDown(NodeNumber node) {}
    // Only the cluster service hears of it; `as_of`: CLOCK_BOOTTIME.
    virtual void OnNodeParted(NodeNumber node, uint64_t token, Instant as_of) {}
    virtual void OnPong(uint64_t request_id) {}
  };
  using PacketHandler = std::function<void(const Envelope&, Bytes frame)>;

  Endpoint(kj::UnixEventPort& event_port, kj::Timer& timer, Options options);
  ~Endpoint();

  // The first welcome; rejected when refused, or when not connected and `reconnects` is off.
  kj::Promise<void> WhenReady() { return ready_.addBranch(); }
  // Rejected when the endpoint is finished for good: refused, or lost with `reconnects` off.
  kj::Promise<void> WhenFinished() { return finished_.addBranch(); }

  bool is_connected() const { return state_ == State::kReady; }
  // Its instance is a new one after every connection.
  const Address& address() const { return address_; }
  const std::string& transport_software() const { return transport_software_; }

  // One handler per kind; a later one replaces it.
  void OnPacket(PacketKind kind, PacketHandler handler);
  // Observers are told in the order in which they came; they must be removed before they go.
  void AddObserver(Observer* observer) { observers_.push_back(observer); }
  void RemoveObserver(Observer* observer);

  // An envelope from this endpoint.
  Envelope To(const Address& destination, PacketKind kind) const;

  // Sends a packet whose payload `fill` writes into a capnp::AnyPointer::Builder.
  template <typename Fill>
  absl::Status Send(const Envelope& envelope, Fill&& fill) {
    std::forward<Fill>(fill)(writer_.Begin(envelope).getPayload());
    return SendWritten(writer_);
  }
  // Sends a finished frame, or what was built in a writer of the caller's.
  absl::Status SendFrame(Bytes frame);
  absl::Status SendWritten(PacketWriter& writer, capnp::_::CapTableBuilder* capabilities = nullptr);

  // The transport delivers messages on the channel from now on, also after it was restarted.
  absl::Status Subscribe(ChannelId channel);
  absl::Status Unsubscribe(ChannelId channel);
  // Members of kActiveNodes or kLeaderNode for this node's transport.
  absl::Status SetGroup(NodeNumber group, const std::vector<NodeNumber>& members);
  // The transport of a node answers with OnPong() when it has handled everything that was sent to
  // that node before, and after it has reported what of it was undeliverable.
  absl::Status Ping(uint64_t request_id, NodeNumber node = kThisNode);

  // Waits until everything sent was given to the system.
  kj::Promise<void> WhenFlushed();
  size_t queued_bytes() const { return out_.size() - out_begin_; }

 private:
  enum class State { kWaiting, kGreeting, kReady, kFinished };

  void taskFailed(kj::Exception&& exception) override;
  void Connect();
  void OnLost(const absl::Status& why);
  void Finish(const absl::Status& why);
  kj::Promise<void> ReadLoop();
  bool ReadOnce();
  size_t HandleBytes(Bytes bytes);
  void BeginDirect();
  void OnDelivered(Bytes bytes);
  bool SendDirect();
  void HandleFrame(Bytes frame);
  void HandleGreeting(Bytes frame);
  void HandleNotice(const Envelope& envelope, Bytes frame);
  absl::Status CheckSend() const;
  void Queue(Bytes frame);
  void ScheduleFlush();
  void Flush();
  template <typename Fill>
  absl::Status SendControl(uint64_t request_id, NodeNumber node, Fill&& fill);

  kj::UnixEventPort& event_port_;
  kj::Timer& timer_;
  Options options_;
  State state_ = State::kWaiting;
  Address address_;
  std::string transport_software_;
  UniqueFd fd_;
  kj::Own<kj::UnixEventPort::FdObserver> observer_;
  absl::Duration pause_;
  PacketWriter writer_;
  std::vector<uint64_t> in_;
  size_t in_bytes_ = 0;
  std::unique_ptr<Direct> direct_;
  std::vector<std::byte> delivered_;  // By it, and not handled yet.
  bool is_delivery_scheduled_ = false;
  bool sends_direct_ = false;
  std::vector<std::byte> out_;
  size_t out_begin_ = 0;
  bool is_flush_scheduled_ = false;
  bool is_waiting_to_write_ = false;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> flush_waiters_;
  std::vector<PacketHandler> handlers_;
  std::vector<Observer*> observers_;
  std::set<ChannelId> channels_;
  kj::Own<kj::PromiseFulfiller<void>> ready_fulfiller_;
  kj::ForkedPromise<void> ready_;
  kj::Own<kj::PromiseFulfiller<void>> finished_fulfiller_;
  kj::ForkedPromise<void> finished_;
  kj::TaskSet tasks_;             // Of the whole life.
  kj::Own<kj::TaskSet> session_;  // Of one connection; gone with it.
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_IO_ENDPOINT_H_
