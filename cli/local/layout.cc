// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/local/layout.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace ctdb::cli::local {
namespace {

// What fits into sockaddr_un, with its final zero.
constexpr size_t kSocketPathBytesMax = 107;

}  // namespace

std::string MarkerFile(absl::string_view directory) {
  return absl::StrCat(directory, "/.ctdb-local");
}

std::string NodesFile(absl::string_view directory) { return absl::StrCat(directory, "/nodes"); }

std::string NodeDirectory(absl::string_view directory, uint32_t node) {
  return absl::StrCat(directory, "/node.", node);
}

std::string LogFile(absl::string_view directory, uint32_t node) {
  return absl::StrCat(NodeDirectory(directory, node), "/log.ctdb");
}

std::string SocketFile(absl::string_view directory, uint32_t node) {
  return absl::StrCat(NodeDirectory(directory, node), "/run/transport.socket");
}

std::string StartOutputFile(absl::string_view directory, uint32_t node) {
  return absl::StrCat(NodeDirectory(directory, node), "/run/start.out");
}

std::string IdentityFile(absl::string_view directory, uint32_t node) {
  return absl::StrCat(NodeDirectory(directory, node), "/run/local.process");
}

std::vector<std::string> NodeDirectories(absl::string_view directory, uint32_t node) {
  std::vector<std::string> directories;
  for (const char* name : {"db/volatile", "db/persistent", "db/state", "run", "var", "share",
                           "events/legacy", "events/notification"}) {
    directories.push_back(absl::StrCat(NodeDirectory(directory, node), "/", name));
  }
  return directories;
}

absl::Status CheckPlace(absl::string_view directory, uint32_t node_count) {
  if (node_count == 0 || node_count > kLocalNodesMax) {
    return absl::InvalidArgumentError(absl::StrCat("cannot make a local cluster of ", node_count,
                                                   " nodes: 1 to ", kLocalNodesMax,
                                                   " are possible"));
  }
  const size_t longest = SocketFile(directory, node_count - 1).size();
  if (longest > kSocketPathBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot make a local cluster in ", directory, ": the paths of its sockets would be ",
        longest - kSocketPathBytesMax, " bytes too long; use a directory with a shorter path"));
  }
  return absl::OkStatus();
}

std::vector<std::string> DrawAddresses(Random& random, uint32_t node_count) {
  const uint64_t second = 1 + random.Below(254);
  const uint64_t third = random.Below(256);
  std::vector<std::string> addresses;
  for (uint32_t node = 0; node < node_count; ++node) {
    addresses.push_back(absl::StrCat("127.", second, ".", third, ".", node + 1));
  }
  return addresses;
}

std::string NodesText(const std::vector<std::string>& addresses) {
  return absl::StrCat(absl::StrJoin(addresses, "\n"), "\n");
}

std::string PublicAddressesText() {
  return "# ADDRESS/BITS INTERFACE, for example: 192.168.100.1/24 lo\n";
}

std::string ConfigText(absl::string_view directory, uint32_t node, absl::string_view address,
                       bool multi_process) {
  const std::string base = NodeDirectory(directory, node);
  return absl::StrCat(
      "[logging]\n\tlocation = file:", LogFile(directory, node),
      "\n\tlog level = INFO\n\n[cluster]\n\tnode address = ", address,
      "\n\n[database]\n\tvolatile database directory = ", base,
      "/db/volatile\n\tpersistent database directory = ", base,
      "/db/persistent\n\tstate database directory = ", base,
      "/db/state\n\n[daemon]\n\tprocess model = ", multi_process ? "multi" : "single", "\n");
}

std::vector<std::pair<std::string, std::string>> NodeEnvironment(
    absl::string_view directory, uint32_t node, absl::string_view helper_directory) {
  return {{"CTDB_TEST_MODE", "yes"},
          {"CTDB_BASE", NodeDirectory(directory, node)},
          {"CTDB_TEST_HELPER_BINDIR", std::string(helper_directory)}};
}

}  // namespace ctdb::cli::local
