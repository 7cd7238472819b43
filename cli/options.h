// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// options: the command line as administrators' scripts write it. Global options stand anywhere,
// also behind the command; a command's own options stand behind its name and win over global ones
// there.
//
//   Ownership:  values; Invocation points into the command table.
//   Threading:  pure functions over arguments and environment.
//   Errors:     InvalidArgument with the exact line for stderr.
//   Blocking:   never.
//   Limits:     none beyond those of the system's argument list.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(Invocation invocation, ParseCommandLine({"status", "-X"}, env, table));

#ifndef CLI_OPTIONS_H_
#define CLI_OPTIONS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/command.h"
#include "lib/base/log_level.h"
#include "lib/config/paths.h"

namespace ctdb::cli {

// What a program knows from outside its arguments.
struct Environment {
  std::optional<std::string> timeout;  // CTDB_TIMEOUT
  bool no_colour = false;              // NO_COLOR is set and not empty.
  bool is_terminal = false;            // stdout
  bool error_is_terminal = false;      // stderr
  absl::TimeZone zone = absl::UTCTimeZone();
  config::Paths paths;
  std::string program;  // This program's own file.
  std::string working_directory;
  std::optional<std::string> ctdbd;  // CTDBD: the daemon for local clusters.
};

struct Invocation {
  enum class Action {
    kRun,
    kHelp,       // -?, --help: of the command if there is one.
    kUsage,      // --usage
    kNoCommand,  // Nothing to do was named.
  };
  Action action = Action::kRun;
  const Command* command = nullptr;        // Set for kRun; may be set for kHelp and kUsage.
  std::vector<std::string> arguments;      // Behind the command's name.
  std::map<std::string, std::string> own;  // The command's own options; "" for a switch.

  std::optional<uint32_t> node;
  absl::Duration time_limit = absl::Seconds(10);  // Of every single request.
  absl::Duration run_limit;                       // Of the whole command; infinite: none.
  bool run_limit_given = false;
  bool machine = false;
  std::string separator = "|";
  bool json = false;
  bool verbose = false;
  LogLevel log_level = LogLevel::kError;
  std::optional<absl::Duration> watch;  // How long to wait between repetitions.
  std::string socket;

  bool has(absl::string_view own_option) const { return own.count(std::string(own_option)) > 0; }
  // The value of a command's own option, or the fallback.
  std::string Own(absl::string_view own_option, absl::string_view fallback = "") const;
};

// `arguments` are those after the program's name.
absl::StatusOr<Invocation> ParseCommandLine(const std::vector<std::string>& arguments,
                                            const Environment& environment,
                                            const std::vector<Command>& table);

// Every global option, for help texts.
struct GlobalOption {
  char letter;  // 0: none.
  absl::string_view name;
  absl::string_view argument;  // "SECONDS"; "[=SECONDS]" when it may be left out; "" for a switch.
  absl::string_view meaning;
};
const std::vector<GlobalOption>& GlobalOptions();

// A number as options and arguments have them: decimal, 0x hexadecimal, or octal with a leading 0.
std::optional<uint64_t> ParseNumber(absl::string_view text);

// Seconds, which may have a fraction; at most ten years.
std::optional<absl::Duration> ParseSeconds(absl::string_view text);

}  // namespace ctdb::cli

#endif  // CLI_OPTIONS_H_
