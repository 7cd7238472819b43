// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// transaction_body: the writes of a transaction that does not fit into a packet, as the bytes that
// travel in parts from the client to all nodes, and how large a transaction may be.
//
// For each write: length of its key (4 bytes), length of its value plus 1 or 0 to delete it (4),
// key, value. Numbers have their lowest byte first. A seal goes with the transaction and says what
// its body must be. It is against faults and not against forgery.
//
//   Ownership:  views refer to the bytes of the body.
//   Threading:  values and pure functions.
//   Errors:     InvalidArgument for a body that is none, or beyond the limits.
//   Blocking:   never.
//   Limits:     these.
//
// Example:
//   std::string body;
//   AppendBodyWrite(body, "key", "value");
//   const BodySeal seal = SealOf(body);

#ifndef LIB_STORE_TRANSACTION_BODY_H_
#define LIB_STORE_TRANSACTION_BODY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace ctdb::store {

// The largest transaction: its keys and values with a little for each. Every node has it in memory
// until it is decided. Larger: more fits, and whoever comes after it in the same database waits
// longer for the disks.
inline constexpr size_t kTransactionBytesMax = size_t{64} << 20;
inline constexpr size_t kTransactionWritesMax = size_t{1} << 20;
// One value: who reads it gets it with its key in one packet of 1 MiB.
inline constexpr size_t kTransactionValueBytesMax = 900 * 1024;
// What is not larger goes as a whole, within a packet of 1 MiB, where many small writes are more
// than twice as large. What is read always does.
inline constexpr size_t kWholeTransactionBytesMax = 400 * 1024;

// What is counted of a large one is told in these parts. Never to be changed: nodes of different
// versions must agree.
inline constexpr size_t kBodyBlockBytes = 64 * 1024;

struct BodySeal {
  uint64_t bytes = 0;
  uint64_t digest = 0;
  friend bool operator==(const BodySeal&, const BodySeal&) = default;
};

// Counts the digest while the bytes come.
class BodyDigest {
 public:
  // `bytes`: all from the beginning on, as far as they came.
  void Update(absl::string_view bytes, bool is_complete);
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0;
  size_t counted_ = 0;
};

BodySeal SealOf(absl::string_view body);

// Nothing: it deletes the record.
void AppendBodyWrite(std::string& body, absl::string_view key,
                     const std::optional<absl::string_view>& value);

struct BodyWrite {
  absl::string_view key;
  std::optional<absl::string_view> value;
};

class BodyReader {
 public:
  explicit BodyReader(absl::string_view body) : rest_(body) {}
  // False at the end, or at what is no write.
  bool Next(BodyWrite& write);
  bool is_end() const { return rest_.empty(); }

 private:
  absl::string_view rest_;
};

absl::Status CheckTransactionValue(absl::string_view value);
// Whether each node can store it.
absl::Status CheckBody(absl::string_view body);

// For every place that refuses one.
inline absl::Status TransactionTooLarge(uint64_t bytes) {
  return absl::InvalidArgumentError(
      absl::StrCat("transaction of ", bytes, " bytes: at most ", kTransactionBytesMax, " (",
                   kTransactionBytesMax >> 20, " MiB) are possible; make several of it"));
}

}  // namespace ctdb::store

#endif  // LIB_STORE_TRANSACTION_BODY_H_
