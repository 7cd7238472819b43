// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// packet: the packets that go over the socket between Samba and its daemon: a header of 32 bytes
// and a body per type of packet.
//
// Only the lengths inside a body say how much there is: both sides may add padding at the end and
// count it in the packet's length. Packets that only nodes exchange have a type and no body here.
//
//   Ownership:  a decoded packet points into the bytes given; encoding appends to the caller's.
//   Threading:  values; pure functions.
//   Errors:     InvalidArgument for a packet to be dropped because of its header or because its
//               inner lengths do not fit, Unimplemented for one without body here,
//               ResourceExhausted for one that 32 bits cannot count.
//   Blocking:   never.
//   Limits:     4 GiB by the format; lib/samba/frame_reader.h has the limit for what arrives.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const Packet packet, DecodePacket(frame));
//   if (const auto* call = std::get_if<CallRequest>(&packet.body)) ...
//   CTDB_RETURN_IF_ERROR(AppendPacket({header, CallReply{.data = value}}, kServerPadding, &out));

#ifndef LIB_SAMBA_PACKET_H_
#define LIB_SAMBA_PACKET_H_

#include <string>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/samba/constants.h"
#include "lib/samba/opcode.h"
#include "lib/samba/wire.h"

namespace ctdb::samba {

inline constexpr size_t kPacketHeaderBytes = 32;
inline constexpr uint32_t kPacketMagic = 0x43544442;
inline constexpr uint32_t kPacketVersion = 1;

enum class PacketType : uint32_t {
  kCallRequest = 0,
  kCallReply = 1,
  kDmasterRequest = 2,
  kDmasterReply = 3,
  kErrorReply = 4,
  kMessage = 5,
  kControlRequest = 7,
  kControlReply = 8,
  kKeepalive = 9,
  kTunnel = 10,
};

// Empty for an unknown type.
absl::string_view PacketTypeName(PacketType type);

// Whether a client may send it. All others are dropped, and the connection stays.
bool IsFromClient(PacketType type);

// Of the header, what its sender chooses.
struct PacketHeader {
  Generation generation = {};
  NodeNumber destnode = {};
  NodeNumber srcnode = {};
  ReqId reqid = {};

  friend bool operator==(const PacketHeader&, const PacketHeader&) = default;
};

struct CallRequest {
  static constexpr PacketType kType = PacketType::kCallRequest;
  uint32_t flags = 0;
  DbId db_id = {};
  CallFunction function = CallFunction::kNull;
  uint32_t hopcount = 0;
  absl::string_view key = {};
  absl::string_view data = {};

  friend bool operator==(const CallRequest&, const CallRequest&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.flags, self.db_id, self.function, self.hopcount);
    const uint32_t key_bytes = wire.Length(self.key);
    const uint32_t data_bytes = wire.Length(self.data);
    wire.Content(self.key, key_bytes);
    wire.Content(self.data, data_bytes);
  }
};

struct CallReply {
  static constexpr PacketType kType = PacketType::kCallReply;
  int32_t status = 0;
  absl::string_view data = {};

  friend bool operator==(const CallReply&, const CallReply&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.status);
    wire.Content(self.data, wire.Length(self.data));
  }
};

struct ErrorReply {
  static constexpr PacketType kType = PacketType::kErrorReply;
  int32_t status = 0;
  absl::string_view text = {};

  friend bool operator==(const ErrorReply&, const ErrorReply&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.status);
    wire.Text(self.text, wire.TextLength(self.text));
  }
};

struct Message {
  static constexpr PacketType kType = PacketType::kMessage;
  ChannelId srvid = {};
  absl::string_view data = {};

  friend bool operator==(const Message&, const Message&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.srvid);
    wire.Content(self.data, wire.Length(self.data));
  }
};

struct ControlRequest {
  static constexpr PacketType kType = PacketType::kControlRequest;
  Opcode opcode = Opcode::kProcessExists;
  ChannelId srvid = {};
  uint32_t client_id = 0;  // What a client sends here means nothing.
  uint32_t flags = 0;
  absl::string_view data = {};

  friend bool operator==(const ControlRequest&, const ControlRequest&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.opcode);
    wire.Padding(4);
    wire(self.srvid, self.client_id, self.flags);
    wire.Content(self.data, wire.Length(self.data));
  }
};

struct ControlReply {
  static constexpr PacketType kType = PacketType::kControlReply;
  int32_t status = 0;
  absl::string_view data = {};
  absl::string_view error = {};  // Without zero byte.

  friend bool operator==(const ControlReply&, const ControlReply&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.status);
    const uint32_t data_bytes = wire.Length(self.data);
    const uint32_t error_bytes = wire.Length(self.error);
    wire.Content(self.data, data_bytes);
    wire.Content(self.error, error_bytes);
  }
};

struct Keepalive {
  static constexpr PacketType kType = PacketType::kKeepalive;
  uint32_t version = 0;  // major * 65536 + minor
  uint32_t uptime_seconds = 0;

  friend bool operator==(const Keepalive&, const Keepalive&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.version, self.uptime_seconds);
  }
};

struct Tunnel {
  static constexpr PacketType kType = PacketType::kTunnel;
  uint64_t tunnel_id = 0;
  uint32_t flags = 0;
  absl::string_view data = {};

  friend bool operator==(const Tunnel&, const Tunnel&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.tunnel_id, self.flags);
    wire.Content(self.data, wire.Length(self.data));
  }
};

using PacketBody = std::variant<CallRequest, CallReply, ErrorReply, Message, ControlRequest,
                                ControlReply, Keepalive, Tunnel>;

struct Packet {
  PacketHeader header = {};
  PacketBody body = {};

  friend bool operator==(const Packet&, const Packet&) = default;
};

// Zero bytes at the end of a packet, counted in its length.
struct Padding {
  size_t multiple_of;
  size_t bytes_min;
};
inline constexpr Padding kNoPadding{1, 0};
inline constexpr Padding kClientLibraryPadding{8, 0};
// As daemons send: never less than 48 bytes.
inline constexpr Padding kServerPadding{8, 48};

// `bytes`: one whole packet.
absl::StatusOr<Packet> DecodePacket(absl::string_view bytes);
absl::Status AppendPacket(const Packet& packet, Padding padding, std::string* out);

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_PACKET_H_
