// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/placement.h"

namespace ctdb::database {
namespace {

// The finalizer of splitmix64: every bit of the input changes half of the output.
constexpr uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

constexpr uint64_t Score(Slot slot, NodeNumber node) {
  return Mix(Mix(uint64_t{node.value()} + 1) + slot.value());
}

}  // namespace

// FNV-1a byte by byte, so that the order of bytes in a word does not matter; mixed, because its
// lowest bits alone are weak.
uint64_t HashOf(absl::string_view key) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char byte : key) {
    hash = (hash ^ static_cast<uint8_t>(byte)) * 0x00000100000001b3;
  }
  return Mix(hash);
}

Slot SlotOf(absl::string_view key) { return Slot(static_cast<uint32_t>(HashOf(key) % kSlots)); }

Placement::Placement(const std::vector<NodeNumber>& homes) {
  if (homes.empty()) return;
  home_of_.reserve(kSlots);
  for (uint32_t slot = 0; slot < kSlots; ++slot) {
    NodeNumber best = homes.front();
    for (NodeNumber node : homes) {
      uint64_t score = Score(Slot(slot), node);
      uint64_t best_score = Score(Slot(slot), best);
      if (score > best_score || (score == best_score && node < best)) best = node;
    }
    home_of_.push_back(best);
  }
}

std::optional<NodeNumber> Placement::HomeOf(Slot slot) const {
  if (home_of_.empty()) return std::nullopt;
  return home_of_[slot.value() % kSlots];
}

}  // namespace ctdb::database
