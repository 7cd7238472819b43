// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// record_version: which of two copies of a record is newer.
//
// A version is the epoch in which the copy's owner got the record, with a counter that grows with
// each change of owner below it. It names one ownership: the owner may write as often as it likes
// under the same version, because every copy that left it has a lower one. A copy of an old epoch
// loses against any of a newer one, whatever its counter: what a node that was shut out wrote in
// the meantime never wins.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     2^64 changes of owner.
//
// Example:
//   if (transfer.version > stored.version) Store(transfer);

#ifndef LIB_DATABASE_RECORD_VERSION_H_
#define LIB_DATABASE_RECORD_VERSION_H_

#include <compare>
#include <cstdint>
#include <ostream>
#include <string>

#include "lib/base/ids.h"

namespace ctdb::database {

struct RecordVersion {
  Epoch epoch;
  uint64_t counter = 0;

  friend constexpr auto operator<=>(const RecordVersion&, const RecordVersion&) = default;
  friend std::ostream& operator<<(std::ostream& out, const RecordVersion& version) {
    return out << version.epoch << ":" << version.counter;
  }
};

// Of the next owner, who gets the record in `epoch`.
constexpr RecordVersion NextVersion(RecordVersion version, Epoch epoch) {
  return {epoch, version.counter + 1};
}

// Names the loan of one read-only copy: the home's number in an epoch. A later one is higher.
struct Loan {
  Epoch epoch;
  uint64_t number = 0;

  friend constexpr auto operator<=>(const Loan&, const Loan&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Loan& loan) {
    return out << loan.epoch << "/" << loan.number;
  }
};

// The copy of a record on one node. `owner` is this node, whom it gave the record to, or whose
// value it has a read-only copy of.
struct StoredRecord {
  RecordVersion version;
  NodeNumber owner;
  std::string value;
  Loan loan{};                // Of a read-only copy, also when it was revoked; otherwise nothing.
  bool is_read_only = false;  // Clients may read it in the epoch of the loan.
  bool is_lent_out = false;   // Of the owner: others may have read-only copies.
  bool is_watched = false;    // Clients want to know of the next change.
  uint32_t other_flags = 0;   // What means nothing here, and goes where the record goes (REC-3).
  // Of the owner: whether the client that it came for has yet to use it, and then says so.
  enum class Turn { kTaken, kAwaited, kTold };
  Turn turn = Turn::kTaken;

  friend bool operator==(const StoredRecord&, const StoredRecord&) = default;
};

// Whether the record is `node`'s, which has been a member without a break since `owned_since`. What
// it got before, others may have got while it was away: then its copy is only a copy, whatever it
// says.
constexpr bool IsOwnedBy(const RecordVersion& version, NodeNumber owner, NodeNumber node,
                         Epoch owned_since) {
  return owner == node && version.epoch >= owned_since;
}

// What a client checks under the record's lock, beside the node's lease. `owned_since` and `epoch`
// are Owner's, as the daemon published them in shared memory.
inline bool MayWrite(const StoredRecord& record, NodeNumber node, Epoch owned_since) {
  return IsOwnedBy(record.version, record.owner, node, owned_since) && !record.is_lent_out;
}
inline bool MayRead(const StoredRecord& record, NodeNumber node, Epoch owned_since, Epoch epoch) {
  return IsOwnedBy(record.version, record.owner, node, owned_since) ||
         (record.is_read_only && record.loan.epoch == epoch);
}

// Orders the copies of a record. A read-only copy has the version of its owner, whose own copy is
// at least as new; of two read-only ones that that was lent later is.
struct CopyOrder {
  RecordVersion version;
  bool is_full = true;
  Loan loan;

  friend constexpr auto operator<=>(const CopyOrder&, const CopyOrder&) = default;
};
constexpr CopyOrder OrderOf(RecordVersion version, Loan loan) {
  return {version, loan == Loan{}, loan};
}

}  // namespace ctdb::database

#endif  // LIB_DATABASE_RECORD_VERSION_H_
