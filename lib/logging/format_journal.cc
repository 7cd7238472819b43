// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/format_journal.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/logging/format_syslog.h"

namespace ctdb::logging {
namespace {

void AppendField(std::string* datagram, absl::string_view key, absl::string_view value) {
  const bool is_plain = std::none_of(value.begin(), value.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (is_plain) {
    absl::StrAppend(datagram, key, "=", value, "\n");
    return;
  }
  absl::StrAppend(datagram, key, "\n");
  // The length is little-endian on every machine.
  for (int shift = 0; shift < 64; shift += 8) {
    datagram->push_back(static_cast<char>((static_cast<uint64_t>(value.size()) >> shift) & 0xff));
  }
  absl::StrAppend(datagram, value, "\n");
}

}  // namespace

std::string FormatJournal(const Event& event) {
  std::string datagram;
  AppendField(&datagram, "MESSAGE", event.text);
  AppendField(&datagram, "PRIORITY", absl::StrCat(SyslogSeverity(event.level)));
  AppendField(&datagram, "SYSLOG_FACILITY", absl::StrCat(kSyslogFacility));
  AppendField(&datagram, "SYSLOG_IDENTIFIER", event.source.tag);
  AppendField(&datagram, "SYSLOG_PID", absl::StrCat(event.source.pid));
  if (!event.name.empty()) AppendField(&datagram, "CTDB_EVENT", event.name);
  for (const EventField& field : event.fields) {
    AppendField(&datagram, absl::StrCat("CTDB_", absl::AsciiStrToUpper(field.key)),
                ValueText(field.value));
  }
  return datagram;
}

}  // namespace ctdb::logging
