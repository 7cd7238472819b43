// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/options.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/nearest_name.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

constexpr int64_t kSecondsMax = 10LL * 366 * 24 * 3600;
constexpr absl::string_view kNotNumeric = "invalid numeric value";
constexpr absl::string_view kOutOfRange = "number too large or too small";

// One run over the arguments, left to right.
class Parser {
 public:
  Parser(const std::vector<std::string>& arguments, const std::vector<Command>& table)
      : arguments_(arguments), table_(table) {}

  absl::Status Parse();
  Invocation TakeResult() { return std::move(result_); }
  const std::vector<std::string>& words() const { return words_; }

 private:
  // An option as it was found: which one, and what kind of value it takes.
  struct Found {
    std::string name;
    bool own = false;
    bool takes_value = false;
    bool value_optional = false;
  };

  std::optional<Found> Find(absl::string_view name, char letter) const;
  absl::Status ParseLong(absl::string_view text);
  absl::Status ParseLetters(absl::string_view text);
  absl::Status TakeValueAndApply(const Found& found, std::optional<std::string> value);
  absl::Status Apply(const Found& found, const std::string& value);
  absl::Status ApplyGlobal(const std::string& name, const std::string& value);
  absl::Status ApplyLimit(const std::string& name, const std::string& value);
  bool PassesThrough() const;
  absl::Status Bad(absl::string_view reason) const {
    return absl::InvalidArgumentError(
        absl::StrCat("Invalid option ", arguments_[next_ - 1], ": ", reason));
  }

  const std::vector<std::string>& arguments_;
  const std::vector<Command>& table_;
  size_t next_ = 0;  // Index of the argument to read next; the one before is what errors name.
  std::vector<std::string> words_;
  Invocation result_;
};

absl::Status Parser::Parse() {
  bool options_end = false;
  while (next_ < arguments_.size()) {
    const std::string& argument = arguments_[next_++];
    if (options_end || argument.size() < 2 || argument[0] != '-' || PassesThrough()) {
      words_.push_back(argument);
    } else if (argument == "--") {
      options_end = true;
    } else if (absl::StartsWith(argument, "--")) {
      CTDB_RETURN_IF_ERROR(ParseLong(absl::string_view(argument).substr(2)));
    } else {
      CTDB_RETURN_IF_ERROR(ParseLetters(absl::string_view(argument).substr(1)));
    }
  }
  return absl::OkStatus();
}

bool Parser::PassesThrough() const {
  const Command* command = FindCommand(table_, words_);
  return command != nullptr && command->passthrough >= 0 &&
         words_.size() >= WordCount(*command) + command->passthrough;
}

std::optional<Parser::Found> Parser::Find(absl::string_view name, char letter) const {
  if (const Command* command = FindCommand(table_, words_)) {
    for (const CommandOption& option : command->options) {
      if (letter != 0 ? option.letter == letter : option.name == name) {
        return Found{std::string(option.name), true, !option.argument.empty(), false};
      }
    }
  }
  for (const GlobalOption& option : GlobalOptions()) {
    if (letter != 0 ? option.letter == letter : option.name == name) {
      const bool optional = absl::StartsWith(option.argument, "[");
      return Found{std::string(option.name), false, !option.argument.empty() && !optional,
                   optional};
    }
  }
  return std::nullopt;
}

absl::Status Parser::ParseLong(absl::string_view text) {
  const size_t equals = text.find('=');
  std::optional<std::string> value;
  if (equals != absl::string_view::npos) value = std::string(text.substr(equals + 1));
  const std::optional<Found> found = Find(text.substr(0, equals), 0);
  if (!found.has_value()) return Bad("unknown option");
  if (value.has_value() && !found->takes_value && !found->value_optional) {
    return Bad("option does not take an argument");
  }
  return TakeValueAndApply(*found, std::move(value));
}

absl::Status Parser::ParseLetters(absl::string_view text) {
  while (!text.empty()) {
    const std::optional<Found> found = Find("", text[0]);
    if (!found.has_value()) return Bad("unknown option");
    text.remove_prefix(1);
    if (!found->takes_value) {
      CTDB_RETURN_IF_ERROR(Apply(*found, ""));
      continue;
    }
    std::optional<std::string> value;
    if (!text.empty()) value = std::string(text.substr(text[0] == '=' ? 1 : 0));
    return TakeValueAndApply(*found, std::move(value));
  }
  return absl::OkStatus();
}

