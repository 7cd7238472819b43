// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// transaction: what a program reads and writes at once in a database of which each node has a copy.
//
// Nothing is locked. It keeps which version of each record it has read, and what it is to write;
// Commit() has all of it happen, if all that was read is still so, or nothing.
//
//   Ownership:  refers to its ReplicatedDatabase.
//   Threading:  belongs to one thread at a time.
//   Errors:     InvalidArgument: key beyond the limits, or the transaction would be too large; it
//               is as it was. FailedPrecondition: it has been committed already. Commit(): those of
//               replicated_database.h; Aborted: what it has read was changed, begin anew.
//   Blocking:   Read() and Commit(), until their patience ends.
//   Limits:     kBytesMax of keys and values that it writes, with a little for each, and
//               kReadBytesMax of keys that it reads.
//
// Example:
//   Transaction transaction = database->Begin();
//   CTDB_ASSIGN_OR_RETURN(const std::optional<std::string> old, transaction.Read("next uid"));
//   CTDB_RETURN_IF_ERROR(transaction.Write("next uid", Increment(old.value_or("1000"))));
//   CTDB_RETURN_IF_ERROR(transaction.Commit());

#ifndef LIB_CLIENT_TRANSACTION_H_
#define LIB_CLIENT_TRANSACTION_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "capnp/database.capnp.h"
#include "lib/client/time_limit.h"
#include "lib/store/transaction_body.h"

namespace ctdb {

class ReplicatedDatabase;

// A place in the order of a database's transactions. A later epoch beats any sequence.
struct ReplicaPosition {
  uint64_t epoch = 0;
  uint64_t sequence = 0;
  friend constexpr auto operator<=>(const ReplicaPosition&, const ReplicaPosition&) = default;
};

struct ReplicaRecord {
  std::string value;
  ReplicaPosition version;  // Of the transaction that wrote it.
};

class Transaction {
 public:
  static constexpr size_t kBytesMax = store::kTransactionBytesMax;
  static constexpr size_t kReadBytesMax = store::kWholeTransactionBytesMax - 1024;
  static constexpr absl::Duration kPatience = absl::Seconds(30);

  // By ReplicatedDatabase::Begin() and Run().
  // Nothing is read after `limit`.
  Transaction(ReplicatedDatabase& database, TimeLimit limit) : database_(database), limit_(limit) {}

  // What it has written itself, or else the record as it was when this transaction read it first.
  absl::StatusOr<std::optional<std::string>> Read(absl::string_view key,
                                                  absl::Duration patience = kPatience);
  // An empty value is no record: writing one deletes it.
  absl::Status Write(absl::string_view key, absl::string_view value);
  absl::Status Delete(absl::string_view key);
  // All records that there are when it happens, and what it was to write before this.
  absl::Status Wipe();

  // Has it happen. Whatever this returns, it is over.
  absl::Status Commit(absl::Duration patience = kPatience);

  // Whether it changes nothing: committing it says whether what it has read belongs together.
  bool IsReadOnly() const { return !is_wipe_ && writes_.empty(); }
  bool IsEmpty() const { return IsReadOnly() && reads_.empty(); }
  // It is too large for a packet: its writes go apart, as its body.
  bool HasBody() const;
  std::string Body() const;
  // All but the token and the body.
  void Fill(wire::ClientTransaction::Builder out) const;

 private:
  static constexpr size_t kBytes = 64;  // Of an empty one.

  absl::Status CheckOpen() const;
  absl::Status Grow(size_t less, size_t more);
  absl::Status GrowReads(size_t more);
  absl::Status Put(absl::string_view key, std::optional<std::string> value);

  ReplicatedDatabase& database_;
  TimeLimit limit_;
  // Absent ones as well.
  std::map<std::string, std::optional<ReplicaRecord>, std::less<>> reads_;
  std::map<std::string, std::optional<std::string>, std::less<>> writes_;
  bool is_wipe_ = false;
  bool is_over_ = false;
  size_t bytes_ = kBytes;  // Of the writes, in a packet, at most.
  size_t read_bytes_ = 0;  // The same of the reads.
};

}  // namespace ctdb

#endif  // LIB_CLIENT_TRANSACTION_H_
