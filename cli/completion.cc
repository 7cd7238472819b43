// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/help.h"
#include "cli/options.h"

namespace ctdb::cli {
namespace {

// Names of options that take the next word as their value, as patterns of a shell case.
std::string ValuePatterns(const std::vector<Command>& table) {
  std::set<std::string> patterns;
  const auto add = [&](char letter, absl::string_view name, absl::string_view argument) {
    if (argument.empty() || argument[0] == '[') return;
    patterns.insert(absl::StrCat("--", name));
    if (letter != 0) patterns.insert(absl::StrCat("-", std::string(1, letter)));
  };
  for (const GlobalOption& option : GlobalOptions()) {
    add(option.letter, option.name, option.argument);
  }
  for (const Command& command : table) {
    for (const CommandOption& option : command.options) {
      add(option.letter, option.name, option.argument);
    }
  }
  return absl::StrJoin(patterns, "|");
}

}  // namespace

std::string BashCompletion(const std::vector<Command>& table) {
  std::set<std::string> first_words;
  std::map<std::string, std::set<std::string>> second_words;
  std::string own_options;
  for (const Command& command : table) {
    const std::vector<std::string> words = absl::StrSplit(command.name, ' ');
    first_words.insert(words[0]);
    if (words.size() > 1) second_words[words[0]].insert(words[1]);
    if (command.options.empty()) continue;
    absl::StrAppend(&own_options, "      '", command.name, "'*) options+='");
    for (const CommandOption& option : command.options) {
      absl::StrAppend(&own_options, " --", option.name, option.argument.empty() ? "" : "=");
    }
    own_options += "' ;;\n";
  }
  std::string options;
  for (const GlobalOption& option : GlobalOptions()) {
    const bool value = !option.argument.empty() && option.argument[0] != '[';
    absl::StrAppend(&options, options.empty() ? "" : " ", "--", option.name, value ? "=" : "");
  }
  std::string groups;
  for (const auto& [word, next] : second_words) {
    absl::StrAppend(&groups, "      ", word, ") choices='", absl::StrJoin(next, " "), "' ;;\n");
  }
  return absl::StrCat(
      "# Completion of ctdb for bash, made from the command table by\n"
      "# \"ctdb help --bash-completion\".\n"
      "_ctdb() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} words=() i choices= options=\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case ${COMP_WORDS[i]} in\n"
      "      ",
      ValuePatterns(table),
      ")\n"
      "        [[ ${COMP_WORDS[i + 1]} == '=' ]] && ((i++))\n"
      "        ((i++)) ;;\n"
      "      -*|=) ;;\n"
      "      *) words+=(\"${COMP_WORDS[i]}\") ;;\n"
      "    esac\n"
      "  done\n"
      "  if [[ $current == -* ]]; then\n"
      "    options='",
      options,
      "'\n"
      "    case \"${words[*]}\" in\n",
      own_options,
      "    esac\n"
      "    COMPREPLY=($(compgen -W \"$options\" -- \"$current\"))\n"
      "    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null\n"
      "    return\n"
      "  fi\n"
      "  if ((${#words[@]} == 0)); then\n"
      "    choices='",
      absl::StrJoin(first_words, " "),
      "'\n"
      "  elif ((${#words[@]} == 1)); then\n"
      "    case ${words[0]} in\n",
      groups, "      help) choices='", absl::StrJoin(first_words, " "),
      " exit-codes' ;;\n"
      "    esac\n"
      "  fi\n"
      "  COMPREPLY=($(compgen -W \"$choices\" -- \"$current\"))\n"
      "}\n"
      "complete -o default -F _ctdb ctdb\n");
}

}  // namespace ctdb::cli
