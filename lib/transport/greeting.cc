// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/greeting.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace ctdb {
namespace {

// What a peer says about itself ends up in logs and status: short and printable.
std::string PeerText(capnp::Text::Reader text) {
  std::string clean(text.begin(), std::min(text.size(), kPeerTextBytesMax));
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return clean;
}

struct HandshakeWriter {
  wire::Handshake::Builder out;

  void operator()(const EndpointHello& hello) {
    auto group = out.initEndpointHello();
    group.setSoftware(hello.software);
    group.setService(static_cast<uint16_t>(hello.service));
  }
  void operator()(const NodeHello& hello) {
    auto group = out.initNodeHello();
    group.setNodeSoftware(hello.software);
    group.setNode(hello.node.value());
    group.setIncarnation(hello.incarnation);
    group.setExpectedNode(hello.expected_node.value());
    group.setParts(hello.parts);
  }
  void operator()(const Welcome& welcome) {
    auto group = out.initWelcome();
    group.setWelcomeSoftware(welcome.software);
    group.setNode(welcome.node.value());
    group.setInstance(welcome.instance.value());
    group.setIncarnation(welcome.incarnation);
  }
  void operator()(const Parting& parting) { out.setParting(parting.token); }
  void operator()(const absl::Status& refusal) {
    auto group = out.initRefused();
    group.setCode(static_cast<uint16_t>(refusal.code()));
    const absl::string_view reason = refusal.message().substr(0, kPeerTextBytesMax);
    group.setReason(kj::StringPtr(std::string(reason).c_str(), reason.size()));
  }
};

Greeting FromWire(wire::Handshake::Reader in) {
  switch (in.which()) {
    case wire::Handshake::ENDPOINT_HELLO: {
      const auto group = in.getEndpointHello();
      return EndpointHello{PeerText(group.getSoftware()),
                           static_cast<ServiceId>(group.getService())};
    }
    case wire::Handshake::NODE_HELLO: {
      const auto group = in.getNodeHello();
      return NodeHello{PeerText(group.getNodeSoftware()), NodeNumber(group.getNode()),
                       group.getIncarnation(), NodeNumber(group.getExpectedNode()),
                       group.getParts()};
    }
    case wire::Handshake::WELCOME: {
      const auto group = in.getWelcome();
      return Welcome{PeerText(group.getWelcomeSoftware()), NodeNumber(group.getNode()),
                     InstanceNumber(group.getInstance()), group.getIncarnation()};
    }
    case wire::Handshake::PARTING:
      return Parting{in.getParting()};
    case wire::Handshake::REFUSED: {
      const auto group = in.getRefused();
      const int code = std::clamp<int>(group.getCode(), 1, 16);
      return absl::Status(static_cast<absl::StatusCode>(code), PeerText(group.getReason()));
    }
  }
  return absl::InvalidArgumentError("greeting of a kind that is not known here");
}

}  // namespace

absl::StatusOr<Bytes> WriteGreeting(PacketWriter* writer, const Greeting& greeting) {
  Envelope envelope;
  envelope.kind = PacketKind::kHandshake;
  auto handshake = writer->Begin(envelope).getPayload().initAs<wire::Handshake>();
  std::visit(HandshakeWriter{handshake}, greeting);
  return writer->Finish();
}

absl::StatusOr<Greeting> ReadGreeting(Bytes frame) {
  absl::StatusOr<Envelope> envelope = DecodeEnvelope(frame);
  if (!envelope.ok()) return envelope.status();
  if (envelope->kind != PacketKind::kHandshake) {
    return absl::InvalidArgumentError("the first packet is not a greeting");
  }
  Greeting greeting;
  const absl::Status status = ReadPayload([&] {
    greeting = FromWire(PacketReader(frame).payload().getAs<wire::Handshake>());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return greeting;
}

absl::Status CheckEndpointHello(const EndpointHello& hello, uint32_t uid, uint32_t daemon_uid) {
  if (hello.service == ServiceId::kClient) return absl::OkStatus();
  if (hello.service == ServiceId::kUnknown || hello.service == ServiceId::kRouter) {
    return absl::InvalidArgumentError(
        absl::StrCat("nobody can be the service ", ServiceName(hello.service)));
  }
  if (uid == 0 || uid == daemon_uid) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("user ", uid, " may not be the service ",
                                                  ServiceName(hello.service),
                                                  ": only root and user ", daemon_uid, " may"));
}

absl::Status CheckNodeHello(const NodeHello& hello, NodeNumber local,
                            const std::vector<TransportNode>& nodes,
                            absl::string_view peer_address) {
  const auto node = std::find_if(nodes.begin(), nodes.end(), [&](const TransportNode& candidate) {
    return candidate.number == hello.node;
  });
  if (node == nodes.end() || node->is_deleted) {
    return absl::PermissionDeniedError(absl::StrCat(
        "node ", hello.node.value(), " at ", peer_address, " is not in the nodes list of node ",
        local.value(), ": the list must be the same on all nodes"));
  }
  if (node->address != peer_address) {
    return absl::PermissionDeniedError(absl::StrCat(
        "node ", hello.node.value(), " connects from ", peer_address, ", the nodes list of node ",
        local.value(), " gives it ", node->address, ": the list must be the same on all nodes"));
  }
  if (hello.expected_node != local) {
    return absl::FailedPreconditionError(absl::StrCat(
        "node ", hello.node.value(), " looks for node ", hello.expected_node.value(),
        ", but this is node ", local.value(), ": the nodes list must be the same on all nodes"));
  }
  if (hello.node == local) {
    return absl::FailedPreconditionError(
        absl::StrCat("node ", local.value(), " connects to itself"));
  }
  return absl::OkStatus();
}

absl::Status CheckNodeWelcome(const Welcome& welcome, NodeNumber dialled) {
  if (welcome.node == dialled) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("node ", welcome.node.value(), " answers at the address of node ",
                   dialled.value(), ": the nodes list must be the same on all nodes"));
}

}  // namespace ctdb
