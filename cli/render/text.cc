// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/render/text.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ctdb::cli {

size_t Utf8SequenceLength(absl::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const size_t length = first < 0x80    ? 1
                        : first >= 0xf5 ? 0
                        : first >= 0xf0 ? 4
                        : first >= 0xe0 ? 3
                        : first >= 0xc2 ? 2
                                        : 0;
  if (length == 0 || length > text.size()) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and C1 controls (which terminals obey, too).
  if (length == 2 && first == 0xc2 && byte(1) < 0xa0) return 0;
  if (length == 3 && first == 0xe0 && byte(1) < 0xa0) return 0;
  if (length == 3 && first == 0xed && byte(1) >= 0xa0) return 0;
  if (length == 4 && first == 0xf0 && byte(1) < 0x90) return 0;
  if (length == 4 && first == 0xf4 && byte(1) >= 0x90) return 0;
  return length;
}

std::string Paint(absl::string_view text, Tone tone, bool colour) {
  if (!colour || tone == Tone::kPlain || text.empty()) return std::string(text);
  const char* code = tone == Tone::kGood   ? "32"
                     : tone == Tone::kBad  ? "31"
                     : tone == Tone::kWeak ? "2"
                                           : "1";
  return absl::StrCat("\x1b[", code, "m", text, "\x1b[0m");
}

std::string Printable(absl::string_view text) {
  std::string result;
  while (!text.empty()) {
    const size_t length = Utf8SequenceLength(text);
    const unsigned char first = static_cast<unsigned char>(text[0]);
    if (length == 0 || first < 0x20 || first == 0x7f) {
      absl::StrAppendFormat(&result, "\\x%02x", first);
      text.remove_prefix(1);
    } else {
      result.append(text.data(), length);
      text.remove_prefix(length);
    }
  }
  return result;
}

int DisplayWidth(absl::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string CalendarTime(double seconds_since_1970, absl::TimeZone zone) {
  return absl::FormatTime("%a %b %e %H:%M:%S %Y",
                          absl::UnixEpoch() + absl::Seconds(seconds_since_1970), zone);
}

std::string AgeInDays(double seconds) {
  const int64_t whole = std::isfinite(seconds) && seconds > 0 ? static_cast<int64_t>(seconds) : 0;
  return absl::StrFormat("(%03d %02d:%02d:%02d)", whole / 86400, whole / 3600 % 24, whole / 60 % 60,
                         whole % 60);
}

std::string ShortAge(double seconds) {
  const int64_t whole = std::isfinite(seconds) && seconds > 0 ? static_cast<int64_t>(seconds) : 0;
  if (whole < 60) return absl::StrCat(whole, "s");
  if (whole < 3600) return absl::StrCat(whole / 60, "m ", whole % 60, "s");
  if (whole < 86400) return absl::StrCat(whole / 3600, "h ", whole / 60 % 60, "m");
  return absl::StrCat(whole / 86400, "d ", whole / 3600 % 24, "h");
}

std::string ByteCount(uint64_t bytes) {
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  constexpr const char* kUnits[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  // 1023.95 would print as 1024.0.
  while (value >= 1023.95 && unit + 1 < std::size(kUnits)) {
    value /= 1024;
    ++unit;
  }
  return absl::StrFormat("%.1f %s", value, kUnits[unit]);
}

}  // namespace ctdb::cli
