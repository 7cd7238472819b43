// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The switch's own packets: greetings of endpoints, what they ask of their transport, and what it
// tells them.

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/transport/io/switch.h"

namespace ctdb {

void Switch::SendGreeting(Port& port, const Greeting& greeting) {
  const absl::StatusOr<Bytes> frame = WriteGreeting(&writer_, greeting);
  if (!frame.ok()) return Doom(port, frame.status());
  port.output.Add(*frame, /*is_bulk=*/false);
  Flush(port);
}

void Switch::Refuse(Port& port, const absl::Status& why) {
  ++counters_.connections_refused;
  logger_.Error("connection_refused",
                absl::StrCat("Refused the connection of ", Describe(port), ": ", why.message()),
                {{"peer", Describe(port)}, {"reason", why.message()}});
  Dismiss(port, why);
}

void Switch::Dismiss(Port& port, const Greeting& last) {
  SendGreeting(port, last);
  if (port.is_doomed) return;
  // Closing now could throw it away before the other side has read it.
  ::shutdown(port.fd.get(), SHUT_WR);
  SetRole(port, Port::Role::kRefused, now_);
}

void Switch::HandleEndpointGreeting(Port& port, Bytes frame) {
  const absl::StatusOr<Greeting> greeting = ReadGreeting(frame);
  if (!greeting.ok()) return Refuse(port, greeting.status());
  const auto* hello = std::get_if<EndpointHello>(&*greeting);
  if (hello == nullptr) {
    return Refuse(port, absl::InvalidArgumentError("a local connection must greet as an endpoint"));
  }
  const InstanceNumber instance(next_instance_);
  absl::Status status = CheckEndpointHello(*hello, port.credentials.uid, ::geteuid());
  if (status.ok()) status = router_.AddEndpoint(port.number, hello->service, instance);
  if (!status.ok()) return Refuse(port, status);
  ++next_instance_;
  port.address = {options_.local, hello->service, instance};
  port.software = hello->software;
  SendGreeting(port, Welcome{options_.software, options_.local, instance, incarnation_});
  SetRole(port, Port::Role::kEndpoint, now_);
  for (NodeNumber node : router_.connected_nodes()) {
    BeginNotice(port.address, Envelope()).setNodeUp(node.value());
    SendNotice(port);
  }
}

void Switch::HandleControl(Port& port, const Envelope& envelope, Bytes frame) {
  const absl::Status status = ReadPayload([&] {
    PacketReader reader(frame);
    return ApplyControl(port, envelope, reader.payload().getAs<wire::Control>());
  });
  if (status.ok()) return;
  // One of another node's clients asked for it; the node itself did nothing wrong.
  if (port.role == Port::Role::kLink) {
    return ReportUndeliverable(port, envelope, UndeliverableReason::kNoSuchService);
  }
  ++counters_.connections_broken;
  Doom(port, status);
}

absl::Status Switch::ApplyControl(Port& port, const Envelope& envelope,
                                  wire::Control::Reader control) {
  const bool is_question = control.isPing() || control.isFindProcess();
  if (port.role == Port::Role::kLink && !is_question) {
    return absl::PermissionDeniedError("another node may only ask this transport");
  }
  switch (control.which()) {
    case wire::Control::SUBSCRIBE:
      return router_.Subscribe(port.number, ChannelId(control.getSubscribe()));
    case wire::Control::UNSUBSCRIBE:
      router_.Unsubscribe(port.number, ChannelId(control.getUnsubscribe()));
      return absl::OkStatus();
    case wire::Control::SET_GROUP: {
      if (port.address.service == ServiceId::kClient) {
        return absl::PermissionDeniedError("a client may not change groups of nodes");
      }
      std::vector<NodeNumber> members;
      for (uint32_t member : control.getSetGroup().getMembers()) members.emplace_back(member);
      return router_.SetGroup(NodeNumber(control.getSetGroup().getGroup()), std::move(members));
    }
    case wire::Control::PING:
      BeginNotice(envelope.source, envelope).setPong();
      SendNotice(port);
      return absl::OkStatus();
    case wire::Control::FIND_PROCESS: {
      const bool is_found = HasProcess(control.getFindProcess());
      BeginNotice(envelope.source, envelope).setProcessFound(is_found);
      SendNotice(port);
      return absl::OkStatus();
    }
  }
  // A newer endpoint may ask for what this transport does not know; that harms nobody.
  return absl::OkStatus();
}

// Whoever subscribed is there as long as its connection is. Without that, a process that has ended
// and left its connection to a child is not.
bool Switch::HasProcess(wire::Control::FindProcess::Reader wanted) const {
  const auto pid = static_cast<pid_t>(wanted.getPid());
  const bool is_client = std::any_of(ports_.begin(), ports_.end(), [&](const auto& entry) {
    const Port& port = *entry.second;
    if (port.role != Port::Role::kEndpoint || port.address.service != ServiceId::kClient ||
        port.is_doomed || port.credentials.pid != wanted.getPid()) {
      return false;
    }
    return !wanted.getListensOn() || router_.listens(port.number, ChannelId(wanted.getChannel()));
  });
  if (!is_client || wanted.getListensOn() || pid <= 0) return is_client;
  return ::kill(pid, 0) == 0 || errno != ESRCH;
}

wire::Notice::Builder Switch::BeginNotice(const Address& destination, const Envelope& about) {
  Envelope envelope;
  envelope.kind = PacketKind::kNotice;
  envelope.source = {options_.local, ServiceId::kRouter, InstanceNumber(0)};
  envelope.destination = destination;
  envelope.channel = about.channel;
  envelope.request_id = about.request_id;
  return writer_.Begin(envelope).getPayload().initAs<wire::Notice>();
}

void Switch::SendNotice(Port& port) {
  const absl::StatusOr<Bytes> frame = writer_.Finish();
  if (!frame.ok()) return Doom(port, frame.status());
  // Always with room for notices beyond what packets may fill: who misses one waits for ever.
  if (port.output.bytes() + frame->size() > options_.limits.queue_bytes_max + kFrameBytesMax) {
    ++counters_.slow_receivers;
    return Doom(port, absl::ResourceExhaustedError(absl::StrCat(
                          "it does not read: ", port.output.bytes(), " bytes wait for it")));
  }
  ++port.traffic.packets_sent;
  if (port.output.empty()) port.output_progress = now_;
  port.output.Add(*frame, /*is_bulk=*/false);
  // At once, because the writer's frame is only good until the next notice.
  Flush(port);
}

void Switch::ReportUndeliverable(Port& source, const Envelope& envelope,
                                 UndeliverableReason reason) {
  ++counters_.packets_undeliverable;
  if (envelope.kind == PacketKind::kNotice || source.is_doomed) return;
  // To a group from another node: its sender cannot tell whom it missed, and does not care.
  if (source.role == Port::Role::kLink && IsGroup(envelope.destination.node)) return;
  auto undeliverable = BeginNotice(envelope.source, envelope).initUndeliverable();
  undeliverable.setReason(static_cast<wire::UndeliverableReason>(reason));
  undeliverable.setNode(envelope.destination.node.value());
  undeliverable.setService(static_cast<uint16_t>(envelope.destination.service));
  undeliverable.setInstance(envelope.destination.instance.value());
  undeliverable.setKind(static_cast<uint16_t>(envelope.kind));
  SendNotice(source);
}

std::vector<EndpointStatus> Switch::Endpoints() const {
  std::vector<EndpointStatus> result;
  for (const auto& [number, port] : ports_) {
    if (port->role != Port::Role::kEndpoint) continue;
    result.push_back({port->address, port->software, port->credentials.pid, port->credentials.uid,
                      port->traffic, port->output.bytes(),
                      static_cast<uint32_t>(router_.channel_count(number))});
  }
  std::sort(result.begin(), result.end(),
            [](const EndpointStatus& a, const EndpointStatus& b) { return a.address < b.address; });
  return result;
}

void Switch::AnnounceNode(NodeNumber node, bool is_up) {
  for (auto& [number, port] : ports_) {
    if (port->role != Port::Role::kEndpoint || port->is_doomed) continue;
    auto notice = BeginNotice(port->address, Envelope());
    if (is_up) {
      notice.setNodeUp(node.value());
    } else {
      notice.setNodeDown(node.value());
    }
    SendNotice(*port);
  }
}

void Switch::AnnounceParting(NodeNumber node, uint64_t token, int64_t as_of) {
  for (auto& [number, port] : ports_) {
    const bool is_cluster_service = port->role == Port::Role::kEndpoint && !port->is_doomed &&
                                    port->address.service == ServiceId::kCluster;
    if (!is_cluster_service) continue;
    auto notice = BeginNotice(port->address, Envelope()).initNodeParted();
    notice.setPartedNode(node.value());
    notice.setToken(token);
    notice.setAsOf(as_of);
    SendNotice(*port);
  }
}

void Switch::AnnounceEndpointGone(const Address& gone, const std::vector<Address>& peers) {
  Router::Route route;
  for (const Address& peer : peers) {
    Envelope envelope;
    envelope.destination = peer;
    router_.FindRouteFromHere(envelope, &route);
    for (PortNumber number : route.ports) {
      Port* port = Find(number);
      if (port == nullptr) continue;
      auto notice = BeginNotice(peer, Envelope()).initEndpointGone();
      // In its own name, so that the other node's router knows too whom to forget.
      auto packet = writer_.packet();
      packet.setSourceService(static_cast<uint16_t>(gone.service));
      packet.setSourceInstance(gone.instance.value());
      notice.setGoneNode(gone.node.value());
      notice.setGoneService(static_cast<uint16_t>(gone.service));
      notice.setGoneInstance(gone.instance.value());
      SendNotice(*port);
    }
  }
}

}  // namespace ctdb
