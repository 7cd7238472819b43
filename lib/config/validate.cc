// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/validate.h"

#include <climits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/base/log_level.h"
#include "lib/logging/location.h"
#include "lib/config/ip_address.h"

namespace ctdb::config {
namespace {

constexpr absl::string_view kLevelHint =
    "; use ERROR, WARNING, NOTICE, INFO, DEBUG or a number from 0 to 10";

// CTDB's usual complaint about a value.
Verdict Refuse(const OptionSpec& option, const OptionValue& value, absl::string_view hint) {
  return {false,
          absl::StrCat("Invalid value for [", option.section, "] -> ", option.name, " = ",
                       ToText(value)),
          std::string(hint)};
}

// The part before the last slash: "." without one, "/" for what is directly below the root.
std::string DirectoryOf(absl::string_view path) {
  const size_t slash = path.find_last_of('/');
  if (slash == absl::string_view::npos) return ".";
  return slash == 0 ? "/" : std::string(path.substr(0, slash));
}

Verdict CheckLogLocation(absl::string_view text, const FileProbe& probe) {
  const absl::StatusOr<logging::Location> location = logging::ParseLocation(text);
  if (!location.ok()) return {false, "", absl::StrCat("; ", location.status().message())};
  const std::string& path = location->path;
  if (path.empty()) return {};
  const std::string directory = DirectoryOf(path);
  if (probe.KindOf(directory) == FileKind::kDirectory) return {};
  return {false, "", absl::StrCat("; the directory ", directory, " does not exist, create it")};
}

Verdict CheckDirectory(const OptionSpec& option, const std::string& directory,
                       const FileProbe& probe) {
  if (probe.KindOf(directory) == FileKind::kDirectory) return {};
  return {false, absl::StrCat(option.name, " \"", directory, "\" does not exist"),
          "; create this directory, or correct the path"};
}

// Scripts are looked for below the configuration directory by the last part of their path.
Verdict CheckScript(const OptionSpec& option, absl::string_view script, const Paths& paths,
                    const FileProbe& probe) {
  const size_t slash = script.find_last_of('/');
  if (slash != absl::string_view::npos) script.remove_prefix(slash + 1);
  const std::string path = absl::StrCat(paths.etcdir(), "/", script);
  if (path.size() >= PATH_MAX) return {false, absl::StrCat(option.name, " name too long"), ""};
  switch (probe.KindOf(path)) {
    case FileKind::kExecutable:
      return {};
    case FileKind::kMissing:
      return {false, absl::StrCat(option.name, " ", path, " does not exist"),
              absl::StrCat("; scripts are looked for in ", paths.etcdir())};
    case FileKind::kNotExecutable:
      return {false, absl::StrCat(option.name, " ", path, " is not executable"),
              absl::StrCat("; chmod +x ", path)};
    case FileKind::kDirectory:
    case FileKind::kOther:
      break;
  }
  return {false, absl::StrCat(option.name, " ", path, " is not a file"), ""};
}

}  // namespace

Verdict Validate(const OptionSpec& option, const OptionValue& value, const Paths& paths,
                 const FileProbe& probe) {
  const std::string text = ToText(value);
  switch (option.check) {
    case OptionCheck::kNone:
    case OptionCheck::kDeprecated:
      return {};
    case OptionCheck::kLogLocation:
      return CheckLogLocation(text, probe);
    case OptionCheck::kLogLevel:
      if (ParseLogLevel(text).ok()) return {};
      return {false, "", std::string(kLevelHint)};
    case OptionCheck::kScriptLogLevel:
      if (ParseLogLevel(text).ok()) return {};
      return Refuse(option, value, kLevelHint);
    case OptionCheck::kTransport:
      if (text == "tcp") return {};
      return Refuse(option, value, "; the only transport is \"tcp\"");
    case OptionCheck::kProcessModel:
      if (text == "single" || text == "multi") return {};
      return Refuse(option, value, "; the models are \"single\" and \"multi\"");
    case OptionCheck::kNodeAddress:
      if (IpAddress::Parse(text).has_value()) return {};
      return Refuse(option, value, "; use an IPv4 or IPv6 address without port, mask or scope");
    case OptionCheck::kPositive:
      if (std::get<int>(value) > 0) return {};
      return Refuse(option, value, "; use a number of at least 1");
    case OptionCheck::kDirectory:
      return CheckDirectory(option, text, probe);
    case OptionCheck::kScript:
      return CheckScript(option, text, paths, probe);
  }
  return {};
}

std::string TypeHint(OptionType type) {
  switch (type) {
    case OptionType::kString:
      return "; use some text";
    case OptionType::kInteger:
      return "; use a whole number from 0 to 2147483647 (0x for hexadecimal, 0 for octal) and "
             "nothing "
             "behind it";
    case OptionType::kBoolean:
      return "; use true, yes, false or no";
  }
  return "";
}

}  // namespace ctdb::config
