// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/node_state.h"

#include <algorithm>

#include "absl/strings/str_join.h"

namespace ctdb::cluster {

std::string FlagText(uint32_t flags) {
  static constexpr struct {
    NodeFlag flag;
    absl::string_view name;
  } kNames[] = {{kDisconnected, "DISCONNECTED"}, {kDisabled, "DISABLED"}, {kBanned, "BANNED"},
                {kUnhealthy, "UNHEALTHY"},       {kDeleted, "DELETED"},   {kStopped, "STOPPED"}};
  std::vector<absl::string_view> names;
  for (const auto& entry : kNames) {
    if ((flags & entry.flag) != 0) names.push_back(entry.name);
  }
  return absl::StrJoin(names, "|");
}

std::string StateText(uint32_t flags) { return flags == 0 ? "OK" : FlagText(flags); }

absl::string_view RunStateName(RunState state) {
  switch (state) {
    case RunState::kUnknown:
      return "UNKNOWN";
    case RunState::kInit:
      return "INIT";
    case RunState::kSetup:
      return "SETUP";
    case RunState::kFirstRecovery:
      return "FIRST_RECOVERY";
    case RunState::kStartup:
      return "STARTUP";
    case RunState::kRunning:
      return "RUNNING";
    case RunState::kShutdown:
      return "SHUTDOWN";
  }
  return "UNKNOWN";
}

std::optional<Epoch> JoinedEpoch(const View& view, NodeNumber node) {
  const auto it = std::lower_bound(view.members.begin(), view.members.end(), node);
  if (it == view.members.end() || *it != node) return std::nullopt;
  return view.joined[static_cast<size_t>(it - view.members.begin())];
}

}  // namespace ctdb::cluster
