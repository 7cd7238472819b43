// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// value: the three types of option values and their spellings.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     nullopt for text that is not a value of the type.
//   Blocking:   never.
//   Limits:     integers are 0 to 2147483647.
//
// Example:
//   ParseOptionValue(OptionType::kInteger, "0x10");  // 16

#ifndef LIB_CONFIG_VALUE_H_
#define LIB_CONFIG_VALUE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"

namespace ctdb::config {

enum class OptionType { kString, kInteger, kBoolean };

// "string", "integer" or "boolean".
absl::string_view OptionTypeName(OptionType type);

using OptionValue = std::variant<std::string, int, bool>;

// A whole number of at most `maximum`: decimal, hexadecimal after 0x, or octal after a leading 0.
// The text holds nothing else: no sign, no blank, no unit.
std::optional<uint32_t> ParseUnsigned(absl::string_view text, uint32_t maximum);

// Any text but "" is a string; booleans are true, yes, false or no in any case.
std::optional<OptionValue> ParseOptionValue(OptionType type, absl::string_view text);

// As administrators see it: integers in decimal, booleans as true or false.
std::string ToText(const OptionValue& value);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_VALUE_H_
