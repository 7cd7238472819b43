// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/event.h"

#include <algorithm>
#include <type_traits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/logging/text.h"

namespace ctdb::logging {
namespace {

// The text as an identifier of [a-z_] (and digits for keys).
std::string Identifier(absl::string_view text, bool allow_digits) {
  std::string identifier(text.substr(0, kNameBytesMax));
  for (char& c : identifier) {
    c = absl::ascii_tolower(static_cast<unsigned char>(c));
    const bool is_digit = absl::ascii_isdigit(static_cast<unsigned char>(c));
    if (!absl::ascii_islower(static_cast<unsigned char>(c)) && !(allow_digits && is_digit)) c = '_';
  }
  return identifier;
}

// Formats need a key that is not empty.
std::string Key(absl::string_view text) { return text.empty() ? "_" : Identifier(text, true); }

EventField::Value Owned(const Field::Value& value) {
  return std::visit(
      [](const auto& v) -> EventField::Value {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, absl::string_view>) {
          return std::string(TruncateUtf8(v, kFieldBytesMax));
        } else {
          return v;
        }
      },
      value);
}

}  // namespace

Event MakeEvent(const Source& source, LogLevel level, absl::Time time, absl::string_view name,
                absl::string_view text, std::initializer_list<Field> fields) {
  Event event;
  event.level = level;
  event.time = time;
  event.source = source;
  event.name = Identifier(name, false);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  event.text = std::string(TruncateUtf8(text, kTextBytesMax));
  event.fields.reserve(std::min(fields.size(), kFieldCountMax));
  for (const Field& field : fields) {
    if (event.fields.size() == kFieldCountMax) break;
    event.fields.push_back({Key(field.key), Owned(field.value)});
  }
  return event;
}

size_t EventBytes(const Event& event) {
  size_t bytes = sizeof(Event) + event.source.tag.size() + event.name.size() + event.text.size();
  for (const EventField& field : event.fields) {
    bytes += sizeof(EventField) + field.key.size();
    if (const auto* text = std::get_if<std::string>(&field.value)) bytes += text->size();
  }
  return bytes;
}

std::string ValueText(const EventField::Value& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::string>) {
          return v;
        } else if constexpr (std::is_same_v<T, bool>) {
          return v ? "true" : "false";
        } else {
          return absl::StrCat(v);
        }
      },
      value);
}

}  // namespace ctdb::logging
