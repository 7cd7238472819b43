// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/config.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ctdb::config {
namespace {

[[noreturn]] void DieOfMisuse(absl::string_view section, absl::string_view name,
                              absl::string_view what) {
  const std::string message = absl::StrCat("bug: option [", section, "] -> \"", name, "\" ", what);
  std::fprintf(stderr, "%s\n", message.c_str());
  std::abort();
}

// The name as the table spells it, or "" for an unknown section.
absl::string_view KnownSection(absl::string_view section) {
  for (absl::string_view known : SectionNames()) {
    if (absl::EqualsIgnoreCase(known, section)) return known;
  }
  return "";
}

// The section that has an option of exactly this name, or "".
absl::string_view SectionOf(absl::string_view name) {
  for (const OptionSpec& option : OptionTable()) {
    if (option.name == name) return option.section;
  }
  return "";
}

std::string SuggestOption(absl::string_view section, absl::string_view name) {
  const absl::string_view owner = SectionOf(name);
  if (!owner.empty()) return absl::StrCat("; it belongs to section [", owner, "]");
  return SuggestName(name, OptionNames(section));
}

}  // namespace

std::string Origin::ToString() const {
  return file.empty() ? "default" : absl::StrCat(file, ":", line);
}

// Carries what is the same for all lines of a file through their checking.
class Config::Loader {
 public:
  Loader(absl::string_view file, const Paths& paths, const FileProbe& probe, Strictness strictness,
         Config* config)
      : file_(file), paths_(paths), probe_(probe), strictness_(strictness), config_(*config) {}

  void Load(const IniFile& ini) {
    for (const IniRemark& error : ini.errors) {
      Add(Severity::kError, error.line, {absl::StrCat("conf: syntax error: ", error.text)}, "");
    }
    for (const IniRemark& remark : ini.ignored) {
      Add(Severity::kNote, remark.line, {absl::StrCat("conf: ignoring ", remark.text)}, "");
    }
    for (const IniSection& section : ini.sections) LoadSection(section);
    std::stable_sort(problems_.begin(), problems_.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    for (Problem& problem : problems_) AddProblem(std::move(problem), &config_.problems_);
  }

 private:
  void Add(Severity severity, int line, std::vector<std::string> messages, std::string hint) {
    problems_.push_back({severity, file_, line, std::move(messages), std::move(hint)});
  }

  void AddUnknown(int line, std::string message, std::string hint) {
    const bool strict = strictness_ == Strictness::kStrict;
    Add(strict ? Severity::kError : Severity::kNote, line, {std::move(message)}, std::move(hint));
  }

  void LoadSection(const IniSection& section) {
    if (section.header == IniSection::Header::kBroken) return;
    const absl::string_view known = KnownSection(section.name);
    if (section.header == IniSection::Header::kNamed && known.empty()) {
      AddUnknown(section.line, absl::StrCat("conf: unknown section [", section.name, "]"),
                 SuggestName(section.name, SectionNames()));
    }
    for (const IniOption& option : section.options) {
      if (!known.empty()) {
        LoadOption(known, option);
      } else {
        AddUnknown(option.line,
                   absl::StrCat("conf: unknown section for option \"", option.name, "\""), "");
      }
    }
  }

  void LoadOption(absl::string_view section, const IniOption& option) {
    const OptionSpec* spec = FindOption(section, option.name);
    if (spec == nullptr) {
      AddUnknown(option.line,
                 absl::StrCat("conf: unknown option [", section, "] -> \"", option.name, "\""),
                 SuggestOption(section, option.name));
      return;
    }
    const std::string where = absl::StrCat("[", section, "] -> \"", option.name, "\"");
    if (option.value.empty()) {
      Add(Severity::kError, option.line, {absl::StrCat("conf: empty value ", where)},
          "; give it a value or delete the line to get the default");
      return;
    }
    std::optional<OptionValue> value = ParseOptionValue(spec->type, option.value);
    if (!value.has_value()) {
      Add(Severity::kError, option.line,
          {absl::StrCat("conf: invalid value ", where, " = \"", option.value, "\"")},
          TypeHint(spec->type));
      return;
    }
    Set(*spec, option.line, *std::move(value));
  }

  // The default needs no check: whoever uses it makes sure of it, such as directories at start-up.
  void Set(const OptionSpec& spec, int line, OptionValue value) {
    Setting& setting = config_.settings_[static_cast<size_t>(&spec - OptionTable().data())];
    if (value != setting.default_value) {
      Verdict verdict = Validate(spec, value, paths_, probe_);
      if (!verdict.is_valid) {
        std::vector<std::string> messages;
        if (!verdict.message.empty()) messages.push_back(std::move(verdict.message));
        messages.push_back(absl::StrCat("conf: validation for option \"", spec.name, "\" failed"));
        Add(Severity::kError, line, std::move(messages), std::move(verdict.hint));
        return;
      }
    }
    if (spec.check == OptionCheck::kDeprecated) {
      Add(Severity::kWarning, line,
          {absl::StrCat("Configuration option [", spec.section, "] -> ", spec.name,
                        " is deprecated")},
          "; rename it to \"cluster lock\"");
    }
    setting.value = std::move(value);
    setting.origin = {file_, line};
  }

  const std::string file_;
  const Paths& paths_;
  const FileProbe& probe_;
  const Strictness strictness_;
  Config& config_;
  std::vector<Problem> problems_;
};

Config::Config(const Paths& paths) {
  for (const OptionSpec& option : OptionTable()) {
    const std::string text = DefaultText(option, paths);
    // An unset string is "", which as a value in a file would be an error.
    const OptionValue value = ParseOptionValue(option.type, text).value_or(OptionValue(text));
    settings_.push_back({value, value, {}});
  }
}

Config Config::Parse(absl::string_view text, absl::string_view file, const Paths& paths,
                     const FileProbe& probe, Strictness strictness) {
  Config config(paths);
  Loader(file, paths, probe, strictness, &config).Load(ParseIni(text));
  return config;
}

const Config::Setting& Config::Find(absl::string_view section, absl::string_view name) const {
  const OptionSpec* spec = FindOption(section, name);
  if (spec == nullptr) DieOfMisuse(section, name, "does not exist");
  return settings_[static_cast<size_t>(spec - OptionTable().data())];
}

const std::string& Config::GetString(absl::string_view section, absl::string_view name) const {
  const auto* value = std::get_if<std::string>(&Find(section, name).value);
  if (value == nullptr) DieOfMisuse(section, name, "is not a string");
  return *value;
}

int Config::GetInteger(absl::string_view section, absl::string_view name) const {
  const auto* value = std::get_if<int>(&Find(section, name).value);
  if (value == nullptr) DieOfMisuse(section, name, "is not an integer");
  return *value;
}

bool Config::GetBoolean(absl::string_view section, absl::string_view name) const {
  const auto* value = std::get_if<bool>(&Find(section, name).value);
  if (value == nullptr) DieOfMisuse(section, name, "is not a boolean");
  return *value;
}

std::string Config::GetText(absl::string_view section, absl::string_view name) const {
  return ToText(Find(section, name).value);
}

const Origin& Config::GetOrigin(absl::string_view section, absl::string_view name) const {
  return Find(section, name).origin;
}

bool Config::IsDefault(absl::string_view section, absl::string_view name) const {
  const Setting& setting = Find(section, name);
  return setting.value == setting.default_value;
}

const std::string& Config::ClusterLock() const {
  const std::string& lock = GetString("cluster", "cluster lock");
  return lock.empty() ? GetString("cluster", "recovery lock") : lock;
}

}  // namespace ctdb::config
