// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/options.h"
#include "lib/base/version.h"

namespace ctdb::cli {
namespace {

// Text that roff prints as it is.
std::string Escape(absl::string_view text) {
  std::string result = absl::StrReplaceAll(text, {{"\\", "\\e"}, {"-", "\\-"}, {"'", "\\(aq"}});
  if (!result.empty() && result[0] == '.') result.insert(0, "\\&");
  return result;
}

std::string Paragraph(absl::string_view text) { return absl::StrCat(Escape(text), "\n"); }

std::string Option(char letter, absl::string_view name, absl::string_view argument,
                   absl::string_view meaning) {
  std::string head;
  if (letter != 0) absl::StrAppend(&head, "\\fB\\-", std::string(1, letter), "\\fR, ");
  absl::StrAppend(&head, "\\fB\\-\\-", Escape(name), "\\fR");
  if (!argument.empty()) {
    const bool glued = argument[0] == '[';
    absl::StrAppend(&head, glued ? "" : "=", "\\fI", Escape(argument), "\\fR");
  }
  return absl::StrCat(".TP\n", head, "\n", Paragraph(meaning));
}

std::string CommandSection(const Command& command) {
  std::string text =
      absl::StrCat(".SS ", Escape(command.name), command.arguments.empty() ? "" : " ",
                   Escape(command.arguments), "\n", Paragraph(command.help));
  for (const CommandOption& option : command.options) {
    text += Option(option.letter, option.name, option.argument, option.meaning);
  }
  text += ".PP\n";
  text += command.scope == Scope::kNoDaemon    ? "Needs no daemon."
          : command.scope == Scope::kLocalNode ? "Asks the local daemon."
                                               : "Asks the local daemon, or that of \\fB\\-n\\fR.";
  if (command.machine) text += "\nHas a form for \\fB\\-X\\fR.";
  if (!command.json) text += "\nHas no form for \\fB\\-\\-json\\fR.";
  if (command.watch) text += "\nCan be repeated with \\fB\\-\\-watch\\fR.";
  text += "\n.PP\n.nf\n.RS\n";
  for (const Example& example : command.examples) {
    absl::StrAppend(&text, "$ ", Escape(example.line), "\n");
    if (example.output.empty()) continue;
    for (const absl::string_view line : absl::StrSplit(example.output, '\n')) {
      absl::StrAppend(&text, Escape(line), "\n");
    }
  }
  return text + ".RE\n.fi\n";
}

constexpr absl::string_view kJsonSection =
    "The objects of \\fB\\-\\-json\\fR are the daemons' own replies, with the names of the "
    "published schemas.\n"
    "Integers of 64 bits appear as strings, since a JSON number may not hold them.\n"
    "Texts that were never set are left out.\n"
    "\\fBstatus\\fR and \\fBversion\\fR first have the keys that older tools print, in their "
    "order.\n";

}  // namespace

std::string ManPage(const std::vector<Command>& table) {
  std::string text = absl::StrCat(
      ".\\\" Made from the command table by \"ctdb help --man\".\n.TH CTDB 1 2026-11-21 \"ctdb ",
      kSoftwareVersion, "\"\n.SH NAME\nctdb \\- look at and control a cluster\n",
      ".SH SYNOPSIS\n\\fBctdb\\fR [\\fIOPTION\\fR...] \\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n",
      ".SH DESCRIPTION\n",
      "\\fBctdb\\fR asks the daemons of a cluster node what they know and tells them what to do.\n",
      "Options may stand anywhere on the line; those of a command stand behind its name.\n",
      "What follows \\fB\\-\\-\\fR is no option.\n.SH OPTIONS\n");
  for (const GlobalOption& option : GlobalOptions()) {
    text += Option(option.letter, option.name, option.argument, option.meaning);
  }
  text += ".SH COMMANDS\n";
  for (const Command& command : table) text += CommandSection(command);
  absl::StrAppend(&text, ".SH JSON\n", kJsonSection, ".SH EXIT STATUS\n");
  for (const ExitCodeMeaning& row : ExitCodeTable()) {
    absl::StrAppend(&text, ".TP\n", row.code, "\n", Paragraph(row.meaning));
  }
  absl::StrAppend(&text, ".PP\n\\fBnodestatus\\fR exits with the sum of what is true of any of ",
                  "the nodes:\n1 disconnected, 2 unhealthy, 4 disabled, 8 banned, 32 stopped, ",
                  "64 unknown.\n.SH ENVIRONMENT\n.TP\nCTDB_TIMEOUT\n",
                  Paragraph("Default of -T, in seconds; 0: no limit."), ".TP\nNO_COLOR\n",
                  Paragraph("When not empty, no colours, not even on a terminal."),
                  ".TP\nCTDB_TEST_MODE, CTDB_BASE\n",
                  Paragraph("When CTDB_TEST_MODE is set, all files are looked for below the "
                            "directory CTDB_BASE."));
  return text;
}

}  // namespace ctdb::cli
