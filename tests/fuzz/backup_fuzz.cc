// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// backup_fuzz: any bytes as a backup, of this format or of the older one, and as lines of text.
// What is accepted means the same when it is written and read again.

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "lib/backup/format.h"
#include "lib/backup/text.h"

namespace ctdb::backup {
namespace {

using Records = std::vector<std::pair<std::string, std::string>>;

void Require(bool condition) {
  if (!condition) std::abort();
}

absl::StatusOr<Records> Read(absl::string_view bytes, Header& header) {
  auto reader = Reader::Open([&bytes](size_t count) -> absl::StatusOr<std::string> {
    const std::string part(bytes.substr(0, count));
    bytes.remove_prefix(part.size());
    return part;
  });
  if (!reader.ok()) return reader.status();
  header = reader->header();
  Records records;
  while (true) {
    absl::string_view key;
    absl::string_view value;
    const absl::StatusOr<bool> is_there = reader->Next(key, value);
    if (!is_there.ok()) return is_there.status();
    if (!*is_there) return records;
    records.emplace_back(key, value);
  }
}

void CheckBackup(absl::string_view bytes) {
  Header header;
  const absl::StatusOr<Records> records = Read(bytes, header);
  if (!records.ok()) return;
  Encoder encoder(header);
  for (const auto& [key, value] : *records) encoder.Add(key, value);
  Header again;
  const absl::StatusOr<Records> same = Read(encoder.Finish(), again);
  Require(same.ok() && *same == *records);
  Require(again.name == header.name && again.sequence == header.sequence);
}

void CheckLine(absl::string_view line) {
  const absl::StatusOr<std::optional<Change>> record = ParseTextLine(line);
  if (!record.ok() || !record->has_value()) return;
  const auto again = ParseTextLine(TextLine((*record)->key, (*record)->value));
  Require(again.ok() && again->has_value());
  Require((*again)->key == (*record)->key && (*again)->value == (*record)->value);
}

}  // namespace
}  // namespace ctdb::backup

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  ctdb::backup::CheckBackup(bytes);
  for (const absl::string_view line : absl::StrSplit(bytes, '\n')) ctdb::backup::CheckLine(line);
  return 0;
}
