// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ids: identifiers that cannot be mixed up. Each is its own type around one integer; there is no
// arithmetic and no implicit conversion, so a node number never lands where an epoch is wanted.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     the width of the integer named at each type.
//
// Example:
//   NodeNumber node(2);
//   if (node != local) Send(node, ...);

#ifndef LIB_BASE_IDS_H_
#define LIB_BASE_IDS_H_

#include <cstdint>
#include <functional>
#include <ostream>
#include <utility>

namespace ctdb {

template <typename Tag, typename Integer>
class Id {
 public:
  using ValueType = Integer;

  constexpr Id() = default;
  constexpr explicit Id(Integer value) : value_(value) {}
  constexpr Integer value() const { return value_; }

  friend constexpr auto operator<=>(const Id&, const Id&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Id& id) { return out << id.value_; }

  template <typename H>
  friend H AbslHashValue(H h, const Id& id) {
    return H::combine(std::move(h), id.value_);
  }

 private:
  Integer value_ = 0;
};

// Zero-based position in the nodes file; what the old tools call PNN.
using NodeNumber = Id<struct NodeNumberTag, uint32_t>;
// Generation of the cluster: grows with every change of the set of active nodes.
using Epoch = Id<struct EpochTag, uint64_t>;
// One use of a service by one endpoint; never used again by the same transport.
using InstanceNumber = Id<struct InstanceNumberTag, uint64_t>;
// A message channel (Samba's 64-bit service id).
using ChannelId = Id<struct ChannelIdTag, uint64_t>;
// Ties a reply to its request; unique within the endpoint that chose it.
using RequestId = Id<struct RequestIdTag, uint64_t>;

}  // namespace ctdb

template <typename Tag, typename Integer>
struct std::hash<ctdb::Id<Tag, Integer>> {
  size_t operator()(const ctdb::Id<Tag, Integer>& id) const {
    return std::hash<Integer>()(id.value());
  }
};

#endif  // LIB_BASE_IDS_H_
