// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// placement: which node is the home of a key.
//
// A key belongs to a slot, by a hash that is the same on every platform and in every version: two
// nodes that disagreed would both be the home. A slot belongs to the home whose score for it is
// highest (Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998), so
// when a home leaves only its own slots move, and when one comes only those that it gets.
//
// 4096 slots: as many as there may be nodes, still dozens for each of a hundred, and one bit for
// each is half a kilobyte.
//
//   Ownership:  values.
//   Threading:  not thread-safe; constant once made.
//   Errors:     none; without homes HomeOf() has no answer.
//   Blocking:   never.
//   Limits:     O(slots * homes) to make one, O(length of the key) to ask it.
//
// Example:
//   Placement placement(view.homes);
//   std::optional<NodeNumber> home = placement.HomeOf(SlotOf(key));

#ifndef LIB_DATABASE_PLACEMENT_H_
#define LIB_DATABASE_PLACEMENT_H_

#include <bitset>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/base/ids.h"

namespace ctdb::database {

// A part of all keys, below kSlots.
using Slot = Id<struct SlotTag, uint32_t>;
inline constexpr uint32_t kSlots = 4096;
using SlotSet = std::bitset<kSlots>;

// Never to be changed: nodes of different versions must agree.
uint64_t HashOf(absl::string_view key);
Slot SlotOf(absl::string_view key);

class Placement {
 public:
  Placement() = default;
  explicit Placement(const std::vector<NodeNumber>& homes);

  std::optional<NodeNumber> HomeOf(Slot slot) const;
  bool IsHome(NodeNumber node, Slot slot) const { return HomeOf(slot) == node; }

 private:
  std::vector<NodeNumber> home_of_;  // One for each slot; empty without homes.
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_PLACEMENT_H_
