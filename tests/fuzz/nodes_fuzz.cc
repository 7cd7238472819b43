// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// nodes_fuzz: any text as a nodes file. A good one means the same after being written out again.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lib/config/nodes.h"

namespace ctdb::config {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

void CheckText(absl::string_view text) {
  const NodesFile file = ParseNodes(text, "F");
  Require(file.nodes.size() <= kNodesMax && file.problems.size() <= kProblemsMax);
  std::string canonical;
  for (size_t i = 0; i < file.nodes.size(); ++i) {
    const NodeEntry& node = file.nodes[i];
    Require(node.number.value() == i);
    absl::StrAppend(&canonical, node.is_deleted ? "#" : node.address.ToString(), "\n");
  }
  const NodesFile again = ParseNodes(canonical, "F");
  Require(again.ok() && again.nodes.size() == file.nodes.size());
  for (size_t i = 0; i < file.nodes.size(); ++i) {
    Require(again.nodes[i].address == file.nodes[i].address);
    Require(again.nodes[i].is_deleted == file.nodes[i].is_deleted);
  }
}

}  // namespace
}  // namespace ctdb::config

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ctdb::config::CheckText({reinterpret_cast<const char*>(data), size});
  return 0;
}
