// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// switch: moves packets between ports: reads, asks the router, queues, writes; greets endpoints and
// answers what they ask of their transport. Links to nodes come and go through NodeLinks.
//
//   Ownership:  owns the ports.
//   Threading:  belongs to the loop's thread.
//   Errors:     end one port each (Doom), with one log line.
//   Blocking:   never.
//   Limits:     TransportLoop::Limits.

#ifndef LIB_TRANSPORT_IO_SWITCH_H_
#define LIB_TRANSPORT_IO_SWITCH_H_

#include <array>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/logging/logger.h"
#include "lib/protocol/packet.h"
#include "lib/transport/io/data_handler.h"
#include "lib/transport/io/port.h"
#include "lib/transport/io/transport_loop.h"

namespace ctdb {

class Switch {
 public:
  // What the switch leaves to the owner of the links.
  class LinkOwner {
   public:
    virtual ~LinkOwner() = default;
    virtual void OnConnectDone(Port& port) = 0;                // A kNodeDialling port.
    virtual void OnNodeGreeting(Port& port, Bytes frame) = 0;  // A port that greets a node.
    virtual void OnLinkClosed(Port& port, const absl::Status& why) = 0;
  };

  Switch(const TransportLoop::Options& options, int epoll_fd, logging::Logger logger);
  void SetLinkOwner(LinkOwner* owner) { link_owner_ = owner; }

  Router& router() { return router_; }
  uint64_t incarnation() const { return incarnation_; }
  TransportCounters& counters() { return counters_; }
  const absl::flat_hash_map<PortNumber, std::unique_ptr<Port>>& ports() const { return ports_; }

  Port& Open(UniqueFd fd, Port::Role role, Instant now);
  size_t Count(Port::Role role) const { return role_counts_[static_cast<size_t>(role)]; }
  // Whether one more connection may be kept until it has read why it is refused.
  bool HasRoomToRefuse() const {
    return Count(Port::Role::kRefused) < options_.limits.greeting_count_max;
  }
  // An accepted local connection.
  void OpenEndpoint(UniqueFd fd, Instant now);
  void SetRole(Port& port, Port::Role role, Instant now);

  void OnReady(PortNumber number, uint32_t events, Instant now);
  // Ends ports that took too long to greet or to take their output.
  void OnTick(Instant now);

  void SendGreeting(Port& port, const Greeting& greeting);
  // Tells the other side why, then waits for it to hang up.
  void Refuse(Port& port, const absl::Status& why);
  // The last thing that it is told, then waits for it to hang up.
  void Dismiss(Port& port, const Greeting& last);
  // Closes the port at the end of the turn.
  void Doom(Port& port, const absl::Status& why);
  // Closes doomed ports.
  void Sweep();

  // Takes an endpoint's output instead of its socket, until EndDirect(). 0: there is none at that
  // address, or its socket has output to take.
  PortNumber SetDirect(const Address& address, std::function<void(Bytes)> direct);
  void EndDirect(PortNumber number);
  // As if it were read from the endpoint's socket. False: not now.
  bool OnDirect(PortNumber number, Bytes frames, Instant now);

  // Null: none any more.
  void SetDataHandler(ServiceId service, DataHandler* handler);
  // Sends what the handler has to send.
  void RunDataHandler(Instant now);
  // The handler's, and lets it have it.
  Instant NextDeadline() const { return handler_deadline_; }
  void OnDeadline(Instant now);

  std::vector<EndpointStatus> Endpoints() const;

  // Tells all endpoints that a link came or went.
  void AnnounceNode(NodeNumber node, bool is_up);
  // Tells the cluster service what the guardian of a node said.
  void AnnounceParting(NodeNumber node, uint64_t token, int64_t as_of);

 private:
  void OnReadable(Port& port);
  Bytes HandleBytes(Port& port, Bytes bytes);
  void HandleFrame(Port& port, Bytes frame);
  void HandleEndpointGreeting(Port& port, Bytes frame);
  void HandleControl(Port& port, const Envelope& envelope, Bytes frame);
  absl::Status ApplyControl(Port& port, const Envelope& envelope, wire::Control::Reader control);
  void Forward(Port& source, const Envelope& envelope, Bytes frame);
  bool IsHandled(const Port& target, const Envelope& envelope, Bytes frame);
  void SendOfHandler();
  bool Enqueue(Port& target, Bytes frame, bool is_bulk);
  void FlushDirty(Port& source);
  void Flush(Port& port);
  void FlushDirect(Port& port);
  bool FlushSocket(Port& port);
  void Pause(Port& source, Port& target);
  void ResumeWaiters(Port& port);
  void UpdateInterest(Port& port);
  void ReportUndeliverable(Port& source, const Envelope& envelope, UndeliverableReason reason);
  bool HasProcess(wire::Control::FindProcess::Reader wanted) const;
  wire::Notice::Builder BeginNotice(const Address& destination, const Envelope& about);
  void SendNotice(Port& port);
  void AnnounceEndpointGone(const Address& gone, const std::vector<Address>& peers);
  void Close(Port& port, const absl::Status& why);
  Port* Find(PortNumber number);

  const TransportLoop::Options& options_;
  const int epoll_fd_;
  const uint64_t incarnation_;
  logging::Logger logger_;
  Router router_;
  LinkOwner* link_owner_ = nullptr;
  ServiceId handler_service_ = ServiceId::kUnknown;
  DataHandler* handler_ = nullptr;
  PortNumber handler_port_;   // Its endpoint, once it has got a packet.
  bool has_handled_ = false;  // Since its frames were sent.
  Instant handler_deadline_ = kNever;
  std::deque<std::vector<uint64_t>> handler_frames_;
  TransportCounters counters_;
  absl::flat_hash_map<PortNumber, std::unique_ptr<Port>> ports_;
  uint64_t next_port_ = 1;
  uint64_t next_instance_;
  Instant now_{};
  std::vector<uint64_t> read_buffer_;
  PacketWriter writer_;
  Router::Route route_;
  std::vector<PortNumber> dirty_;
  std::vector<std::pair<PortNumber, absl::Status>> doomed_;
  std::array<size_t, 8> role_counts_ = {};
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_IO_SWITCH_H_
