// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// node_payloads: what is told about nodes.
//
//   Ownership:  values; texts and bytes point into what was decoded.
//   Threading:  values.
//   Errors:     InvalidArgument from Decode().
//   Blocking:   never.
//   Limits:     the packet that carries them.
//
// Example:
//   NodeMap map;
//   map.entries.push_back({.pnn = NodeNumber(0), .flags = kNodeUnhealthy, .address = address});
//   reply = Encode(map);

#ifndef LIB_SAMBA_NODE_PAYLOADS_H_
#define LIB_SAMBA_NODE_PAYLOADS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/samba/constants.h"
#include "lib/samba/sock_address.h"
#include "lib/samba/wire.h"

namespace ctdb::samba {

struct NodeEntry {
  static constexpr absl::string_view kName = "node";
  static constexpr size_t kBytes = 36;
  static constexpr Size kSize = Size::kExact;
  NodeNumber pnn = {};
  uint32_t flags = 0;
  SockAddress address = {};

  friend bool operator==(const NodeEntry&, const NodeEntry&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.pnn, self.flags, self.address);
  }
};

// Ordered by number; deleted nodes stay in it with kNodeDeleted.
struct NodeMap {
  static constexpr absl::string_view kName = "node map";
  static constexpr size_t kBytes = 4;
  static constexpr Size kSize = Size::kAtLeast;
  std::vector<NodeEntry> entries = {};

  friend bool operator==(const NodeMap&, const NodeMap&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire.Elements(self.entries, wire.Count(self.entries));
  }
};

struct VnnEntry {
  static constexpr absl::string_view kName = "node in a vnn map";
  static constexpr size_t kBytes = 4;
  static constexpr Size kSize = Size::kExact;
  NodeNumber pnn = {};

  friend bool operator==(const VnnEntry&, const VnnEntry&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.pnn);
  }
};

struct VnnMap {
  static constexpr absl::string_view kName = "vnn map";
  static constexpr size_t kBytes = 8;
  static constexpr Size kSize = Size::kAtLeast;
  Generation generation = {};
  std::vector<VnnEntry> entries = {};

  friend bool operator==(const VnnMap&, const VnnMap&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.generation);
    wire.Elements(self.entries, wire.Count(self.entries));
  }
};

struct FlagChange {
  static constexpr absl::string_view kName = "change of a node's flags";
  static constexpr size_t kBytes = 12;
  static constexpr Size kSize = Size::kExact;
  NodeNumber pnn = {};
  uint32_t new_flags = 0;
  uint32_t old_flags = 0;

  friend bool operator==(const FlagChange&, const FlagChange&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.pnn, self.new_flags, self.old_flags);
  }
};

struct BanState {
  static constexpr absl::string_view kName = "ban state";
  static constexpr size_t kBytes = 8;
  static constexpr Size kSize = Size::kExact;
  NodeNumber pnn = {};
  uint32_t seconds = 0;  // 0: not banned.

  friend bool operator==(const BanState&, const BanState&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.pnn, self.seconds);
  }
};

// Since 1970.
struct WallTime {
  static constexpr absl::string_view kName = "time";
  static constexpr size_t kBytes = 16;
  static constexpr Size kSize = Size::kExact;
  int64_t seconds = 0;
  int64_t microseconds = 0;

  friend bool operator==(const WallTime&, const WallTime&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.seconds, self.microseconds);
  }
};

struct Uptime {
  static constexpr absl::string_view kName = "uptime";
  static constexpr size_t kBytes = 64;
  static constexpr Size kSize = Size::kExact;
  WallTime now = {};
  WallTime daemon_started = {};
  WallTime recovery_started = {};
  WallTime recovery_finished = {};

  friend bool operator==(const Uptime&, const Uptime&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.now, self.daemon_started, self.recovery_started, self.recovery_finished);
  }
};

struct ElectionMessage {
  static constexpr absl::string_view kName = "message of an election";
  static constexpr size_t kBytes = 32;
  static constexpr Size kSize = Size::kExact;
  uint32_t connected_nodes = 0;
  WallTime priority_time = {};
  NodeNumber pnn = {};
  uint32_t node_flags = 0;

  friend bool operator==(const ElectionMessage&, const ElectionMessage&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.connected_nodes);
    wire.Padding(4);
    wire(self.priority_time, self.pnn, self.node_flags);
  }
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_NODE_PAYLOADS_H_
