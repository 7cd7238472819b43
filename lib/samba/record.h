// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// record: records of databases: the header in front of each value, and the packets' forms of a
// record.
//
//   Ownership:  values; keys and data point into what was decoded.
//   Threading:  values.
//   Errors:     InvalidArgument from Decode().
//   Blocking:   never.
//   Limits:     the packet that carries them.
//
// Example:
//   const std::optional<StoredRecord> record = ReadStored(bytes_in_file);
//   if (record.has_value() && record->header.dmaster == own) return record->value;

#ifndef LIB_SAMBA_RECORD_H_
#define LIB_SAMBA_RECORD_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "lib/samba/constants.h"
#include "lib/samba/wire.h"

namespace ctdb::samba {

// Clients write the header back as they found it: what is reserved is kept.
struct RecordHeader {
  static constexpr absl::string_view kName = "record header";
  static constexpr size_t kBytes = 24;
  static constexpr Size kSize = Size::kExact;
  uint64_t rsn = 0;
  NodeNumber dmaster = {};
  uint32_t reserved = 0;
  uint32_t flags = 0;
  uint32_t padding = 0;

  friend bool operator==(const RecordHeader&, const RecordHeader&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.rsn, self.dmaster, self.reserved, self.flags, self.padding);
  }
};

// A value in the file of an attached database, or wherever data has its header with it. A header
// without a value is a tombstone.
struct StoredRecord {
  static constexpr absl::string_view kName = "record with its header";
  static constexpr size_t kBytes = 24;
  static constexpr Size kSize = Size::kAtLeast;
  RecordHeader header = {};
  absl::string_view value = {};

  bool is_tombstone() const { return value.empty(); }

  friend bool operator==(const StoredRecord&, const StoredRecord&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.header);
    wire.Rest(self.value);
  }
};

// Less than a header counts as no record.
inline std::optional<StoredRecord> ReadStored(absl::string_view stored) {
  const absl::StatusOr<StoredRecord> record = Decode<StoredRecord>(stored);
  if (!record.ok()) return std::nullopt;
  return *record;
}

// One record on its way: of a traverse, a recovery, a commit.
struct RecordData {
  static constexpr absl::string_view kName = "record";
  static constexpr size_t kBytes = 16;
  static constexpr Size kSize = Size::kAtLeast;
  ReqId reqid = {};
  absl::string_view key = {};
  absl::string_view data = {};  // With the header, see StoredRecord.

  // What a traverse sends last.
  bool is_end_mark() const { return key.empty() && data.empty(); }

  friend bool operator==(const RecordData&, const RecordData&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    auto entry_bytes = static_cast<uint32_t>(kBytes + self.key.size() + self.data.size());
    wire(entry_bytes, self.reqid);
    const uint32_t key_bytes = wire.Length(self.key);
    const uint32_t data_bytes = wire.Length(self.data);
    wire.Content(self.key, key_bytes);
    wire.Content(self.data, data_bytes);
    // There is no padding between records.
    wire.Require(entry_bytes == kBytes + uint64_t{key_bytes} + data_bytes);
  }
};

// Data of a message of a traverse: exactly one record.
struct TraverseRecord {
  static constexpr absl::string_view kName = "record of a traverse";
  static constexpr size_t kBytes = 16;
  static constexpr Size kSize = Size::kExact;
  RecordData record = {};

  friend bool operator==(const TraverseRecord&, const TraverseRecord&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.record);
    wire.Require(self.record.is_end_mark() || self.record.data.size() >= RecordHeader::kBytes);
  }
};

struct ScheduleForDeletion {
  static constexpr absl::string_view kName = "record to be deleted";
  static constexpr size_t kBytes = 36;
  static constexpr Size kSize = Size::kExact;
  DbId db_id = {};
  RecordHeader header = {};
  absl::string_view key = {};

  friend bool operator==(const ScheduleForDeletion&, const ScheduleForDeletion&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.db_id);
    wire.Padding(4);
    wire(self.header);
    wire.Content(self.key, wire.Length(self.key));
  }
};

// A backup copy of a record for the other nodes.
struct PushRecord {
  static constexpr absl::string_view kName = "record pushed";
  static constexpr size_t kBytes = 40;
  static constexpr Size kSize = Size::kAtLeast;
  Generation generation = {};
  DbId db_id = {};
  RecordHeader header = {};
  absl::string_view key = {};
  absl::string_view value = {};

  friend bool operator==(const PushRecord&, const PushRecord&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.generation, self.db_id, self.header);
    wire.Content(self.key, wire.Length(self.key));
    wire.Content(self.value, wire.Length(self.value));
  }
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_RECORD_H_
