// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/record_buffer.h"

#include <cstring>

namespace ctdb::samba {

std::optional<RecordData> RecordCursor::Next() {
  if (left_ == 0) return std::nullopt;
  --left_;
  RecordData record;
  reader_(record);
  if (reader_.failed()) return std::nullopt;
  return record;
}

RecordBufferBuilder::RecordBufferBuilder(DbId db_id)
    : bytes_(Encode(RecordBuffer{.db_id = db_id})) {}

void RecordBufferBuilder::Add(const RecordData& record) {
  EncodeTo(record, &bytes_);
  ++count_;
  std::memcpy(bytes_.data() + sizeof(DbId::ValueType), &count_, sizeof(count_));
}

}  // namespace ctdb::samba
