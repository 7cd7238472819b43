// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/log_index.h"

#include <algorithm>

namespace ctdb::replica {

LogIndex::LogIndex(Position base, const std::vector<Item>& items)
    : entries_base_(base), tokens_base_(base) {
  for (const Item& item : items) Add(item);
}

void LogIndex::Add(const Item& item) {
  items_.push_back(item);
  bytes_ += item.bytes;
  if (item.bytes == 0) entries_base_ = item.position;
  if (item.token != Token{}) position_of_[item.token] = item.position;
  Trim();
}

void LogIndex::Trim() {
  while (items_.size() > kLogTransactionsMax || (bytes_ > kLogBytesMax && items_.size() > 1)) {
    const Item& oldest = items_.front();
    bytes_ -= oldest.bytes;
    tokens_base_ = oldest.position;
    entries_base_ = std::max(entries_base_, tokens_base_);
    position_of_.erase(oldest.token);
    items_.pop_front();
  }
}

bool LogIndex::Continues(Position position) const {
  if (position == entries_base_) return true;
  if (position < entries_base_) return false;
  return std::binary_search(items_.begin(), items_.end(), Item{position, {}, 0},
                            [](const Item& a, const Item& b) { return a.position < b.position; });
}

std::optional<Position> LogIndex::Find(const Token& token) const {
  auto it = position_of_.find(token);
  if (it == position_of_.end()) return std::nullopt;
  return it->second;
}

}  // namespace ctdb::replica
