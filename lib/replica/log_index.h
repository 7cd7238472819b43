// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// log_index: which entries the log of a copy has, without what they write.
//
// The log is bounded, so it begins somewhere: after `entries_base`. A copy that was filled from
// another one gets that one's records without the entries that made them, but with their tokens,
// and what takes too much room is forgotten but for its token; so tokens reach back further, to
// `tokens_base`.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     kLogTransactionsMax tokens, and of the last entries as many as its own limit of
//               bytes has room for, but one at least.
//
// Example:
//   log.Add({position, token, BytesOf(entry)});
//   std::optional<Position> committed = log.Find(token);

#ifndef LIB_REPLICA_LOG_INDEX_H_
#define LIB_REPLICA_LOG_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "lib/replica/limits.h"
#include "lib/replica/transaction.h"

namespace ctdb::replica {

class LogIndex {
 public:
  struct Item {
    Position position;
    Token token;
    uint64_t bytes = 0;  // Of the entry; 0: only the token is known.
    friend bool operator==(const Item&, const Item&) = default;
  };

  LogIndex() = default;
  explicit LogIndex(uint64_t bytes_max) : bytes_max_(bytes_max) {}
  // Nothing is known of what is not after `base`.
  LogIndex(Position base, const std::vector<Item>& items, uint64_t bytes_max = kLogBytesMax);

  // Ascending.
  void Add(const Item& item);
  // What another one knows, with this one's limit.
  void Become(const LogIndex& other);

  // Of the last entry; the base, if there is none.
  Position end() const { return items_.empty() ? tokens_base_ : items_.back().position; }
  // Every entry after it is in the log; of those before it there are tokens.
  Position entries_base() const { return entries_base_; }
  // Of every entry after it the token is known.
  Position tokens_base() const { return tokens_base_; }
  // Whether a copy that ends there lacks only what is in this log.
  bool Continues(Position position) const;
  // The first one behind it; none: it is the last one.
  std::optional<Position> Next(Position position) const;
  std::optional<Position> Find(const Token& token) const;
  const std::deque<Item>& items() const { return items_; }

 private:
  void ForgetTokens();
  void ForgetEntries();

  std::deque<Item> items_;
  std::map<Token, Position> position_of_;
  Position entries_base_;
  Position tokens_base_;
  uint64_t bytes_ = 0;
  uint64_t bytes_max_ = kLogBytesMax;
  size_t tokens_only_ = 0;  // So many of the oldest items are without an entry.
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_LOG_INDEX_H_
