// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// transaction: what a client wants to happen at once, and what the log keeps of it.
//
// A transaction says what it has read, in which version, and what it writes. It happens if all that
// it has read is still so, and otherwise nothing of it does. Its position is that of its entry in
// the log, and the version of each record that it writes. One coordinator makes the entries of an
// epoch, in order, so a position names one content for ever.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     InvalidArgument for what is beyond the limits.
//   Blocking:   never.
//   Limits:     limits.h.
//
// Example:
//   Transaction transaction{.token = token, .reads = {{"a", seen}}, .writes = {{"a", "new"}}};

#ifndef LIB_REPLICA_TRANSACTION_H_
#define LIB_REPLICA_TRANSACTION_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/base/ids.h"
#include "lib/base/status_macros.h"
#include "lib/replica/limits.h"
#include "lib/store/record.h"
#include "lib/store/transaction_body.h"

namespace ctdb::replica {

// A place in the log. A later epoch beats any sequence. Sequences never go back, not even when the
// database is wiped.
struct Position {
  Epoch epoch;
  uint64_t sequence = 0;

  friend constexpr auto operator<=>(const Position&, const Position&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Position& position) {
    return out << position.epoch << ":" << position.sequence;
  }
};

inline std::string Text(const Position& position) {
  return absl::StrCat(position.epoch.value(), ":", position.sequence);
}

// Names one attempt of one client, for ever: 128 random bits. Zero: none.
struct Token {
  uint64_t high = 0;
  uint64_t low = 0;
  friend constexpr auto operator<=>(const Token&, const Token&) = default;
};

struct Read {
  std::string key;
  std::optional<Position> version;  // Nothing: there was no such record.
  friend bool operator==(const Read&, const Read&) = default;
};

struct Write {
  std::string key;
  std::optional<std::string> value;  // Nothing: delete it.
  friend bool operator==(const Write&, const Write&) = default;
};

struct Transaction {
  Token token{};
  bool is_wipe = false;  // Deletes all records before it writes.
  std::vector<Read> reads{};
  std::vector<Write> writes{};  // In this order.
  // Of a large one, which has its writes there and none here.
  std::optional<store::BodySeal> body{};

  bool IsReadOnly() const { return !is_wipe && writes.empty() && !body; }
  friend bool operator==(const Transaction&, const Transaction&) = default;
};

// Without token: opens an epoch.
struct Entry {
  Position position;
  Token token;
  bool is_wipe = false;
  std::vector<Write> writes;
  std::optional<store::BodySeal> body{};  // As of the transaction.
  friend bool operator==(const Entry&, const Entry&) = default;
};

inline size_t BytesOf(const std::vector<Write>& writes) {
  size_t bytes = 0;
  for (const Write& write : writes) {
    bytes += 16 + write.key.size() + (write.value ? write.value->size() : 0);
  }
  return bytes;
}
inline size_t BytesOf(const Entry& entry) { return 48 + BytesOf(entry.writes); }
// What is kept of it in the log. Of a large one that is the token only: who lacks it is filled.
inline size_t LogBytesOf(const Entry& entry) { return entry.body ? 0 : BytesOf(entry); }
inline size_t BytesOf(const Transaction& transaction) {
  size_t bytes = 32 + BytesOf(transaction.writes);
  for (const Read& read : transaction.reads) bytes += 24 + read.key.size();
  return bytes;
}

inline absl::Status CheckTransaction(const Transaction& transaction) {
  if (transaction.token == Token{})
    return absl::InvalidArgumentError("no token: make a random one");
  if (transaction.reads.size() > kReadsMax || transaction.writes.size() > kWritesMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "transaction with ", transaction.reads.size(), " reads and ", transaction.writes.size(),
        " writes: at most ", kReadsMax, " and ", kWritesMax, "; make several of it"));
  }
  for (const Read& read : transaction.reads) CTDB_RETURN_IF_ERROR(store::CheckKey(read.key));
  for (const Write& write : transaction.writes) CTDB_RETURN_IF_ERROR(store::CheckKey(write.key));
  if (transaction.body) {
    if (!transaction.writes.empty() || transaction.body->bytes == 0) {
      return absl::InvalidArgumentError("a transaction has a body or writes, and not both");
    }
    if (transaction.body->bytes > store::kTransactionBytesMax) {
      return store::TransactionTooLarge(transaction.body->bytes);
    }
  }
  const size_t bytes = BytesOf(transaction);
  if (bytes <= kWholeBytesMax) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("transaction of ", bytes, " bytes without a body: at most ", kWholeBytesMax));
}

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_TRANSACTION_H_
