// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// record: what a database is made of: a key, a header that says whose the record is and which
// version this copy is, and a value.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     InvalidArgument for a key or value beyond the limits.
//   Blocking:   never.
//   Limits:     keys of 1 byte to 64 KiB: the longest that programs use are paths of at most
//               4 KiB, and a key is hashed and compared at each access. Values of 0 bytes to
//               64 MiB: beyond that a record would hold up the others of its node when it
//               migrates. What is large should be several records.
//
// Example:
//   CTDB_RETURN_IF_ERROR(CheckKey(key));
//   if (mine.version() < theirs.version()) ...
//   if (IsOwnedBy(record.header(), self, store.OwnedSince())) ...

#ifndef LIB_STORE_RECORD_H_
#define LIB_STORE_RECORD_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lib/base/ids.h"

namespace ctdb::store {

inline constexpr size_t kKeyBytesMax = 64 * 1024;
inline constexpr size_t kValueBytesMax = 64 * 1024 * 1024;

// Orders the copies of a record: a copy made under a later ownership wins, whatever its counter,
// so what a node wrote that had lost the record without noticing never wins.
struct RecordVersion {
  Epoch epoch;
  uint64_t counter = 0;

  friend constexpr auto operator<=>(const RecordVersion&, const RecordVersion&) = default;
};

// Bits of RecordHeader::flags; all others are kept as they are and belong to the database daemon.
inline constexpr uint32_t kTombstone = 1u << 0;  // Deleted, not yet forgotten everywhere.
inline constexpr uint32_t kReadOnly = 1u << 1;   // A copy that may be read and not written.
inline constexpr uint32_t kLentOut = 1u << 2;    // At the owner: others have read-only copies.
// Somebody wants to know of the next change: who makes it clears this and says so on the channel of
// lib/store/watch_channel.h. It goes where the record goes. (1u << 3 is kWasReadOnly, loan.h.)
inline constexpr uint32_t kWatched = 1u << 4;
// At the owner: it came because a client of this node wants it, and none has had it yet. And: who
// has it says so to the daemon, which waits for that. Clients clear both when they lock it.
inline constexpr uint32_t kAwaited = 1u << 5;
inline constexpr uint32_t kTellUse = 1u << 6;

struct RecordHeader {
  NodeNumber owner;
  uint32_t flags = 0;
  Epoch epoch;           // Of the cluster when the owner got the record.
  uint64_t counter = 0;  // Grows while it is the owner's.

  RecordVersion version() const { return {epoch, counter}; }
  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
};

// Whether `node`, a member without a break since `owned_since`, owns the record of this header.
// What names it as the owner from an older epoch is only a copy: others may have got the record
// meanwhile.
inline bool IsOwnedBy(const RecordHeader& header, NodeNumber node, Epoch owned_since) {
  return header.owner == node && header.epoch >= owned_since;
}

// A copy of one record, without its key.
struct RecordCopy {
  RecordHeader header;
  std::string value;

  friend bool operator==(const RecordCopy&, const RecordCopy&) = default;
};

struct Record {
  std::string key;
  RecordCopy copy;

  friend bool operator==(const Record&, const Record&) = default;
};

namespace record_internal {

// Apart, so that the checks themselves are short enough to become part of their callers.
[[gnu::noinline]] inline absl::Status BadKey(size_t bytes) {
  return absl::InvalidArgumentError(absl::StrCat("key of ", bytes, " bytes: a key has 1 to ",
                                                 kKeyBytesMax, "; use a hash of it instead"));
}
[[gnu::noinline]] inline absl::Status BadValue(size_t bytes) {
  return absl::InvalidArgumentError(absl::StrCat("value of ", bytes, " bytes: at most ",
                                                 kValueBytesMax,
                                                 " fit in one record; use several records"));
}

}  // namespace record_internal

inline absl::Status CheckKey(absl::string_view key) {
  if (!key.empty() && key.size() <= kKeyBytesMax) return absl::OkStatus();
  return record_internal::BadKey(key.size());
}

inline absl::Status CheckValue(absl::string_view value) {
  if (value.size() <= kValueBytesMax) return absl::OkStatus();
  return record_internal::BadValue(value.size());
}

}  // namespace ctdb::store

#endif  // LIB_STORE_RECORD_H_
