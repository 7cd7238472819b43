// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// record_buffer: many records of one database behind each other (a "marshall buffer"), as commits,
// recoveries and vacuuming send them.
//
//   Ownership:  a decoded buffer and its records point into the bytes given; a builder owns its
//               bytes.
//   Threading:  values.
//   Errors:     InvalidArgument from Decode(), which looks at every record's lengths, once.
//   Blocking:   never.
//   Limits:     the packet that carries it; decoding allocates nothing.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const RecordBuffer buffer, Decode<RecordBuffer>(request.data));
//   RecordCursor cursor(buffer);
//   while (const std::optional<RecordData> record = cursor.Next()) ...
//
//   RecordBufferBuilder builder(db_id);
//   builder.Add({.key = key, .data = Encode(StoredRecord{header, value})});
//   reply.data = builder.bytes();

#ifndef LIB_SAMBA_RECORD_BUFFER_H_
#define LIB_SAMBA_RECORD_BUFFER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "lib/samba/constants.h"
#include "lib/samba/record.h"
#include "lib/samba/wire.h"

namespace ctdb::samba {

struct RecordBuffer {
  static constexpr absl::string_view kName = "record buffer";
  static constexpr size_t kBytes = 8;
  static constexpr Size kSize = Size::kAtLeast;
  DbId db_id = {};
  uint32_t count = 0;
  absl::string_view records = {};  // Encoded, `count` of them.

  friend bool operator==(const RecordBuffer&, const RecordBuffer&) = default;
  template <typename Wire, typename Self>
  static void Layout(Wire& wire, Self& self) {
    wire(self.db_id, self.count);
    if constexpr (Wire::kReads) {
      const absl::string_view all = wire.rest();
      RecordData record;
      for (uint32_t i = 0; i < self.count && !wire.failed(); ++i) wire(record);
      if (!wire.failed()) self.records = all.substr(0, all.size() - wire.rest().size());
    } else {
      wire.Rest(self.records);
    }
  }
};

class RecordCursor {
 public:
  explicit RecordCursor(const RecordBuffer& buffer)
      : reader_(buffer.records), left_(buffer.count) {}

  // Nothing after the last one.
  std::optional<RecordData> Next();

 private:
  WireReader reader_;
  uint32_t left_;
};

class RecordBufferBuilder {
 public:
  explicit RecordBufferBuilder(DbId db_id);

  void Add(const RecordData& record);

  uint32_t count() const { return count_; }
  // Valid until the next Add().
  absl::string_view bytes() const { return bytes_; }

 private:
  std::string bytes_;
  uint32_t count_ = 0;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_RECORD_BUFFER_H_
