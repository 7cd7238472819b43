// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/lock_setting.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace ctdb::cluster {
namespace {

absl::Status Wrong(absl::string_view setting, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"cluster lock = ", absl::CHexEscape(setting), "\" ", what));
}

bool IsAbsolute(absl::string_view path) { return absl::StartsWith(path, "/"); }

absl::StatusOr<std::optional<LockCommand>> ParseHelper(absl::string_view setting) {
  LockCommand command;
  command.arguments = absl::StrSplit(setting.substr(1), absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (command.arguments.empty()) {
    return Wrong(setting, "names no helper: write its full path after the \"!\"");
  }
  const std::string& helper = command.arguments[0];
  if (!IsAbsolute(helper)) {
    return Wrong(setting, absl::StrCat("names the helper \"", helper,
                                       "\" without its folder: write its full path, such as /usr/",
                                       "libexec/ctdb/", helper, "; PATH is not searched"));
  }
  if (helper.back() == '/') {
    return Wrong(setting, "names a folder as the helper: write the full path of a program");
  }
  return command;
}

}  // namespace

absl::StatusOr<std::optional<LockCommand>> ParseLockSetting(absl::string_view setting,
                                                            absl::string_view helper_directory) {
  const absl::string_view text = absl::StripAsciiWhitespace(setting);
  if (text.empty()) return std::nullopt;
  for (const char c : text) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c)) && c != '\t') {
      return Wrong(text, "contains a control character: delete it");
    }
  }
  if (text[0] == '!') return ParseHelper(text);
  if (!IsAbsolute(text)) {
    return Wrong(text,
                 "is no full path: write one that begins with \"/\" and is on the cluster file "
                 "system, or \"!\" and the full path of a helper");
  }
  if (text.back() == '/') {
    return Wrong(text, "names a folder: write the full path of a file in it");
  }
  return LockCommand{{absl::StrCat(helper_directory, "/", kLockHelperName), std::string(text)}};
}

}  // namespace ctdb::cluster