absl::Status Parser::TakeValueAndApply(const Found& found, std::optional<std::string> value) {
  if (found.takes_value && !value.has_value()) {
    if (next_ == arguments_.size()) return Bad("missing argument");
    value = arguments_[next_++];
  }
  return Apply(found, value.value_or(""));
}

absl::Status Parser::Apply(const Found& found, const std::string& value) {
  if (!found.own) return ApplyGlobal(found.name, value);
  result_.own[found.name] = value;
  return absl::OkStatus();
}

absl::Status Parser::ApplyGlobal(const std::string& name, const std::string& value) {
  if (name == "help") {
    result_.action = Invocation::Action::kHelp;
  } else if (name == "usage") {
    if (result_.action == Invocation::Action::kRun) result_.action = Invocation::Action::kUsage;
  } else if (name == "machinereadable") {
    result_.machine = true;
  } else if (name == "separator") {
    result_.separator = value;
  } else if (name == "json") {
    result_.json = true;
  } else if (name == "verbose") {
    result_.verbose = true;
  } else if (name == "debug") {
    // Scripts rely on a bad level not being an error.
    result_.log_level = ParseLogLevel(value).value_or(LogLevel::kError);
  } else if (name == "socket") {
    result_.socket = value;
  } else {
    return ApplyLimit(name, value);
  }
  return absl::OkStatus();
}

absl::Status Parser::ApplyLimit(const std::string& name, const std::string& value) {
  if (name == "watch") {
    const std::optional<absl::Duration> pause = ParseSeconds(value.empty() ? "1" : value);
    if (!pause.has_value()) return Bad(kNotNumeric);
    result_.watch = std::max(*pause, absl::Milliseconds(100));
    return absl::OkStatus();
  }
  const bool negative = absl::StartsWith(value, "-");
  const std::optional<uint64_t> number = ParseNumber(negative ? value.substr(1) : value);
  if (!number.has_value()) return Bad(kNotNumeric);
  if (negative || *number > static_cast<uint64_t>(kSecondsMax)) return Bad(kOutOfRange);
  if (name == "node") {
    result_.node = static_cast<uint32_t>(*number);
  } else if (name == "timelimit") {
    if (*number == 0) return Bad(kOutOfRange);
    result_.time_limit = absl::Seconds(*number);
  } else {
    result_.run_limit_given = *number != 0;
    result_.run_limit = absl::Seconds(*number);
  }
  return absl::OkStatus();
}

absl::Status SetRunLimit(const Environment& environment, Invocation& invocation) {
  if (invocation.run_limit_given) return absl::OkStatus();
  invocation.run_limit = absl::Seconds(120);
  if (environment.timeout.has_value()) {
    const std::optional<uint64_t> seconds = ParseNumber(*environment.timeout);
    if (!seconds.has_value() || *seconds > static_cast<uint64_t>(kSecondsMax)) {
      return absl::InvalidArgumentError("Invalid value CTDB_TIMEOUT");
    }
    invocation.run_limit = *seconds == 0 ? absl::InfiniteDuration() : absl::Seconds(*seconds);
  }
  const bool endless = invocation.command != nullptr && invocation.command->endless;
  if (endless || invocation.watch.has_value()) invocation.run_limit = absl::InfiniteDuration();
  return absl::OkStatus();
}

absl::Status UnknownCommand(const std::vector<std::string>& words,
                            const std::vector<Command>& table) {
  std::string typed = words[0];
  if (IsCommandGroup(table, words[0]) && words.size() > 1) absl::StrAppend(&typed, " ", words[1]);
  std::vector<absl::string_view> names;
  for (const Command& command : table) names.push_back(command.name);
  return absl::InvalidArgumentError(
      absl::StrCat("Unknown command '", typed, "'", DidYouMean(typed, names)));
}

