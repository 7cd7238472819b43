// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// nodes: the nodes file, which gives every node its number and its private address.
//
// A line is an address, and the number of a node is the index of its line. A line that starts with
// # is a deleted node, which keeps its number, whatever the text behind the # says. Blank lines do
// not count. One address on two lines is an error here: two nodes cannot share it.
//
//   Ownership:  values.
//   Threading:  pure function.
//   Errors:     in NodesFile::problems, each with its line.
//   Blocking:   never; names are not looked up.
//   Limits:     kNodesMax nodes.
//
// Example:
//   NodesFile file = ParseNodes("10.0.0.1\n#10.0.0.2\n10.0.0.3\n", "/etc/ctdb/nodes");
//   file.nodes[2].number;  // 2

#ifndef LIB_CONFIG_NODES_H_
#define LIB_CONFIG_NODES_H_

#include <cstddef>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/base/ids.h"
#include "lib/config/ip_address.h"
#include "lib/config/problem.h"

namespace ctdb::config {

// Far above what one cluster can hold, and low enough that a wrong file costs little.
inline constexpr size_t kNodesMax = 4096;

struct NodeEntry {
  NodeNumber number;
  IpAddress address;  // 0.0.0.0 for a deleted node
  bool is_deleted = false;
  int line = 0;
};

struct NodesFile {
  // Element i is node i. Lines with an error have no element, so use the list only when ok().
  std::vector<NodeEntry> nodes;
  std::vector<Problem> problems;

  bool ok() const { return !HasErrors(problems); }
};

// `source` is only the name to be shown.
NodesFile ParseNodes(absl::string_view text, absl::string_view source);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_NODES_H_
