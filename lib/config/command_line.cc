// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/command_line.h"

#include <cerrno>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/log_level.h"
#include "lib/config/config.h"
#include "lib/config/render.h"

namespace ctdb::config {
namespace {

constexpr absl::string_view kConfigUsage =
    "Usage: ctdb-config [-d ERROR|WARNING|NOTICE|INFO|DEBUG] COMMAND\n"
    "\n"
    "Commands:\n"
    "  dump                   Show all options; those at their default are commented out\n"
    "  get SECTION OPTION     Show the value of one option\n"
    "  validate               Check the configuration file\n";

constexpr absl::string_view kPathUsage =
    "Usage: ctdb-path COMMAND\n"
    "\n"
    "Commands:\n"
    "  config                 Path of the configuration file\n"
    "  pidfile DAEMON         Path of a daemon's pid file\n"
    "  socket DAEMON          Path of a daemon's socket\n"
    "  DIR                    Path of a directory class, one of\n"
    "                         datadir etcdir lockdir piddir socketdir vardir\n"
    "  DIR append PATH        Path of something below it\n";

// With the exit code that CTDB gives to a known command with wrong arguments, or to anything else.
CommandResult WrongUse(absl::string_view usage, int exit_code) {
  return {exit_code, std::string(usage), ""};
}

struct CommandLine {
  std::vector<std::string> words;
  LogLevel level = LogLevel::kError;
  bool wants_help = false;
  std::string error;
};

// Options may stand anywhere before "--". A level that is none leaves the default, as in CTDB.
CommandLine ParseCommandLine(const std::vector<std::string>& arguments) {
  CommandLine line;
  bool options_ended = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (options_ended || !absl::StartsWith(argument, "-")) {
      line.words.push_back(argument);
      continue;
    }
    absl::string_view level = argument;
    if (argument == "--") {
      options_ended = true;
    } else if (argument == "-h" || argument == "-?" || argument == "--help") {
      line.wants_help = true;
    } else if (argument == "-d" || argument == "--debug") {
      if (++i == arguments.size()) {
        line.error = absl::StrCat("Invalid option ", argument, ": missing argument\n");
        return line;
      }
      line.level = ParseLogLevel(arguments[i]).value_or(line.level);
    } else if (absl::ConsumePrefix(&level, "--debug=") || absl::ConsumePrefix(&level, "-d")) {
      line.level = ParseLogLevel(level).value_or(line.level);
    } else {
      line.error = absl::StrCat("Invalid option ", argument, ": unknown option\n");
      return line;
    }
  }
  return line;
}

// The level at which ctdb-config prints a problem.
LogLevel LevelOf(Severity severity) {
  switch (severity) {
    case Severity::kError:
      return LogLevel::kError;
    case Severity::kWarning:
      return LogLevel::kWarning;
    case Severity::kNote:
      return LogLevel::kDebug;
  }
  return LogLevel::kError;
}

int ErrnoOf(const absl::Status& status) {
  if (absl::IsNotFound(status)) return ENOENT;
  if (absl::IsPermissionDenied(status)) return EACCES;
  if (absl::IsInvalidArgument(status)) return EINVAL;
  return EIO;
}

class ConfigCommand {
 public:
  ConfigCommand(LogLevel level, const Paths& paths, const FileProbe& probe,
                const absl::StatusOr<std::string>& file_text)
      : level_(level), paths_(paths), probe_(probe), file_text_(file_text), config_(paths) {}

  CommandResult Dump() {
    if (Load(Strictness::kLenient)) result_.out = RenderDump(config_);
    return result_;
  }

  CommandResult Get(const std::string& section, const std::string& option) {
    if (!Load(Strictness::kLenient)) return result_;
    if (FindOption(section, option) == nullptr) {
      absl::StrAppend(&result_.err, "Configuration option [", section, "] -> \"", option,
                      "\" not defined\n");
      result_.exit_code = ENOENT;
    } else {
      result_.out = absl::StrCat(config_.GetText(section, option), "\n");
    }
    return result_;
  }

  CommandResult Validate() {
    Load(Strictness::kStrict);
    return result_;
  }

