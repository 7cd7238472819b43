// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/status.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/render/table.h"
#include "cli/render/text.h"

namespace ctdb::cli {
namespace {

constexpr uint32_t kLeaderUnknown = 0xffffffff;

// A bit of this file only, which FlagBits() adds.
constexpr uint32_t kInactive = 1u << 31;

struct FlagName {
  uint32_t bit;
  const char* name;
  const char* key;
};
// In the order of the text form.
constexpr FlagName kFlagNames[] = {
    {kDisconnected, "DISCONNECTED", "disconnected"},
    {kUnknown, "UNKNOWN", "unknown"},
    {kDisabled, "DISABLED", "disabled"},
    {kBanned, "BANNED", "banned"},
    {kUnhealthy, "UNHEALTHY", "unhealthy"},
    {kDeleted, "DELETED", "deleted"},
    {kStopped, "STOPPED", "stopped"},
    {kInactive, "INACTIVE", "inactive"},
};

bool IsDeleted(const NodeState& node) { return (node.flags & kDeleted) != 0; }

bool HasNoFlag(const NodeState& node) { return node.flags == 0 && !node.left_out; }

bool IsPartiallyOnline(const NodeState& node) { return HasNoFlag(node) && node.partially_online; }

// Its flags and what follows from them.
uint32_t FlagBits(const NodeState& node) { return node.flags | (IsInactive(node) ? kInactive : 0); }

size_t DeletedCount(const std::vector<NodeState>& nodes) {
  return static_cast<size_t>(std::count_if(nodes.begin(), nodes.end(), IsDeleted));
}

}  // namespace

bool IsInactive(const NodeState& node) {
  return (node.flags & kInactiveFlags) != 0 || node.left_out;
}

bool IsOk(const NodeState& node) { return HasNoFlag(node) && !node.partially_online; }

bool IsBeforeFirstRecovery(wire::RunState run_state) {
  return run_state == wire::RunState::INIT || run_state == wire::RunState::SETUP ||
         run_state == wire::RunState::FIRST_RECOVERY;
}

std::vector<NodeState> NodeStates(capnp::List<wire::Node>::Reader nodes, uint32_t this_node,
                                  wire::RunState run_state) {
  std::vector<NodeState> states;
  for (const auto node : nodes) {
    NodeState state;
    state.number = node.getNumber();
    state.address.assign(node.getAddress().begin(), node.getAddress().size());
    state.this_node = node.getNumber() == this_node;
    if (node.getDeleted()) {
      state.flags = kDeleted;
    } else if (!node.getLocal() && !node.getConnected()) {
      state.flags = kDisconnected | kUnhealthy;
    } else if (!state.this_node && IsBeforeFirstRecovery(run_state)) {
      state.flags = kUnknown;
    }
    states.push_back(std::move(state));
  }
  return states;
}

std::string FlagNames(const NodeState& node) {
  if (IsPartiallyOnline(node)) return "PARTIALLYONLINE";
  if (HasNoFlag(node)) return "OK";
  std::vector<std::string> names;
  for (const FlagName& flag : kFlagNames) {
    if ((FlagBits(node) & flag.bit) != 0) names.push_back(flag.name);
  }
  return absl::StrJoin(names, "|");
}

std::string NodeCountLine(const std::vector<NodeState>& nodes) {
  const size_t deleted = DeletedCount(nodes);
  if (deleted == 0) return absl::StrCat("Number of nodes:", nodes.size(), "\n");
  return absl::StrCat("Number of nodes:", nodes.size(), " (including ", deleted,
                      " deleted nodes)\n");
}

std::string NodeLine(const NodeState& node, bool colour) {
  if (IsDeleted(node)) return "";
  const Tone tone = IsOk(node) ? Tone::kGood : Tone::kBad;
  return absl::StrFormat("pnn:%u %-16s %s%s\n", node.number, Printable(node.address),
                         Paint(FlagNames(node), tone, colour),
                         node.this_node ? " (THIS NODE)" : "");
}

std::string ClusterLines(const ClusterState& cluster) {
  std::string text = cluster.generation.has_value()
                         ? absl::StrCat("Generation:", *cluster.generation, "\n")
                         : "Generation:INVALID\n";
  absl::StrAppend(&text, "Size:", cluster.homes.size(), "\n");
  for (size_t hash = 0; hash < cluster.homes.size(); ++hash) {
    absl::StrAppend(&text, "hash:", hash, " lmaster:", cluster.homes[hash], "\n");
  }
  absl::StrAppend(&text, "Recovery mode:", cluster.recovering ? "RECOVERY (1)" : "NORMAL (0)",
                  "\nLeader:");
  if (cluster.leader.has_value()) {
    absl::StrAppend(&text, *cluster.leader, "\n");
  } else {
    text += "UNKNOWN\n";
  }
  return text;
}

std::string NodeTable(const std::vector<NodeState>& nodes, absl::string_view separator) {
  std::string text = MachineRow({"Node", "IP", "Disconnected", "Unknown", "Banned", "Disabled",
                                 "Unhealthy", "Stopped", "Inactive", "PartiallyOnline", "ThisNode"},
                                separator);
  for (const NodeState& node : nodes) {
    if (IsDeleted(node)) continue;
    std::vector<std::string> fields = {absl::StrCat(node.number), Printable(node.address)};
    for (const uint32_t bit :
         {+kDisconnected, +kUnknown, +kBanned, +kDisabled, +kUnhealthy, +kStopped, kInactive}) {
      fields.push_back((FlagBits(node) & bit) != 0 ? "1" : "0");
    }
    fields.push_back(IsPartiallyOnline(node) ? "1" : "0");
    fields.push_back(node.this_node ? "Y" : "N");
    text += MachineRow(fields, separator);
  }
  return text;
}

void WriteNodeStatus(const std::vector<NodeState>& nodes, JsonWriter& json) {
  json.Key("node_status").BeginObject();
  json.Key("node_count").Number(static_cast<double>(nodes.size()));
  json.Key("deleted_node_count").Number(static_cast<double>(DeletedCount(nodes)));
  json.Key("nodes").BeginObject();
  for (const NodeState& node : nodes) {
    if (IsDeleted(node)) continue;
    json.Key(absl::StrCat(node.number)).BeginObject();
    json.Key("pnn").Number(node.number);
    json.Key("address").String(node.address);
    json.Key("partially_online").Bool(IsPartiallyOnline(node));
    json.Key("flags_raw").Number(node.flags);
    json.Key("flags_ok").Bool(HasNoFlag(node));
    json.Key("flags").BeginObject();
    for (const FlagName& flag : kFlagNames) {
      json.Key(flag.key).Bool((FlagBits(node) & flag.bit) != 0);
    }
    json.EndObject();
    json.Key("this_node").Bool(node.this_node);
    json.EndObject();
  }
  json.EndObject();
  json.EndObject();
}

void WriteClusterState(const ClusterState& cluster, JsonWriter& json) {
  json.Key("vnn_status").BeginObject();
  json.Key("generation");
  if (cluster.generation.has_value()) {
    json.Integer(*cluster.generation);
  } else {
    json.Null();
  }
  json.Key("size").Number(static_cast<double>(cluster.homes.size()));
  json.Key("vnn_map").BeginArray();
  for (size_t hash = 0; hash < cluster.homes.size(); ++hash) {
    json.BeginObject();
    json.Key("hash").Number(static_cast<double>(hash));
    json.Key("lmaster").Number(cluster.homes[hash]);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  json.Key("recovery_mode").String(cluster.recovering ? "RECOVERY" : "NORMAL");
  json.Key("recovery_mode_raw").Number(cluster.recovering ? 1 : 0);
  json.Key("leader").Number(cluster.leader.value_or(kLeaderUnknown));
}

uint32_t FlagsOfAll(const std::vector<NodeState>& nodes) {
  uint32_t flags = 0;
  for (const NodeState& node : nodes) {
    if (!IsDeleted(node)) flags |= node.flags;
  }
  return flags;
}

}  // namespace ctdb::cli
