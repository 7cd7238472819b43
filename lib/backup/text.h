// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// text: records as lines that people and tools can read, change, sort and compare:
//
//   # a comment
//   "colour" = "blue"
//   "\00\FF" = "a \22quoted\22 word"
//
// Printable ASCII stands for itself, other bytes and " and \ for two hexadecimal digits behind \.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     InvalidArgument: what is wrong with a line, and in which column.
//   Blocking:   never.
//   Limits:     those of the record.
//
// Example:
//   TextLine("colour", "blue")  // "\"colour\" = \"blue\""

#ifndef LIB_BACKUP_TEXT_H_
#define LIB_BACKUP_TEXT_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/backup/records.h"

namespace ctdb::backup {

// Of a key and a value, without the newline.
std::string TextLine(absl::string_view key, absl::string_view value);

// Nothing for a line that has no record: blanks or a comment.
absl::StatusOr<std::optional<Change>> ParseTextLine(absl::string_view line);

}  // namespace ctdb::backup

#endif  // LIB_BACKUP_TEXT_H_
