// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/packet.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::samba {
namespace {

// The header as it lies in the packet.
struct Prefix {
  static constexpr absl::string_view kName = "packet's header";
  static constexpr Size kSize = Size::kAtLeast;
  uint32_t length = 0;
  uint32_t magic = kPacketMagic;
  uint32_t version = kPacketVersion;
  PacketType type = PacketType::kCallRequest;
  PacketHeader header = {};

  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    auto& header = self.header;
    wire(self.length, self.magic, self.version, header.generation, self.type);
    wire(header.destnode, header.srcnode, header.reqid);
  }
};

template <typename Body>
absl::StatusOr<Packet> DecodeBody(const PacketHeader& header, absl::string_view bytes) {
  WireReader reader(bytes);
  Body body = {};
  Body::Layout(reader, body);
  absl::Status status = reader.Finish(PacketTypeName(Body::kType), Size::kAtLeast);
  if (!status.ok()) return status;
  return Packet{header, std::move(body)};
}

}  // namespace

absl::string_view PacketTypeName(PacketType type) {
  switch (type) {
    case PacketType::kCallRequest:
      return "REQ_CALL";
    case PacketType::kCallReply:
      return "REPLY_CALL";
    case PacketType::kDmasterRequest:
      return "REQ_DMASTER";
    case PacketType::kDmasterReply:
      return "REPLY_DMASTER";
    case PacketType::kErrorReply:
      return "REPLY_ERROR";
    case PacketType::kMessage:
      return "REQ_MESSAGE";
    case PacketType::kControlRequest:
      return "REQ_CONTROL";
    case PacketType::kControlReply:
      return "REPLY_CONTROL";
    case PacketType::kKeepalive:
      return "REQ_KEEPALIVE";
    case PacketType::kTunnel:
      return "REQ_TUNNEL";
  }
  return "";
}

bool IsFromClient(PacketType type) {
  return type == PacketType::kCallRequest || type == PacketType::kMessage ||
         type == PacketType::kControlRequest || type == PacketType::kTunnel;
}

absl::StatusOr<Packet> DecodePacket(absl::string_view bytes) {
  const absl::StatusOr<Prefix> prefix = Decode<Prefix>(bytes);
  if (!prefix.ok()) return prefix.status();
  if (prefix->length != bytes.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("a packet of ", bytes.size(), " bytes says it has ", prefix->length));
  }
  if (prefix->magic != kPacketMagic || prefix->version != kPacketVersion) {
    return absl::InvalidArgumentError(absl::StrCat("a packet of another protocol: magic ",
                                                   absl::Hex(prefix->magic), ", version ",
                                                   prefix->version));
  }
  const absl::string_view body = bytes.substr(kPacketHeaderBytes);
  switch (prefix->type) {
    case PacketType::kCallRequest:
      return DecodeBody<CallRequest>(prefix->header, body);
    case PacketType::kCallReply:
      return DecodeBody<CallReply>(prefix->header, body);
    case PacketType::kErrorReply:
      return DecodeBody<ErrorReply>(prefix->header, body);
    case PacketType::kMessage:
      return DecodeBody<Message>(prefix->header, body);
    case PacketType::kControlRequest:
      return DecodeBody<ControlRequest>(prefix->header, body);
    case PacketType::kControlReply:
      return DecodeBody<ControlReply>(prefix->header, body);
    case PacketType::kKeepalive:
      return DecodeBody<Keepalive>(prefix->header, body);
    case PacketType::kTunnel:
      return DecodeBody<Tunnel>(prefix->header, body);
    case PacketType::kDmasterRequest:
    case PacketType::kDmasterReply:
      break;
  }
  return absl::UnimplementedError(absl::StrCat(
      "a packet of type ", static_cast<uint32_t>(prefix->type), " has no place on this socket"));
}

absl::Status AppendPacket(const Packet& packet, Padding padding, std::string* out) {
  return std::visit(
      [&](const auto& body) {
        const size_t used = kPacketHeaderBytes + EncodedBytes(body);
        const size_t wanted = std::max(used, padding.bytes_min);
        const size_t length =
            (wanted + padding.multiple_of - 1) / padding.multiple_of * padding.multiple_of;
        if (length > std::numeric_limits<uint32_t>::max()) {
          return absl::ResourceExhaustedError(
              absl::StrCat("a packet of ", length, " bytes is more than its header can say"));
        }
        EncodeTo(Prefix{.length = static_cast<uint32_t>(length),
                        .type = body.kType,
                        .header = packet.header},
                 out);
        EncodeTo(body, out);
        out->append(length - used, '\0');
        return absl::OkStatus();
      },
      packet.body);
}

}  // namespace ctdb::samba
