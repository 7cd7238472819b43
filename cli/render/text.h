// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// text: small pieces of human output: times, ages, sizes, words in colour.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   Paint("OK", Tone::kGood, /*colour=*/true)  // "OK" in green

#ifndef CLI_RENDER_TEXT_H_
#define CLI_RENDER_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ctdb::cli {

// What a word means to the reader; terminals show it as a colour.
enum class Tone { kPlain, kGood, kBad, kWeak, kStrong };

// The text in the colour of its tone, or as it is.
std::string Paint(absl::string_view text, Tone tone, bool colour);

// The text with control characters and bytes that are not UTF-8 written as \xNN: what comes from
// elsewhere must not play tricks on a terminal.
std::string Printable(absl::string_view text);

// Length of the harmless UTF-8 sequence that `text` (not empty) starts with; 0 when it starts with
// something else. Harmless: valid, and not one of the controls U+0080 to U+009F.
size_t Utf8SequenceLength(absl::string_view text);

// Columns that a text takes on a terminal: its code points.
int DisplayWidth(absl::string_view text);

// "Tue May  6 11:00:10 2031".
std::string CalendarTime(double seconds_since_1970, absl::TimeZone zone);

// "(001 02:03:04)": days, hours, minutes, seconds; a negative age counts as none.
std::string AgeInDays(double seconds);

// "12s", "3m 5s", "2h 10m", "4d 3h".
std::string ShortAge(double seconds);

// "512 B", "1.5 KiB", "3.0 GiB".
std::string ByteCount(uint64_t bytes);

}  // namespace ctdb::cli

#endif  // CLI_RENDER_TEXT_H_
