// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/location.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/nearest_name.h"

namespace ctdb::logging {
namespace {

struct NamedDestination {
  absl::string_view text;
  Destination destination;
};

// The first text of a destination is the one that LocationText() gives.
constexpr NamedDestination kWithoutPath[] = {
    {"syslog", Destination::kSyslog},
    {"syslog:nonblocking", Destination::kSyslogNonblocking},
    {"syslog:udp", Destination::kSyslogUdp},
    {"syslog:udp-rfc5424", Destination::kSyslogUdpRfc5424},
    {"journald", Destination::kJournald},
    {"file:", Destination::kStderr},
    {"file:-", Destination::kStderr},
    {"json:", Destination::kJsonStderr},
    {"json:-", Destination::kJsonStderr},
};

constexpr NamedDestination kWithPath[] = {
    {"file:", Destination::kFile},
    {"json:", Destination::kJsonFile},
};

absl::Status InvalidLocation(absl::string_view text, absl::string_view hint) {
  return absl::InvalidArgumentError(absl::StrCat(
      "invalid log location \"", text,
      "\"; valid are: syslog | syslog:nonblocking | syslog:udp | syslog:udp-rfc5424 | journald | "
      "file:PATH | json:PATH | file: or json: (standard error)",
      hint));
}

}  // namespace

absl::StatusOr<Location> ParseLocation(absl::string_view text) {
  std::vector<absl::string_view> names;
  for (const NamedDestination& form : kWithoutPath) {
    if (text == form.text) return Location{form.destination, ""};
    names.push_back(form.text);
  }
  for (const NamedDestination& form : kWithPath) {
    absl::string_view path = text;
    if (!absl::ConsumePrefix(&path, form.text)) continue;
    if (path.find('\0') != absl::string_view::npos) {
      return InvalidLocation(text, "; the path contains a NUL character");
    }
    return Location{form.destination, std::string(path)};
  }
  return InvalidLocation(text, DidYouMean(text, names));
}

std::string LocationText(const Location& location) {
  for (const NamedDestination& form : kWithPath) {
    if (location.destination == form.destination) return absl::StrCat(form.text, location.path);
  }
  for (const NamedDestination& form : kWithoutPath) {
    if (location.destination == form.destination) return std::string(form.text);
  }
  return "";
}

std::string LogHostName(absl::string_view node_name, bool is_test_mode, absl::string_view base) {
  if (!is_test_mode) return std::string(node_name);
  while (!base.empty() && base.back() == '/') base.remove_suffix(1);
  const size_t slash = base.rfind('/');
  if (slash != absl::string_view::npos) base.remove_prefix(slash + 1);
  return std::string(base.empty() ? node_name : base);
}

}  // namespace ctdb::logging
