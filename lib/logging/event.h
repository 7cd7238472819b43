// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// event: one thing worth logging, typed, before anyone decides what it looks like.
//
// `text` is for people and is what CTDB's administrators match; `name` and `fields` are for
// programs and never change their meaning. Every destination renders the same event.
//
//   Ownership:  an Event owns all its data; a Field views its caller's.
//   Threading:  values.
//   Errors:     none; what is too long is cut, what is too much is left out (see Limits).
//   Blocking:   never.
//   Limits:     kTextBytesMax, kFieldCountMax, kFieldBytesMax; so an Event is below 48 KiB.
//
// Example:
//   Event event = MakeEvent(source, LogLevel::kNotice, now, "link_lost", "Lost the link to node 2",
//                           {{"node", 2}, {"reason", "connection reset"}});

#ifndef LIB_LOGGING_EVENT_H_
#define LIB_LOGGING_EVENT_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/log_level.h"
#include "lib/base/strings.h"

namespace ctdb::logging {

inline constexpr size_t kTextBytesMax = 8192;
inline constexpr size_t kNameBytesMax =
    32;  // RFC 5424's limit for MSGID and for names of parameters.
inline constexpr size_t kFieldBytesMax = 1024;
inline constexpr size_t kFieldCountMax = 32;

// A key and its value as written in a call. Building one costs no allocation, so that events which
// the level suppresses are nearly free.
struct Field {
  using Value = std::variant<absl::string_view, int64_t, uint64_t, double, bool>;

  Field(absl::string_view k, absl::string_view v) : key(k), value(v) {}
  Field(absl::string_view k, const char* v) : key(k), value(absl::string_view(v)) {}
  Field(absl::string_view k, const std::string& v) : key(k), value(absl::string_view(v)) {}
  Field(absl::string_view k, std::string_view v) : key(k), value(ToAbsl(v)) {}
  Field(absl::string_view k, std::same_as<bool> auto v) : key(k), value(v) {}
  Field(absl::string_view k, std::floating_point auto v) : key(k), value(static_cast<double>(v)) {}
  template <std::signed_integral T>
  Field(absl::string_view k, T v) : key(k), value(static_cast<int64_t>(v)) {}
  template <std::unsigned_integral T>
  requires(!std::same_as<T, bool>) Field(absl::string_view k, T v)
      : key(k), value(static_cast<uint64_t>(v)) {}
  template <typename Tag, typename Integer>
  Field(absl::string_view k, Id<Tag, Integer> v) : Field(k, v.value()) {}

  absl::string_view key;
  Value value;
};

// The owned form of a Field.
struct EventField {
  using Value = std::variant<std::string, int64_t, uint64_t, double, bool>;

  std::string key;
  Value value;

  friend bool operator==(const EventField&, const EventField&) = default;
};

// Which program an event comes from.
struct Source {
  std::string tag;  // "ctdbd", "ctdb-eventd", ...
  int pid = 0;
};

struct Event {
  LogLevel level = LogLevel::kNotice;
  absl::Time time;
  Source source;
  std::string name;  // Stable identifier, [a-z_]+; "" for text that has none.
  std::string text;  // Without the newlines that its writer may have ended it with.
  std::vector<EventField> fields;
};

// Copies the views into an event, within the limits above. Characters that a name or key may not
// have become '_'; names are [a-z_]+, keys also have digits.
Event MakeEvent(const Source& source, LogLevel level, absl::Time time, absl::string_view name,
                absl::string_view text, std::initializer_list<Field> fields = {});

// Memory that the event takes, approximately.
size_t EventBytes(const Event& event);

// The value as text: numbers in decimal, bools as "true" and "false".
std::string ValueText(const EventField::Value& value);

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_EVENT_H_
