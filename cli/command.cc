// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/command.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ctdb::cli {

const Command* FindCommand(const std::vector<Command>& table,
                           const std::vector<std::string>& words) {
  const auto named = [&](absl::string_view name) -> const Command* {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const Command& command) { return command.name == name; });
    return found == table.end() ? nullptr : &*found;
  };
  if (words.size() >= 2) {
    if (const Command* command = named(absl::StrCat(words[0], " ", words[1]))) return command;
  }
  return words.empty() ? nullptr : named(words[0]);
}

bool IsCommandGroup(const std::vector<Command>& table, absl::string_view word) {
  const std::string prefix = absl::StrCat(word, " ");
  return std::any_of(table.begin(), table.end(), [&](const Command& command) {
    return absl::StartsWith(command.name, prefix);
  });
}

size_t WordCount(const Command& command) {
  return 1 + std::count(command.name.begin(), command.name.end(), ' ');
}

}  // namespace ctdb::cli
