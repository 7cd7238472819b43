// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/nodes_change.h"

#include <map>

#include "absl/strings/str_cat.h"

namespace ctdb::cli {

std::string NodesChange::Text() const {
  std::map<uint32_t, const char*> words;
  for (const uint32_t node : added) words[node] = "NEW";
  for (const uint32_t node : deleted) words[node] = "DELETED";
  for (const uint32_t node : undeleted) words[node] = "UNDELETED";
  std::string text;
  for (const auto& [node, word] : words) absl::StrAppend(&text, "Node ", node, " is ", word, "\n");
  return text;
}

NodesChange CompareNodes(const NodesList& in_use, const NodesList& file,
                         const std::set<uint32_t>& connected) {
  NodesChange change;
  for (uint32_t node = 0; node < in_use.size(); ++node) {
    const NodesLine& old = in_use[node];
    if (node >= file.size()) {
      change.errors.push_back(
          absl::StrCat("Node ", node, " (", old.address, ") missing from nodes file"));
    } else if (old == file[node]) {
      continue;
    } else if (old.is_deleted) {
      change.undeleted.push_back(node);
    } else if (!file[node].is_deleted) {
      change.errors.push_back(absl::StrCat("Node ", node, " has changed IP address (was ",
                                           old.address, ", now ", file[node].address, ")"));
    } else if (connected.count(node) > 0) {
      change.errors.push_back(absl::StrCat("ERROR: Node ", node, " is still connected"));
    } else {
      change.deleted.push_back(node);
    }
  }
  for (uint32_t node = in_use.size(); node < file.size(); ++node) {
    (file[node].is_deleted ? change.deleted : change.added).push_back(node);
  }
  return change;
}

}  // namespace ctdb::cli
