// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/value.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ctdb::config {
namespace {

// The value of one digit in any base up to 16; 16 for what is no digit.
uint32_t DigitValue(char c) {
  if (absl::ascii_isdigit(c)) return static_cast<uint32_t>(c - '0');
  if (absl::ascii_isxdigit(c)) return static_cast<uint32_t>(absl::ascii_tolower(c) - 'a') + 10;
  return 16;
}

std::optional<bool> ParseBoolean(absl::string_view text) {
  if (absl::EqualsIgnoreCase(text, "true") || absl::EqualsIgnoreCase(text, "yes")) return true;
  if (absl::EqualsIgnoreCase(text, "false") || absl::EqualsIgnoreCase(text, "no")) return false;
  return std::nullopt;
}

}  // namespace

absl::string_view OptionTypeName(OptionType type) {
  switch (type) {
    case OptionType::kString:
      return "string";
    case OptionType::kInteger:
      return "integer";
    case OptionType::kBoolean:
      return "boolean";
  }
  return "";
}

std::optional<uint32_t> ParseUnsigned(absl::string_view text, uint32_t maximum) {
  uint32_t base = 10;
  if (absl::StartsWithIgnoreCase(text, "0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  if (text.empty()) return std::nullopt;
  uint64_t value = 0;
  for (char c : text) {
    const uint32_t digit = DigitValue(c);
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
    if (value > maximum) return std::nullopt;
  }
  return static_cast<uint32_t>(value);
}

std::optional<OptionValue> ParseOptionValue(OptionType type, absl::string_view text) {
  if (text.empty()) return std::nullopt;
  switch (type) {
    case OptionType::kString:
      return std::string(text);
    case OptionType::kInteger: {
      const auto number = ParseUnsigned(text, std::numeric_limits<int>::max());
      if (!number.has_value()) return std::nullopt;
      return static_cast<int>(*number);
    }
    case OptionType::kBoolean: {
      const auto boolean = ParseBoolean(text);
      if (!boolean.has_value()) return std::nullopt;
      return *boolean;
    }
  }
  return std::nullopt;
}

std::string ToText(const OptionValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<int>(&value)) return absl::StrCat(*number);
  return std::get<bool>(value) ? "true" : "false";
}

}  // namespace ctdb::config
