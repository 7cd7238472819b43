// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The part of Membership that is about the nodes list and its changes.

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/cluster/membership.h"

namespace ctdb::cluster {

uint64_t Digest(const std::vector<ListedNode>& nodes) {
  uint64_t digest = 14695981039346656037u;  // FNV-1a, 64 bits.
  const auto add = [&](absl::string_view text) {
    for (const char c : text) digest = (digest ^ static_cast<uint8_t>(c)) * 1099511628211u;
  };
  for (const ListedNode& node : nodes) {
    add(absl::StrCat(node.number.value(), " ", node.is_deleted ? "-" : node.address, "\n"));
  }
  return digest;
}

absl::Status Membership::PrepareNodes(std::vector<ListedNode> nodes, Instant now) {
  for (size_t i = 0; i < nodes_.size(); ++i) {
    const ListedNode& old = nodes_[i];
    const std::string name = absl::StrCat("Node ", old.number.value());
    if (i >= nodes.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, " (", old.address, ") missing from nodes file"));
    }
    if (!old.is_deleted && !nodes[i].is_deleted && nodes[i].address != old.address) {
      return absl::InvalidArgumentError(absl::StrCat(name, " has changed IP address (was ",
                                                     old.address, ", now ", nodes[i].address, ")"));
    }
    if (nodes[i].is_deleted && !old.is_deleted &&
        (old.number == options_.local || peers_[old.number].is_connected)) {
      return absl::FailedPreconditionError(absl::StrCat("ERROR: ", name, " is still connected"));
    }
  }
  next_nodes_ = std::move(nodes);
  const auto numbers = [](const std::vector<ListedNode>& list) {
    std::vector<NodeNumber> result;
    for (const ListedNode& node : list) {
      if (!node.is_deleted) result.push_back(node.number);
    }
    return result;
  };
  engine_.SetNodes(numbers(nodes_), numbers(*next_nodes_), now);
  Advance(now);
  return absl::OkStatus();
}

void Membership::CommitNodes(Instant now) {
  if (!next_nodes_.has_value()) return;
  const bool is_first = nodes_.empty();
  nodes_ = *std::exchange(next_nodes_, std::nullopt);
  std::vector<NodeNumber> numbers;
  std::vector<NodeNumber> listed;
  for (const ListedNode& node : nodes_) {
    listed.push_back(node.number);
    if (!node.is_deleted) numbers.push_back(node.number);
    if (node.number == options_.local) continue;
    const bool is_new = peers_.try_emplace(node.number).second;
    // The engine has watched it since the list was prepared.
    const auto& up = engine_.connected();
    if (is_new && std::binary_search(up.begin(), up.end(), node.number)) {
      OnPeerUp(node.number, now);
    }
  }
  std::erase_if(peers_, [&](const auto& entry) {
    return std::find(listed.begin(), listed.end(), entry.first) == listed.end();
  });
  own_.nodes_digest = Digest(nodes_);
  engine_.SetNodes(std::move(numbers), {}, now);
  if (is_first) return;
  Note(ChangeKind::kNodesList, options_.local, "", "",
       absl::StrCat("The nodes list was read again: ", nodes_.size(), " lines"), 0, now);
  for (auto& [node, peer] : peers_) CheckSettings(node, peer, now);
  ChangeOwn(now);
  Advance(now);
}

}  // namespace ctdb::cluster
