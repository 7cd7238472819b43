// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/text.h"

#include <cstdint>

#include "absl/strings/str_format.h"

namespace ctdb::logging {
namespace {

uint8_t ByteAt(absl::string_view text, size_t index) { return static_cast<uint8_t>(text[index]); }

// What stands for the character that the well-formed `sequence` encodes; "" if it may stay.
std::string EscapeOf(absl::string_view sequence) {
  const uint8_t first = ByteAt(sequence, 0);
  if (first == '\n') return "\\n";
  if (first == '\r') return "\\r";
  if (first == '\t') return "\\t";
  if (first < 0x20 || first == 0x7f) return absl::StrFormat("\\x%02x", first);
  // U+0080 to U+009F: a terminal takes U+009B for an escape sequence, U+0085 for a new line.
  if (first == 0xc2 && ByteAt(sequence, 1) < 0xa0) {
    return absl::StrFormat("\\u%04x", ByteAt(sequence, 1));
  }
  if (sequence == "\xe2\x80\xa8") return "\\u2028";
  if (sequence == "\xe2\x80\xa9") return "\\u2029";
  return "";
}

}  // namespace

size_t Utf8SequenceBytes(absl::string_view text) {
  if (text.empty()) return 0;
  const uint8_t first = ByteAt(text, 0);
  if (first < 0x80) return 1;
  size_t bytes = 0;
  // The range of the second byte rules out overlong forms, surrogates and values above U+10FFFF.
  uint8_t second_min = 0x80, second_max = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) {
    bytes = 2;
  } else if (first >= 0xe0 && first <= 0xef) {
    bytes = 3;
    if (first == 0xe0) second_min = 0xa0;
    if (first == 0xed) second_max = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    bytes = 4;
    if (first == 0xf0) second_min = 0x90;
    if (first == 0xf4) second_max = 0x8f;
  }
  if (bytes == 0 || text.size() < bytes) return 0;
  if (ByteAt(text, 1) < second_min || ByteAt(text, 1) > second_max) return 0;
  for (size_t i = 2; i < bytes; ++i) {
    if ((ByteAt(text, i) & 0xc0) != 0x80) return 0;
  }
  return bytes;
}

absl::string_view TruncateUtf8(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  // A sequence has at most three continuation bytes; more of them are not UTF-8 anyway.
  while (end > 0 && bytes_max - end < 3 && (ByteAt(text, end) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::string OneLine(absl::string_view text) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const size_t bytes = Utf8SequenceBytes(text);
    if (bytes == 0) {
      absl::StrAppendFormat(&line, "\\x%02x", ByteAt(text, 0));
      text.remove_prefix(1);
      continue;
    }
    const absl::string_view sequence = text.substr(0, bytes);
    const std::string escape = EscapeOf(sequence);
    line.append(escape.empty() ? std::string(sequence) : escape);
    text.remove_prefix(bytes);
  }
  return line;
}

std::string JsonString(absl::string_view text) {
  std::string json = "\"";
  while (!text.empty()) {
    const size_t bytes = Utf8SequenceBytes(text);
    const uint8_t first = ByteAt(text, 0);
    if (bytes == 0) {
      json += "\xef\xbf\xbd";
    } else if (first == '"' || first == '\\') {
      json += '\\';
      json += text[0];
    } else if (first < 0x20 || first == 0x7f) {
      absl::StrAppendFormat(&json, "\\u%04x", first);
    } else {
      json.append(text.data(), bytes);
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return json + '"';
}

}  // namespace ctdb::logging
