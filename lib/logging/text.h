// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// text: makes text from anywhere fit into one line or one JSON string.
//
//   Ownership:  results own their data, except the view of TruncateUtf8.
//   Threading:  pure functions.
//   Errors:     none; bytes that are not UTF-8 are shown, not refused.
//   Blocking:   never.
//   Limits:     O(length).
//
// Example:
//   OneLine("first\nsecond")  // "first\\nsecond": nobody can forge a record with a newline

#ifndef LIB_LOGGING_TEXT_H_
#define LIB_LOGGING_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace ctdb::logging {

// Bytes of the well-formed UTF-8 sequence at the start of `text`; 0 if there is none.
size_t Utf8SequenceBytes(absl::string_view text);

// The longest prefix of at most `bytes_max` bytes that does not end inside a UTF-8 sequence.
absl::string_view TruncateUtf8(absl::string_view text, size_t bytes_max);

// Control characters become \n, \r, \t, \xNN, \u0080; line and paragraph separators \u2028, \u2029;
// bytes that are not UTF-8 become \xNN. All else stays.
std::string OneLine(absl::string_view text);

// A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
std::string JsonString(absl::string_view text);

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_TEXT_H_
