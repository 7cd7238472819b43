// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/format.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "lib/logging/text.h"

namespace ctdb::logging {
namespace {

std::string JsonValue(const EventField::Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return JsonString(*text);
  const auto* number = std::get_if<double>(&value);
  if (number != nullptr && !std::isfinite(*number)) return "null";
  return ValueText(value);
}

}  // namespace

std::string FormatTimestamp(absl::Time time, const absl::TimeZone& zone) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6S%Ez", time, zone);
}

std::string FormatFileLine(const Event& event, const Presentation& presentation) {
  return absl::StrCat(FormatTimestamp(event.time, presentation.zone), " ", presentation.host, " ",
                      event.source.tag, "[", event.source.pid, "]: ", OneLine(event.text), "\n");
}

std::string FormatBareLine(const Event& event) { return OneLine(event.text) + "\n"; }

std::string FormatJsonLine(const Event& event, const Presentation& presentation) {
  std::string fields;
  for (const EventField& field : event.fields) {
    absl::StrAppend(&fields, fields.empty() ? "" : ",", JsonString(field.key), ":",
                    JsonValue(field.value));
  }
  return absl::StrCat("{\"time\":\"", FormatTimestamp(event.time, presentation.zone),
                      "\",\"level\":\"", LogLevelName(event.level),
                      "\",\"host\":", JsonString(presentation.host),
                      ",\"tag\":", JsonString(event.source.tag), ",\"pid\":", event.source.pid,
                      ",\"event\":", JsonString(event.name), ",\"text\":", JsonString(event.text),
                      ",\"fields\":{", fields, "}}\n");
}

}  // namespace ctdb::logging
