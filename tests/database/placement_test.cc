// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/placement.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace ctdb::database {
namespace {

std::vector<NodeNumber> Nodes(uint32_t count) {
  std::vector<NodeNumber> nodes;
  for (uint32_t i = 0; i < count; ++i) nodes.push_back(NodeNumber(i));
  return nodes;
}

TEST(PlacementTest, NobodyIsHomeWithoutHomes) {
  EXPECT_EQ(Placement(Nodes(0)).HomeOf(Slot(0)), std::nullopt);
  EXPECT_EQ(Placement().HomeOf(Slot(17)), std::nullopt);
}

TEST(PlacementTest, SlotsAreSharedEvenly_Dm45) {
  for (uint32_t count : {2u, 3u, 5u, 16u, 40u}) {
    Placement placement(Nodes(count));
    std::map<NodeNumber, uint32_t> slots;
    for (uint32_t slot = 0; slot < kSlots; ++slot) ++slots[*placement.HomeOf(Slot(slot))];
    EXPECT_EQ(slots.size(), count);
    for (const auto& [node, number] : slots) {
      EXPECT_GT(number * count * 10, kSlots * 6) << node << " of " << count;
      EXPECT_LT(number * count * 10, kSlots * 15) << node << " of " << count;
    }
  }
}

TEST(PlacementTest, KeysThatDifferLittleAreSpreadOverTheSlots) {
  std::map<Slot, int> slots;
  for (int i = 0; i < 40960; ++i) ++slots[SlotOf(absl::StrCat("record", i))];
  EXPECT_GT(slots.size(), 4080u);
  for (const auto& [slot, keys] : slots) EXPECT_LT(keys, 35) << slot;
}

TEST(PlacementTest, OnlyTheSlotsOfALeavingHomeMove_Dm46) {
  for (uint32_t count : {2u, 3u, 7u, 30u}) {
    Placement before(Nodes(count));
    for (uint32_t gone = 0; gone < count; ++gone) {
      std::vector<NodeNumber> rest = Nodes(count);
      std::erase(rest, NodeNumber(gone));
      Placement after(rest);
      for (uint32_t slot = 0; slot < kSlots; ++slot) {
        NodeNumber home = *before.HomeOf(Slot(slot));
        if (home == NodeNumber(gone)) continue;
        EXPECT_EQ(after.HomeOf(Slot(slot)), home);
      }
    }
  }
}

TEST(PlacementTest, OrderOfTheHomesDoesNotMatter) {
  std::vector<NodeNumber> nodes = Nodes(9);
  Placement forward(nodes);
  std::reverse(nodes.begin(), nodes.end());
  Placement backward(nodes);
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    EXPECT_EQ(forward.HomeOf(Slot(slot)), backward.HomeOf(Slot(slot)));
  }
}

// Nodes of different versions must agree: these values are never to be changed.
TEST(PlacementTest, HashAndHomesAreTheSameForEver) {
  EXPECT_EQ(HashOf(""), 17665956581633026203u);
  EXPECT_EQ(HashOf("a"), 198367012849983736u);
  EXPECT_EQ(HashOf(absl::string_view("\0\xff", 2)), 12036976751835366523u);
  EXPECT_EQ(HashOf("locking.tdb/0123456789"), 8364815354842812861u);
  Placement placement(Nodes(5));
  std::string homes;
  for (uint32_t slot = 0; slot < 40; ++slot) {
    absl::StrAppend(&homes, placement.HomeOf(Slot(slot))->value());
  }
  EXPECT_EQ(homes, "3301311012211132421403300102324101221421");
}

}  // namespace
}  // namespace ctdb::database
