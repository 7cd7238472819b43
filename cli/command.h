// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// command: one row of the command table. Everything that is said about a command anywhere (help,
// usage, manual page, completion, the checks before it runs) comes from its row.
//
//   Ownership:  rows are built once and live as long as the program.
//   Threading:  const after building.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_COMMAND_H_
#define CLI_COMMAND_H_

#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctdb::cli {

class Context;

// Which node a command may be sent to with -n.
enum class Scope {
  kNoDaemon,   // None: it works without a daemon.
  kLocalNode,  // This one only.
  kAnyNode,    // Any: the local daemon passes it on.
};

// An option that only this command has. It stands behind the command's name.
struct CommandOption {
  absl::string_view name;      // "count", used as --count.
  char letter = 0;             // 'c', used as -c; 0: none.
  absl::string_view argument;  // "N"; "" for a switch.
  absl::string_view meaning;
};

struct Example {
  absl::string_view line;    // "ctdb ping -n 1"
  absl::string_view output;  // The kind of output to expect; "" when it is silent.
};

inline constexpr int kAnyNumber = std::numeric_limits<int>::max();

// The exit code, or an error: its text goes to stderr.
using Handler = absl::StatusOr<int> (*)(Context& context);

struct Command {
  absl::string_view name = {};  // One word, or two: "message send".
  absl::string_view arguments = {};
  absl::string_view summary = {};  // One line.
  absl::string_view help = {};     // A paragraph.
  std::vector<CommandOption> options = {};
  std::vector<Example> examples = {};
  Scope scope = Scope::kAnyNode;
  int arguments_min = 0;
  int arguments_max = 0;
  bool machine = false;  // Has a form for -X.
  bool json = true;      // Has a form for --json.
  bool watch = false;    // Can be repeated with --watch.
  bool endless = false;  // -T only limits it when it is given.
  bool legacy = false;   // Known to older tools, which exit with 1 when there is no daemon.
  int passthrough = -1;  // From this argument on, options belong to another program. -1: never.
  Handler handler = nullptr;
};

// Hands out the row for the words, or null. Two words are tried before one.
const Command* FindCommand(const std::vector<Command>& table,
                           const std::vector<std::string>& words);

// Whether a command's name starts with this word and has another one.
bool IsCommandGroup(const std::vector<Command>& table, absl::string_view word);

// The number of words in a command's name.
size_t WordCount(const Command& command);

}  // namespace ctdb::cli

#endif  // CLI_COMMAND_H_