 private:
  // False, with result_ complete, when the file is refused. Only a strict load needs there to be
  // one.
  bool Load(Strictness strictness) {
    if (file_text_.ok()) {
      config_ = Config::Parse(*file_text_, paths_.ConfigFile(), paths_, probe_, strictness);
      for (const Problem& problem : config_.problems()) Print(problem);
      if (config_.ok()) return true;
      result_.exit_code = EINVAL;
    } else {
      if (absl::IsNotFound(file_text_.status()) && strictness == Strictness::kLenient) return true;
      result_.exit_code = ErrnoOf(file_text_.status());
    }
    absl::StrAppend(&result_.err, "Failed to load config file ", paths_.ConfigFile(), "\n");
    return false;
  }

  void Print(const Problem& problem) {
    if (LevelOf(problem.severity) > level_) return;
    for (const std::string& message : problem.messages) {
      absl::StrAppend(&result_.err, message, "\n");
    }
  }

  const LogLevel level_;
  const Paths& paths_;
  const FileProbe& probe_;
  const absl::StatusOr<std::string>& file_text_;
  Config config_;
  CommandResult result_;
};

CommandResult RunPathWords(const std::vector<std::string>& words, const Paths& paths) {
  const std::string& command = words[0];
  if (command == "config") {
    if (words.size() != 1) return WrongUse(kPathUsage, EINVAL);
    return {0, absl::StrCat(paths.ConfigFile(), "\n"), ""};
  }
  if (command == "pidfile" || command == "socket") {
    if (words.size() != 2) return WrongUse(kPathUsage, EINVAL);
    const std::string path = command == "socket" ? paths.Socket(words[1]) : paths.PidFile(words[1]);
    return {0, absl::StrCat(path, "\n"), ""};
  }
  const std::map<std::string, std::string> directories = {
      {"datadir", paths.datadir()}, {"etcdir", paths.etcdir()},       {"lockdir", paths.lockdir()},
      {"piddir", paths.piddir()},   {"socketdir", paths.socketdir()}, {"vardir", paths.vardir()}};
  const auto directory = directories.find(command);
  if (directory == directories.end()) return WrongUse(kPathUsage, 1);
  if (words.size() == 1) return {0, absl::StrCat(directory->second, "\n"), ""};
  if (words.size() != 3 || words[1] != "append") return WrongUse(kPathUsage, EINVAL);
  return {0, absl::StrCat(directory->second, "/", words[2], "\n"), ""};
}

}  // namespace

CommandResult RunConfigCommand(const std::vector<std::string>& arguments, const Paths& paths,
                               const FileProbe& probe,
                               const absl::StatusOr<std::string>& file_text) {
  const CommandLine line = ParseCommandLine(arguments);
  if (!line.error.empty()) return {1, std::string(kConfigUsage), line.error};
  if (line.wants_help) return WrongUse(kConfigUsage, 0);
  if (line.words.empty()) return WrongUse(kConfigUsage, 1);
  const std::string& name = line.words[0];
  const size_t argument_count = line.words.size() - 1;
  ConfigCommand command(line.level, paths, probe, file_text);
  if (name == "get") {
    if (argument_count != 2) return WrongUse(kConfigUsage, EINVAL);
    return command.Get(line.words[1], line.words[2]);
  }
  if (name != "dump" && name != "validate") return WrongUse(kConfigUsage, 1);
  if (argument_count != 0) return WrongUse(kConfigUsage, EINVAL);
  return name == "dump" ? command.Dump() : command.Validate();
}

CommandResult RunPathCommand(const std::vector<std::string>& arguments,
                             const Environment& environment) {
  for (const std::string& argument : arguments) {
    if (argument == "-h" || argument == "--help") return WrongUse(kPathUsage, 0);
  }
  if (arguments.empty()) return WrongUse(kPathUsage, 1);
  const auto paths = Paths::Make(environment);
  if (!paths.ok()) return {1, "", absl::StrCat(paths.status().message(), "\n")};
  return RunPathWords(arguments, *paths);
}

}  // namespace ctdb::config
