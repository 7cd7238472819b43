// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/log_index.h"

#include <algorithm>
#include <utility>

namespace ctdb::replica {

LogIndex::LogIndex(Position base, const std::vector<Item>& items, uint64_t bytes_max)
    : entries_base_(base), tokens_base_(base), bytes_max_(bytes_max) {
  for (const Item& item : items) Add(item);
}

void LogIndex::Add(const Item& item) {
  items_.push_back(item);
  bytes_ += item.bytes;
  if (item.token != Token{}) position_of_[item.token] = item.position;
  ForgetEntries();
  ForgetTokens();
}

void LogIndex::Become(const LogIndex& other) {
  *this = LogIndex(other.tokens_base_, {other.items_.begin(), other.items_.end()}, bytes_max_);
}

// What lies before one that is not there is of no use: nobody could go on behind it.
void LogIndex::ForgetEntries() {
  const size_t wanted = items_.back().bytes == 0 ? items_.size() : 0;
  while (tokens_only_ < wanted || (bytes_ > bytes_max_ && tokens_only_ + 1 < items_.size())) {
    Item& oldest = items_[tokens_only_++];
    bytes_ -= std::exchange(oldest.bytes, 0);
    entries_base_ = oldest.position;
  }
}

void LogIndex::ForgetTokens() {
  while (items_.size() > kLogTransactionsMax) {
    const Item& oldest = items_.front();
    bytes_ -= oldest.bytes;
    if (tokens_only_ > 0) --tokens_only_;
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

std::optional<Position> LogIndex::Next(Position position) const {
  const auto it = std::upper_bound(items_.begin(), items_.end(), position,
                                   [](Position a, const Item& b) { return a < b.position; });
  if (it == items_.end()) return std::nullopt;
  return it->position;
}

std::optional<Position> LogIndex::Find(const Token& token) const {
  auto it = position_of_.find(token);
  if (it == position_of_.end()) return std::nullopt;
  return it->second;
}

}  // namespace ctdb::replica
