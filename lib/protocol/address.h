// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// address: who sends and who receives: an endpoint (node, service, instance), or a group of nodes
// in the place of the node. The text form is what people type and read:
//
//   2/database        the database service on node 2
//   this/client:17    the client with instance 17 on this node
//   all/cluster       the cluster service on every node
//   2/1005            a service of another maker, by its number (1000 and up)
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument that says which part is wrong and what would be right.
//   Blocking:   never.
//   Limits:     node numbers below kNodesMax.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(Address address, ParseAddress("2/database"));

#ifndef LIB_PROTOCOL_ADDRESS_H_
#define LIB_PROTOCOL_ADDRESS_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/ids.h"

namespace ctdb {

// More nodes than any cluster has, few enough for tables indexed by node.
inline constexpr uint32_t kNodesMax = 4096;

// Groups stand where a node number stands. Their members change while the cluster runs.
inline constexpr NodeNumber kThisNode{0xffffffff};
inline constexpr NodeNumber kAllNodes{0xfffffffe};        // In the nodes file, this one included.
inline constexpr NodeNumber kConnectedNodes{0xfffffffd};  // With a working link, and this one.
inline constexpr NodeNumber kActiveNodes{0xfffffffc};     // As the cluster service says.
inline constexpr NodeNumber kLeaderNode{0xfffffffb};      // As the cluster service says.

constexpr bool IsGroup(NodeNumber node) { return node.value() >= 0xfffffff0; }

// The service part of an address; the values are those of `Service` in capnp/types.capnp.
enum class ServiceId : uint16_t {
  kUnknown = 0,
  kRouter = 1,
  kTransport = 2,
  kMaster = 3,
  kCluster = 4,
  kDatabase = 5,
  kFailover = 6,
  kConntrack = 7,
  kService = 8,
  kEvent = 9,
  kSambaProxy = 10,
  kClient = 11,
};

// Services of other makers have numbers from here on.
inline constexpr uint16_t kOtherServicesMin = 1000;

// "database", "samba-proxy", "1005".
std::string ServiceName(ServiceId service);
absl::StatusOr<ServiceId> ParseService(absl::string_view text);

// "2", "this", "all", "connected", "active", "leader".
std::string NodeName(NodeNumber node);
absl::StatusOr<NodeNumber> ParseNode(absl::string_view text);

struct Address {
  NodeNumber node;
  ServiceId service = ServiceId::kUnknown;
  InstanceNumber instance;  // 0: whoever holds the service now.

  friend constexpr auto operator<=>(const Address&, const Address&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Address& address) {
    return H::combine(std::move(h), address.node, address.service, address.instance);
  }
};

std::string ToString(const Address& address);
std::ostream& operator<<(std::ostream& out, const Address& address);
absl::StatusOr<Address> ParseAddress(absl::string_view text);

}  // namespace ctdb

#endif  // LIB_PROTOCOL_ADDRESS_H_
