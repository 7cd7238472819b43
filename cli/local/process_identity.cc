// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/local/process_identity.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace ctdb::cli::local {

std::string ToLine(const ProcessIdentity& identity) {
  return absl::StrCat(identity.pid, " ", identity.start_ticks, "\n");
}

std::optional<ProcessIdentity> ParseIdentityLine(absl::string_view line) {
  const std::vector<absl::string_view> words = absl::StrSplit(absl::StripSuffix(line, "\n"), ' ');
  ProcessIdentity identity;
  if (words.size() != 2 || !absl::SimpleAtoi(words[0], &identity.pid) ||
      !absl::SimpleAtoi(words[1], &identity.start_ticks) || identity.pid <= 1) {
    return std::nullopt;
  }
  return identity;
}

std::optional<ProcessStat> ParseProcessStat(absl::string_view text) {
  // PID (NAME) STATE ...: the name may hold anything, blanks and brackets too.
  const size_t open = text.find(" (");
  const size_t close = text.rfind(") ");
  if (open == absl::string_view::npos || close == absl::string_view::npos) return std::nullopt;
  const std::vector<absl::string_view> fields = absl::StrSplit(text.substr(close + 2), ' ');
  constexpr size_t kStateField = 0;
  constexpr size_t kStartField = 19;
  ProcessStat stat;
  if (fields.size() <= kStartField || fields[kStateField].size() != 1 ||
      !absl::SimpleAtoi(text.substr(0, open), &stat.identity.pid) ||
      !absl::SimpleAtoi(fields[kStartField], &stat.identity.start_ticks)) {
    return std::nullopt;
  }
  stat.state = fields[kStateField][0];
  return stat;
}

}  // namespace ctdb::cli::local
