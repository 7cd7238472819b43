// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// message_payloads: server ids, and what messages and their controls carry.
//
//   Ownership:  values; texts and bytes point into what was decoded.
//   Threading:  values.
//   Errors:     InvalidArgument from Decode().
//   Blocking:   never.
//   Limits:     the packet that carries them.
//
// Example:
//   const std::string data = Encode(ReplyTo{.pnn = own, .srvid = reply_srvid});

#ifndef LIB_SAMBA_MESSAGE_PAYLOADS_H_
#define LIB_SAMBA_MESSAGE_PAYLOADS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "lib/samba/constants.h"
#include "lib/samba/wire.h"

namespace ctdb::samba {

// A process of Samba anywhere in the cluster.
struct ServerId {
  static constexpr absl::string_view kName = "server id";
  static constexpr size_t kBytes = 24;
  static constexpr Size kSize = Size::kExact;
  static constexpr uint64_t kDoNotVerify = 0xFFFFFFFFFFFFFFFF;
  uint64_t pid = 0;
  uint32_t task = 0;
  NodeNumber vnn = {};
  uint64_t unique_id = 0;

  friend bool operator==(const ServerId&, const ServerId&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.pid, self.task, self.vnn, self.unique_id);
  }
};

// What Samba puts in a message to one of its processes; of no concern to who delivers it.
struct SambaMessage {
  static constexpr absl::string_view kName = "message of Samba";
  static constexpr size_t kBytes = 52;
  static constexpr Size kSize = Size::kExact;
  ServerId destination = {};
  ServerId source = {};
  uint32_t type = 0;
  absl::string_view body = {};

  friend bool operator==(const SambaMessage&, const SambaMessage&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.destination, self.source, self.type);
    wire.Rest(self.body);
  }
};

// Messages that expect an answer: where to send it.
struct ReplyTo {
  static constexpr absl::string_view kName = "address to reply to";
  static constexpr size_t kBytes = 16;
  static constexpr Size kSize = Size::kExact;
  NodeNumber pnn = {};
  ChannelId srvid = {};

  friend bool operator==(const ReplyTo&, const ReplyTo&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.pnn);
    wire.Padding(4);
    wire(self.srvid);
  }
};

struct DisableMessage {
  static constexpr absl::string_view kName = "request to disable something";
  static constexpr size_t kBytes = 24;
  static constexpr Size kSize = Size::kExact;
  ReplyTo reply_to = {};
  uint32_t seconds = 0;

  friend bool operator==(const DisableMessage&, const DisableMessage&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.reply_to, self.seconds);
    wire.Padding(4);
  }
};

struct PidSrvid {
  static constexpr absl::string_view kName = "process and srvid";
  static constexpr size_t kBytes = 12;
  static constexpr Size kSize = Size::kExact;
  int32_t pid = 0;
  ChannelId srvid = {};

  friend bool operator==(const PidSrvid&, const PidSrvid&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.pid, self.srvid);
  }
};

// A message to send when a client has gone.
struct NotifyData {
  static constexpr absl::string_view kName = "notice for a disconnect";
  static constexpr size_t kBytes = 12;
  static constexpr Size kSize = Size::kExact;
  ChannelId srvid = {};
  absl::string_view data = {};

  friend bool operator==(const NotifyData&, const NotifyData&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.srvid);
    wire.Content(self.data, wire.Length(self.data));
  }
};

struct EchoData {
  static constexpr absl::string_view kName = "echo";
  static constexpr size_t kBytes = 8;
  static constexpr Size kSize = Size::kAtLeast;
  uint32_t milliseconds = 0;
  absl::string_view data = {};

  friend bool operator==(const EchoData&, const EchoData&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.milliseconds);
    wire.Content(self.data, wire.Length(self.data));
  }
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_MESSAGE_PAYLOADS_H_
