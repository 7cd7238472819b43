// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/tdb_file/io/record_header.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"

namespace ctdb::tdb_file {
namespace {

struct Layout {
  uint64_t rsn;
  uint32_t owner;
  uint32_t reserved;
  uint32_t flags;
  uint32_t padding;
};
static_assert(sizeof(Layout) == kRecordHeaderBytes);

}  // namespace

std::optional<RecordHeader> ParseRecordHeader(absl::string_view bytes) {
  if (bytes.size() < kRecordHeaderBytes) return std::nullopt;
  Layout layout;
  std::memcpy(&layout, bytes.data(), sizeof(layout));
  return RecordHeader{layout.rsn, layout.owner, layout.flags};
}

std::string RecordHeaderBytes(const RecordHeader& header) {
  const Layout layout = {header.rsn, header.owner, 0, header.flags, 0};
  return std::string(reinterpret_cast<const char*>(&layout), sizeof(layout));
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
