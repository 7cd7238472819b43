// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/bytes.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ctdb::cli {

absl::StatusOr<std::string> ParseBytes(absl::string_view argument) {
  if (!absl::StartsWith(argument, "0x")) return std::string(argument);
  const absl::string_view digits = argument.substr(2);
  if (digits.size() % 2 != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("Key (", digits, ") contains odd number of hex digits"));
  }
  for (size_t i = 0; i < digits.size(); i += 2) {
    const absl::string_view pair = digits.substr(i, 2);
    if (std::all_of(pair.begin(), pair.end(), absl::ascii_isxdigit)) continue;
    return absl::InvalidArgumentError(absl::StrCat("Invalid hex: ", digits.substr(i)));
  }
  return absl::HexStringToBytes(digits);
}

std::string BytesArgument(absl::string_view bytes) {
  const bool is_text =
      !bytes.empty() && std::all_of(bytes.begin(), bytes.end(), absl::ascii_isprint) &&
      // Nobody sees where such a text begins or ends.
      bytes.front() != ' ' && bytes.back() != ' ' && !absl::StartsWith(bytes, "0x");
  return is_text ? std::string(bytes) : HexArgument(bytes);
}

std::string HexArgument(absl::string_view bytes) {
  return absl::StrCat("0x", absl::BytesToHexString(bytes));
}

std::string QuotedBytes(absl::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    if (absl::ascii_isprint(byte) && byte != '"' && byte != '\\') {
      text += byte;
    } else {
      absl::StrAppendFormat(&text, "\\%02X", static_cast<unsigned char>(byte));
    }
  }
  return text;
}

}  // namespace ctdb::cli
