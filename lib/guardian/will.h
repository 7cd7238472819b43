// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// will: what the guardian of a daemon does when the daemon has ended, as the daemon has told it
// while it lived.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument for a will that names no place, or too many nodes.
//   Blocking:   never.
//   Limits:     kNodesMax nodes.
//
// Example:
//   WriteWill(will, message.initRoot<wire::Will>());
//   CTDB_ASSIGN_OR_RETURN(Will will, ReadWill(message.getRoot<wire::Will>()));

#ifndef LIB_GUARDIAN_WILL_H_
#define LIB_GUARDIAN_WILL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "capnp/guardian.capnp.h"
#include "lib/base/ids.h"

namespace ctdb::guardian {

struct Will {
  struct Peer {
    NodeNumber node;
    std::string address;

    friend bool operator==(const Peer&, const Peer&) = default;
  };

  NodeNumber node;
  std::string address;  // Of this node.
  uint16_t port = 0;    // Of all nodes.
  // What others know this run's guardian by (cluster::Alive); 0: there is nothing to do.
  uint64_t parting_token = 0;
  std::string volatile_directory;  // Of databases.
  std::vector<Peer> peers;         // All other nodes.

  friend bool operator==(const Will&, const Will&) = default;
};

void WriteWill(const Will& will, wire::Will::Builder out);
absl::StatusOr<Will> ReadWill(wire::Will::Reader in);

}  // namespace ctdb::guardian

#endif  // LIB_GUARDIAN_WILL_H_
