// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/format_syslog.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/logging/text.h"

namespace ctdb::logging {
namespace {

int Priority(LogLevel level) { return kSyslogFacility * 8 + SyslogSeverity(level); }

// A header field: printable ASCII without spaces, at most `bytes_max`, `fallback` if empty.
std::string HeaderField(absl::string_view text, size_t bytes_max, absl::string_view fallback) {
  if (text.empty()) return std::string(fallback);
  std::string field(text.substr(0, bytes_max));
  for (char& c : field) {
    if (!absl::ascii_isgraph(static_cast<unsigned char>(c))) c = '_';
  }
  return field;
}

// RFC 5424, 6.3.3: these three are escaped inside a value. A backslash that OneLine() put there is
// escaped like any other, so that the receiver sees the very text of the other formats.
std::string ParameterValue(const std::string& text) {
  std::string value;
  for (const char c : OneLine(text)) {
    if (c == '"' || c == '\\' || c == ']') value += '\\';
    value += c;
  }
  return value;
}

std::string StructuredData(const Event& event) {
  std::string parameters;
  for (const EventField& field : event.fields) {
    const std::string parameter =
        absl::StrCat(" ", field.key, "=\"", ParameterValue(ValueText(field.value)), "\"");
    const size_t bytes = 2 + kStructuredDataId.size() + parameters.size() + parameter.size();
    if (bytes <= kStructuredDataBytesMax) parameters += parameter;
  }
  return parameters.empty() ? "-" : absl::StrCat("[", kStructuredDataId, parameters, "]");
}

std::string Datagram(const std::string& text) {
  return std::string(TruncateUtf8(text, kDatagramBytesMax));
}

}  // namespace

int SyslogSeverity(LogLevel level) {
  switch (level) {
    case LogLevel::kError:
      return 3;
    case LogLevel::kWarning:
      return 4;
    case LogLevel::kNotice:
    case LogLevel::kInfo:
      return 5;
    case LogLevel::kDebug:
      return 7;
  }
  return 7;
}

std::string FormatRfc3164(const Event& event) {
  return Datagram(absl::StrCat("<", Priority(event.level), ">",
                               HeaderField(event.source.tag, 48, "-"), "[", event.source.pid,
                               "]: ", OneLine(event.text)));
}

std::string FormatRfc5424(const Event& event, const Presentation& presentation) {
  return Datagram(absl::StrCat(
      "<", Priority(event.level), ">1 ", FormatTimestamp(event.time, presentation.zone), " ",
      HeaderField(presentation.host, 255, "localhost"), " ", HeaderField(event.source.tag, 48, "-"),
      " ", event.source.pid, " ", HeaderField(event.name, kNameBytesMax, "-"), " ",
      StructuredData(event), " ", OneLine(event.text)));
}

}  // namespace ctdb::logging
