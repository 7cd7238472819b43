// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// reader: what this module reads of a node's copy. A driver implements it.
//
// Reads show all writes that were reported done, and none that are only staged. Storage that keeps
// records in the order of (slot, key) and is mapped into memory serves all of it from a few
// pages; a driver that must not wait for a page to come from the disk gives the database a thread.
//
//   Ownership:  the driver's; outlives the objects that read.
//   Threading:  called by the thread that drives them.
//   Errors:     anything: the copy counts as damaged.
//   Blocking:   for about kPageBytesMax of memory-mapped storage at most.
//   Limits:     as asked.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(std::optional<RecordInfo> info, reader.Find(key));

#ifndef LIB_REPLICA_READER_H_
#define LIB_REPLICA_READER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/replica/digests.h"
#include "lib/replica/transaction.h"

namespace ctdb::replica {

struct RecordInfo {
  Position version;
  Digest fingerprint;  // As stored with the record.
  friend bool operator==(const RecordInfo&, const RecordInfo&) = default;
};

class ReplicaReader {
 public:
  struct Item {
    std::string key;
    RecordInfo info;
    std::string value;  // If asked for.
  };
  struct Page {
    std::vector<Item> items;
    bool is_end = false;  // There are no more in the slot.
  };
  struct PageOptions {
    size_t items_max = 0;
    size_t bytes_max = 0;  // Of keys and values; one item may be larger.
    bool needs_values = false;
  };

  virtual ~ReplicaReader() = default;

  // Nothing: there is no such record.
  virtual absl::StatusOr<std::optional<RecordInfo>> Find(absl::string_view key) const = 0;
  // How long its value is. Nothing: there is no such record.
  virtual absl::StatusOr<std::optional<uint64_t>> ValueBytes(absl::string_view key) const = 0;
  // Records of the slot with greater keys, by the order of their bytes.
  virtual absl::StatusOr<Page> Scan(uint32_t slot, absl::string_view after,
                                    const PageOptions& options) const = 0;
  // Entries of the log behind `after`, which is in it or its base; at least one if there is any.
  virtual absl::StatusOr<std::vector<Entry>> ReadLog(Position after, size_t bytes_max) const = 0;
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_READER_H_
