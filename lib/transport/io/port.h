// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// port: one connection of the transport loop and what waits in it.
//
//   Ownership:  owns its socket.
//   Threading:  belongs to the loop's thread.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     the switch's.

#ifndef LIB_TRANSPORT_IO_PORT_H_
#define LIB_TRANSPORT_IO_PORT_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "lib/base/instant.h"
#include "lib/base/io/unique_fd.h"
#include "lib/transport/io/socket.h"
#include "lib/transport/io/transport_loop.h"
#include "lib/transport/output_queue.h"
#include "lib/transport/router.h"

namespace ctdb {

struct Port {
  enum class Role {
    kEndpointGreeting,  // A local socket that has not said hello.
    kEndpoint,
    kNodeDialling,   // Connecting to a node.
    kNodeWelcoming,  // Said hello to a node, waits for its welcome.
    kNodeGreeting,   // Accepted from a node's address, waits for its hello.
    kNodeParting,    // A guardian was welcomed; waits for what it has to say.
    kLink,
    kRefused,  // Was told all there is; waits for the other side to hang up.
  };

  bool is_greeting() const { return role != Role::kEndpoint && role != Role::kLink; }

  PortNumber number;
  UniqueFd fd;
  Role role;
  Address address;  // Of an endpoint; of a node only the node.
  std::string peer_address;
  std::string software;
  PeerCredentials credentials;
  Traffic traffic;
  Instant since;                  // When the role began.
  int64_t welcomed_boottime = 0;  // A guardian; nanoseconds.
  absl::Time wall_since;
  Instant output_progress;  // When output was last taken, or nothing waited.

  std::vector<uint64_t> partial;  // The beginning of a frame that has not arrived whole,
  size_t partial_bytes = 0;       // in words for its alignment.
  OutputQueue output;
  std::function<void(Bytes)> direct;  // Takes the output instead of the socket.
  bool is_dirty = false;              // Has output that was not offered to the socket.
  bool wants_write = false;           // The socket was full.
  int pause_count = 0;                // Full queues that it sent to; not read while above 0.
  std::vector<PortNumber> waiters;    // Those that wait for this port's queue.
  bool is_doomed = false;
};

// For logs: "client 4711 (user 0)", "node 2".
std::string Describe(const Port& port);

}  // namespace ctdb

#endif  // LIB_TRANSPORT_IO_PORT_H_
