// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// overlay: what a copy's journal says and its tables do not have yet, in memory, for readers.
//
//   Ownership:  values; views refer to it, or to the transaction.
//   Threading:  not thread-safe.
//   Errors:     those of replica_tables.h.
//   Blocking:   as replica_tables.h.
//   Limits:     of who fills it.
//
// Example:
//   overlay.Add(block);
//   MergedCursor cursor;
//   CTDB_RETURN_IF_ERROR(cursor.Seek(tables, txn, overlay.items(), slot, after));

#ifndef LIB_REPLICA_IO_OVERLAY_H_
#define LIB_REPLICA_IO_OVERLAY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/replica/io/replica_format.h"
#include "lib/replica/io/replica_tables.h"

namespace ctdb::replica {

class Overlay {
 public:
  struct Item {
    RecordInfo info;
    std::optional<std::string> value;  // Nothing: it is deleted.
  };
  using Items = std::map<std::pair<uint32_t, std::string>, Item>;  // By slot and key.

  void Add(const std::vector<Entry>& entries, const std::map<uint32_t, Digest>& digests);
  void Clear() { *this = Overlay(); }

  bool empty() const { return entries_.empty(); }
  // Null: the tables say.
  const Item* Find(absl::string_view key) const;
  const Items& items() const { return items_; }
  // In their order.
  const std::vector<Entry>& entries() const { return entries_; }
  const std::map<uint32_t, Digest>& digests() const { return digests_; }
  // Of the last entry.
  Position end() const { return entries_.back().position; }
  size_t bytes() const { return bytes_; }

 private:
  Items items_;
  std::vector<Entry> entries_;
  std::map<uint32_t, Digest> digests_;
  size_t bytes_ = 0;
};

// Records of both, in the order of slots and keys.
class MergedCursor {
 public:
  // At those behind the key `after` of the slot.
  absl::Status Seek(const Tables& tables, const store::LmdbTransaction& txn,
                    const Overlay::Items& items, uint32_t slot, absl::string_view after);
  // False at the end.
  absl::StatusOr<bool> Next(RecordView& record);

 private:
  RecordCursor tables_;
  bool is_loaded_ = false;
  bool is_there_ = false;  // The next one of the tables.
  RecordView next_;
  Overlay::Items::const_iterator item_;
  Overlay::Items::const_iterator end_;
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_IO_OVERLAY_H_
