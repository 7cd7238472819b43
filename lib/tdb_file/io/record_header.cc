// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/tdb_file/io/record_header.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "lib/base/ids.h"

namespace ctdb::tdb_file {

std::optional<RecordHeader> ParseRecordHeader(absl::string_view bytes) {
  const std::optional<samba::StoredRecord> record = samba::ReadStored(bytes);
  if (!record.has_value()) return std::nullopt;
  return RecordHeader{record->header.rsn, record->header.dmaster.value(), record->header.flags};
}

std::string RecordHeaderBytes(const RecordHeader& header) {
  return samba::Encode(samba::RecordHeader{
      .rsn = header.rsn, .dmaster = NodeNumber(header.owner), .flags = header.flags});
}

bool IsNameOfCtdb(absl::string_view path) {
  const size_t dot = path.rfind('.');
  if (dot == absl::string_view::npos) return false;
  const absl::string_view end = path.substr(dot + 1);
  const absl::string_view name = path.substr(0, dot);
  return !end.empty() &&
         std::all_of(end.begin(), end.end(),
                     [](char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }) &&
         name.size() > 4 && name.substr(name.size() - 4) == ".tdb";
}

}  // namespace ctdb::tdb_file
