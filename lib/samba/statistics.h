// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// statistics: the counters of a daemon and of a database, as the ctdb tool reads them.
//
//   Ownership:  values; keys point into what was decoded.
//   Threading:  values.
//   Errors:     InvalidArgument from Decode().
//   Blocking:   never.
//   Limits:     the packet that carries them; kHotKeysMax keys.
//
// Example:
//   Statistics statistics;
//   statistics.clients = connections.size();
//   reply.data = Encode(statistics);

#ifndef LIB_SAMBA_STATISTICS_H_
#define LIB_SAMBA_STATISTICS_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/samba/node_payloads.h"
#include "lib/samba/wire.h"

namespace ctdb::samba {

using Histogram = std::array<uint32_t, 16>;

// As a counter: what does not fit is the largest number.
template <typename Counter>
Counter Fit(uint64_t value) {
  return static_cast<Counter>(
      std::min(value, static_cast<uint64_t>(std::numeric_limits<Counter>::max())));
}

struct LatencyCounter {
  static constexpr absl::string_view kName = "latency counter";
  static constexpr size_t kBytes = 32;
  static constexpr Size kSize = Size::kExact;
  int32_t count = 0;
  double min_seconds = 0;
  double max_seconds = 0;
  double total_seconds = 0;

  friend bool operator==(const LatencyCounter&, const LatencyCounter&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.count);
    wire.Padding(4);
    wire(self.min_seconds, self.max_seconds, self.total_seconds);
  }
};

struct LockCounts {
  uint32_t calls = 0;
  uint32_t current = 0;
  uint32_t pending = 0;
  uint32_t failed = 0;

  friend bool operator==(const LockCounts&, const LockCounts&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.calls, self.current, self.pending, self.failed);
  }
};

struct NodePacketCounts {
  uint32_t call_requests = 0;
  uint32_t call_replies = 0;
  uint32_t dmaster_requests = 0;
  uint32_t dmaster_replies = 0;
  uint32_t error_replies = 0;
  uint32_t messages = 0;
  uint32_t control_requests = 0;
  uint32_t control_replies = 0;
  uint32_t tunnels = 0;

  friend bool operator==(const NodePacketCounts&, const NodePacketCounts&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.call_requests, self.call_replies, self.dmaster_requests, self.dmaster_replies);
    wire(self.error_replies, self.messages, self.control_requests, self.control_replies);
    wire(self.tunnels);
  }
};

struct ClientPacketCounts {
  uint32_t calls = 0;
  uint32_t messages = 0;
  uint32_t controls = 0;
  uint32_t tunnels = 0;

  friend bool operator==(const ClientPacketCounts&, const ClientPacketCounts&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.calls, self.messages, self.controls, self.tunnels);
  }
};

struct Statistics {
  static constexpr absl::string_view kName = "statistics";
  static constexpr size_t kBytes = 488;
  static constexpr Size kSize = Size::kExact;
  uint32_t clients = 0;
  uint32_t frozen = 0;
  uint32_t recovering = 0;
  uint32_t client_packets_sent = 0;
  uint32_t client_packets_received = 0;
  uint32_t node_packets_sent = 0;
  uint32_t node_packets_received = 0;
  uint32_t keepalives_sent = 0;
  uint32_t keepalives_received = 0;
  NodePacketCounts from_nodes = {};
  ClientPacketCounts from_clients = {};
  uint32_t call_timeouts = 0;
  uint32_t control_timeouts = 0;
  uint32_t traverse_timeouts = 0;
  LatencyCounter daemon_cluster_lock = {};
  LatencyCounter recovery_cluster_lock = {};
  LockCounts locks = {};
  LatencyCounter lock_wait = {};
  Histogram lock_wait_histogram{};
  uint32_t total_calls = 0;
  uint32_t pending_calls = 0;
  uint32_t childwrite_calls = 0;
  uint32_t pending_childwrite_calls = 0;
  uint32_t memory_used = 0;
  uint32_t internal = 0;
  uint32_t max_hop_count = 0;
  Histogram hop_count_histogram{};
  LatencyCounter call_latency = {};
  LatencyCounter childwrite_latency = {};
  uint32_t recoveries = 0;
  WallTime started = {};
  WallTime now = {};
  uint32_t readonly_delegations = 0;
  uint32_t readonly_revokes = 0;

  friend bool operator==(const Statistics&, const Statistics&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.clients, self.frozen, self.recovering);
    wire(self.client_packets_sent, self.client_packets_received);
    wire(self.node_packets_sent, self.node_packets_received);
    wire(self.keepalives_sent, self.keepalives_received);
    wire(self.from_nodes, self.from_clients);
    wire(self.call_timeouts, self.control_timeouts, self.traverse_timeouts);
    wire.Padding(4);
    wire(self.daemon_cluster_lock, self.recovery_cluster_lock);
    wire(self.locks, self.lock_wait, self.lock_wait_histogram);
    wire(self.total_calls, self.pending_calls);
    wire(self.childwrite_calls, self.pending_childwrite_calls);
    wire(self.memory_used, self.internal, self.max_hop_count, self.hop_count_histogram);
    wire.Padding(4);
    wire(self.call_latency, self.childwrite_latency, self.recoveries);
    wire.Padding(4);
    wire(self.started, self.now, self.readonly_delegations, self.readonly_revokes);
  }
};

// Newest first.
struct StatisticsHistory {
  static constexpr absl::string_view kName = "history of statistics";
  static constexpr size_t kBytes = 8;
  static constexpr Size kSize = Size::kAtLeast;
  std::vector<Statistics> entries = {};

  friend bool operator==(const StatisticsHistory&, const StatisticsHistory&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    const uint32_t count = wire.Count(self.entries);
    wire.Padding(4);
    wire.Elements(self.entries, count);
  }
};

inline constexpr size_t kHotKeysMax = 10;

struct HotKey {
  uint32_t count = 0;
  absl::string_view key = {};

  friend bool operator==(const HotKey&, const HotKey&) = default;
};

struct DbStatistics {
  static constexpr absl::string_view kName = "statistics of a database";
  static constexpr size_t kBytes = 464;
  static constexpr Size kSize = Size::kAtLeast;
  LockCounts locks = {};
  LatencyCounter lock_wait = {};
  Histogram lock_wait_histogram{};
  LatencyCounter vacuum = {};
  uint32_t readonly_delegations = 0;
  uint32_t readonly_revokes = 0;
  Histogram hop_count_histogram{};
  std::array<HotKey, kHotKeysMax> hot_keys{};  // Unused ones have the count 0.

  friend bool operator==(const DbStatistics&, const DbStatistics&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.locks, self.lock_wait, self.lock_wait_histogram, self.vacuum);
    wire(self.readonly_delegations, self.readonly_revokes, self.hop_count_histogram);
    uint32_t count = kHotKeysMax;
    wire(count);
    wire.Padding(4);
    wire.Require(count <= kHotKeysMax);
    std::array<uint64_t, kHotKeysMax> key_bytes{};
    for (size_t i = 0; i < kHotKeysMax; ++i) {
      key_bytes[i] = self.hot_keys[i].key.size();
      wire(self.hot_keys[i].count);
      wire.Padding(4 + 8);
      wire(key_bytes[i]);
      wire.Require(key_bytes[i] <= UINT32_MAX);
    }
    for (size_t i = 0; i < kHotKeysMax; ++i) {
      wire.Content(self.hot_keys[i].key, static_cast<uint32_t>(key_bytes[i]));
    }
  }
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_STATISTICS_H_
