// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// layout: where a local cluster keeps what, and what its files say. All nodes run on this machine,
// each below its own directory, with addresses of a block of 127.0.0.0/8 that is the cluster's own.
//
//   DIR/.ctdb-local   marks the directory as a local cluster
//   DIR/nodes         one address per node
//   DIR/node.N/       ctdb.conf nodes public_addresses db/{volatile,persistent,state}
//                     run/ var/ share/ events/ log.ctdb
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument for a directory or a number of nodes that cannot work.
//   Blocking:   never.
//   Limits:     kLocalNodesMax nodes; the directory's path must leave room for a socket's name.

#ifndef CLI_LOCAL_LAYOUT_H_
#define CLI_LOCAL_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/base/random.h"

namespace ctdb::cli::local {

inline constexpr uint32_t kLocalNodesMax = 100;

// Paths of the cluster in `directory`, which must be absolute.
std::string MarkerFile(absl::string_view directory);
std::string NodesFile(absl::string_view directory);
std::string NodeDirectory(absl::string_view directory, uint32_t node);
std::string LogFile(absl::string_view directory, uint32_t node);
std::string SocketFile(absl::string_view directory, uint32_t node);
// What the daemon prints before it logs.
std::string StartOutputFile(absl::string_view directory, uint32_t node);
// The identity of the process that was started, see process_identity.h.
std::string IdentityFile(absl::string_view directory, uint32_t node);

// Every directory that a node needs.
std::vector<std::string> NodeDirectories(absl::string_view directory, uint32_t node);

// Whether a cluster of so many nodes fits into the directory.
absl::Status CheckPlace(absl::string_view directory, uint32_t node_count);

inline constexpr absl::string_view kMarkerText =
    "This directory was made by \"ctdb local setup\"; \"ctdb local destroy\" removes it.\n";

// Addresses of a block 127.A.B.1 upwards; which block is drawn from `random`. Blocks of 127.0 are
// left to others.
std::vector<std::string> DrawAddresses(Random& random, uint32_t node_count);

std::string NodesText(const std::vector<std::string>& addresses);
std::string PublicAddressesText();
std::string ConfigText(absl::string_view directory, uint32_t node, absl::string_view address,
                       bool multi_process);

// What a program needs in its environment to be on the node.
std::vector<std::pair<std::string, std::string>> NodeEnvironment(
    absl::string_view directory, uint32_t node, absl::string_view helper_directory);

}  // namespace ctdb::cli::local

#endif  // CLI_LOCAL_LAYOUT_H_