absl::Status CheckCombination(const Invocation& invocation) {
  const Command& command = *invocation.command;
  if (invocation.json && invocation.machine) {
    return absl::InvalidArgumentError("--json and -Y options are mutually exclusive");
  }
  if (invocation.json && !command.json) {
    return absl::InvalidArgumentError(
        absl::StrCat("--json not supported by the ", command.name, " subcommand"));
  }
  if (invocation.watch.has_value() && !command.watch) {
    return absl::InvalidArgumentError(
        absl::StrCat("--watch not supported by the ", command.name, " subcommand"));
  }
  if (invocation.node.has_value() && command.scope == Scope::kNoDaemon) {
    return absl::InvalidArgumentError(
        absl::StrCat("Cannot specify node for command ", command.name));
  }
  return absl::OkStatus();
}

}  // namespace

std::string Invocation::Own(absl::string_view own_option, absl::string_view fallback) const {
  const auto found = own.find(std::string(own_option));
  return found == own.end() ? std::string(fallback) : found->second;
}

absl::StatusOr<Invocation> ParseCommandLine(const std::vector<std::string>& arguments,
                                            const Environment& environment,
                                            const std::vector<Command>& table) {
  Parser parser(arguments, table);
  CTDB_RETURN_IF_ERROR(parser.Parse());
  Invocation invocation = parser.TakeResult();
  const std::vector<std::string>& words = parser.words();
  invocation.command = FindCommand(table, words);
  if (invocation.socket.empty()) invocation.socket = environment.paths.TransportSocket();
  if (invocation.command != nullptr) {
    invocation.arguments.assign(words.begin() + WordCount(*invocation.command), words.end());
  } else if (!words.empty() && !(words.size() == 1 && IsCommandGroup(table, words[0]))) {
    if (invocation.action == Invocation::Action::kRun) return UnknownCommand(words, table);
  } else {
    invocation.arguments = words;
    if (invocation.action == Invocation::Action::kRun) {
      invocation.action = Invocation::Action::kNoCommand;
    }
  }
  CTDB_RETURN_IF_ERROR(SetRunLimit(environment, invocation));
  if (invocation.action == Invocation::Action::kRun) {
    CTDB_RETURN_IF_ERROR(CheckCombination(invocation));
  }
  return invocation;
}

const std::vector<GlobalOption>& GlobalOptions() {
  static const auto* options = new std::vector<GlobalOption>{
      {'n', "node", "NODE", "send the command to this node (its number) instead of the local one"},
      {'t', "timelimit", "SECONDS", "how long to wait for each answer (default 10)"},
      {'T', "maxruntime", "SECONDS",
       "how long the whole command may take (default $CTDB_TIMEOUT, else 120)"},
      {'X', "machinereadable", "", "output for scripts: fields between separators"},
      {'Y', "machinereadable", "", "the same as -X"},
      {'x', "separator", "CHAR", "separator for -X (default |)"},
      {'j', "json", "", "output as JSON"},
      {'v', "verbose", "", "tell more"},
      {'d', "debug", "LEVEL", "log level of this tool on stderr (default ERROR)"},
      {0, "watch", "[=SECONDS]", "repeat the command, every second or as given, until interrupted"},
      {0, "socket", "PATH", "socket of the local daemon"},
      {'?', "help", "", "show help, of the command if one is named"},
      {0, "usage", "", "show how the command line is built"},
  };
  return *options;
}

std::optional<uint64_t> ParseNumber(absl::string_view text) {
  int base = 10;
  if (absl::StartsWithIgnoreCase(text, "0x")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  uint64_t value = 0;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : 99;
    if (digit >= base) return std::nullopt;
    if (value > (UINT64_MAX - digit) / base) return std::nullopt;
    value = value * base + digit;
  }
  return text.empty() ? std::nullopt : std::optional<uint64_t>(value);
}

std::optional<absl::Duration> ParseSeconds(absl::string_view text) {
  double seconds = 0;
  if (!absl::SimpleAtod(text, &seconds) || !(seconds >= 0) || seconds > kSecondsMax) {
    return std::nullopt;
  }
  return absl::Seconds(seconds);
}

}  // namespace ctdb::cli
