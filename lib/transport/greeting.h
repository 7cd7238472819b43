// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// greeting: the first packet of each side of a connection, and who is let in. The one that
// connected says hello, the other one welcomes or refuses it; a refusal carries its reason, so both
// sides can log it.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     PermissionDenied, FailedPrecondition or InvalidArgument: the reason for a refusal,
//               fit for one log line on either side.
//   Blocking:   never.
//   Limits:     texts of kPeerTextBytesMax.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(Greeting greeting, ReadGreeting(frame));
//   if (auto* hello = std::get_if<NodeHello>(&greeting)) {
//     CTDB_RETURN_IF_ERROR(CheckNodeHello(*hello, local, nodes, peer_ip));
//     Send(WriteWelcome(&writer, {.node = local, .incarnation = incarnation}));
//   }

#ifndef LIB_TRANSPORT_GREETING_H_
#define LIB_TRANSPORT_GREETING_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/protocol/packet.h"

namespace ctdb {

// One line of the nodes file.
struct TransportNode {
  NodeNumber number;
  std::string address;  // IPv4 or IPv6, in its canonical text form.
  bool is_deleted = false;
};

struct EndpointHello {
  std::string software;
  ServiceId service = ServiceId::kClient;
};

struct NodeHello {
  std::string software;
  NodeNumber node;
  uint64_t incarnation = 0;
  NodeNumber expected_node;
  bool parts = false;  // A guardian: the node has ended.
};

// What a guardian says once it was welcomed.
struct Parting {
  uint64_t token = 0;
};

struct Welcome {
  std::string software;
  NodeNumber node;
  InstanceNumber instance;
  uint64_t incarnation = 0;
};

// A refusal is read as its status.
using Greeting = std::variant<EndpointHello, NodeHello, Welcome, Parting, absl::Status>;

absl::StatusOr<Bytes> WriteGreeting(PacketWriter* writer, const Greeting& greeting);
absl::StatusOr<Greeting> ReadGreeting(Bytes frame);

// Whether a process of user `uid` may be what it wants to be. Clients may be anybody whom the
// socket's permissions let in; a service must belong to the daemons' user or to root.
absl::Status CheckEndpointHello(const EndpointHello& hello, uint32_t uid, uint32_t daemon_uid);

// Whether the node that says hello from `peer_address` is who it says, and looks for this one.
absl::Status CheckNodeHello(const NodeHello& hello, NodeNumber local,
                            const std::vector<TransportNode>& nodes,
                            absl::string_view peer_address);

// Whether the node that welcomed us is the one we dialled.
absl::Status CheckNodeWelcome(const Welcome& welcome, NodeNumber dialled);

}  // namespace ctdb

#endif  // LIB_TRANSPORT_GREETING_H_
