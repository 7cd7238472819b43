// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// nodes_change: what a changed nodes list means for a cluster that runs with another one, and
// whether it may be so. Lines may be added at the end, commented out (while the node is down) and
// come back, also with another address; they may not go away, nor change their address.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     NodesChange::errors, the lines that scripts know.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   NodesChange change = CompareNodes(in_use, file, connected);
//   if (change.errors.empty() && !change.IsNothing()) Reload();

#ifndef CLI_NODES_CHANGE_H_
#define CLI_NODES_CHANGE_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace ctdb::cli {

struct NodesLine {
  std::string address;
  bool is_deleted = false;

  // The address of a deleted node means nothing.
  friend bool operator==(const NodesLine& a, const NodesLine& b) {
    return a.is_deleted == b.is_deleted && (a.is_deleted || a.address == b.address);
  }
};

// Its index is the number of the node.
using NodesList = std::vector<NodesLine>;

struct NodesChange {
  std::vector<uint32_t> added;
  std::vector<uint32_t> deleted;
  std::vector<uint32_t> undeleted;
  std::vector<std::string> errors;

  bool IsNothing() const {
    return added.empty() && deleted.empty() && undeleted.empty() && errors.empty();
  }
  // "Node 3 is NEW", one line per node, by number.
  std::string Text() const;
};

// `connected`: nodes that run, the local one among them.
NodesChange CompareNodes(const NodesList& in_use, const NodesList& file,
                         const std::set<uint32_t>& connected);

}  // namespace ctdb::cli

#endif  // CLI_NODES_CHANGE_H_
