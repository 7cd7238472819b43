// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/help.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "cli/options.h"

namespace ctdb::cli {
namespace {

constexpr absl::string_view kSynopsis = "Usage: ctdb [OPTION...] COMMAND [ARGUMENT...]\n";
constexpr size_t kTextWidth = 78;

std::string Line(const Command& command) {
  return absl::StrFormat("  %-15s %-27s  %s\n", command.name, command.arguments, command.summary);
}

std::string OptionLine(char letter, absl::string_view name, absl::string_view argument,
                       absl::string_view meaning) {
  const std::string start =
      letter == 0 ? "    " : absl::StrCat(std::string(1, '-'), std::string(1, letter), ", ");
  const bool glued = argument.empty() || argument[0] == '[';
  const std::string left = absl::StrCat(start, "--", name, glued ? "" : "=", argument);
  return absl::StrFormat("  %-27s %s\n", left, meaning);
}

// Lines of at most kTextWidth columns, each indented.
std::string Wrap(absl::string_view text, absl::string_view indent) {
  std::string result;
  std::string line;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (!line.empty() && indent.size() + line.size() + 1 + word.size() > kTextWidth) {
      absl::StrAppend(&result, indent, line, "\n");
      line.clear();
    }
    absl::StrAppend(&line, line.empty() ? "" : " ", word);
  }
  if (!line.empty()) absl::StrAppend(&result, indent, line, "\n");
  return result;
}

std::string GlobalOptionLines() {
  std::string text = "Options:\n";
  for (const GlobalOption& option : GlobalOptions()) {
    text += OptionLine(option.letter, option.name, option.argument, option.meaning);
  }
  return text;
}

absl::string_view ScopeText(const Command& command) {
  switch (command.scope) {
    case Scope::kNoDaemon:
      return "Needs no daemon; -n is not allowed.";
    case Scope::kLocalNode:
      return "Asks the local daemon; -n only with the local node's number.";
    case Scope::kAnyNode:
      break;
  }
  return "Asks the local daemon, or with -n the daemon of another node.";
}

}  // namespace

std::string FullUsage(const std::vector<Command>& table) {
  std::string text = absl::StrCat(kSynopsis, "\n", GlobalOptionLines(), "\nCommands:\n");
  for (const Command& command : table) text += Line(command);
  absl::StrAppend(&text, "\nctdb help COMMAND explains one of them, with examples.\n");
  return text;
}

std::string GroupUsage(const std::vector<Command>& table, absl::string_view word) {
  std::string text = absl::StrCat(kSynopsis, "\nCommands:\n");
  for (const Command& command : table) {
    if (absl::StartsWith(command.name, absl::StrCat(word, " "))) text += Line(command);
  }
  return text;
}

std::string CommandUsage(const Command& command) {
  return absl::StrCat(kSynopsis, "\nCommands:\n", Line(command));
}

std::string CommandHelp(const Command& command) {
  std::string text = absl::StrCat("ctdb ", command.name, command.arguments.empty() ? "" : " ",
                                  command.arguments, "\n\n", Wrap(command.help, "  "), "\n");
  if (!command.options.empty()) {
    absl::StrAppend(&text, "Options of this command:\n");
    for (const CommandOption& option : command.options) {
      text += OptionLine(option.letter, option.name, option.argument, option.meaning);
    }
    text += "\n";
  }
  text += Wrap(ScopeText(command), "  ");
  std::string forms;
  if (command.machine) forms += " -X";
  if (command.json) forms += " --json";
  if (command.watch) forms += " --watch";
  if (!forms.empty()) absl::StrAppend(&text, "  Understands", forms, ".\n");
  text += command.examples.size() == 1 ? "\nExample:\n" : "\nExamples:\n";
  for (const Example& example : command.examples) {
    absl::StrAppend(&text, "  $ ", example.line, "\n");
    if (example.output.empty()) continue;
    for (const absl::string_view line : absl::StrSplit(example.output, '\n')) {
      absl::StrAppend(&text, "  ", line, "\n");
    }
  }
  return text;
}

}  // namespace ctdb::cli
