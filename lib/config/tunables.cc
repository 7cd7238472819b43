// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/tunables.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/config/ini.h"
#include "lib/config/value.h"

namespace ctdb::config {
namespace {

std::string SuggestTunable(absl::string_view name) {
  std::vector<absl::string_view> names;
  for (const TunableSpec& tunable : TunableTable()) names.push_back(tunable.name);
  return SuggestName(name, names);
}

class TunablesParser {
 public:
  TunablesParser(absl::string_view file, Tunables* tunables, std::vector<Problem>* problems)
      : file_(file), tunables_(*tunables), problems_(*problems) {}

  void Load(const IniFile& ini) {
    // As in CTDB, nothing behind a syntax error counts.
    const int end = ini.errors.empty() ? std::numeric_limits<int>::max() : ini.errors[0].line;
    for (const IniSection& section : ini.sections) {
      if (section.line >= end) break;
      if (section.header == IniSection::Header::kNamed) {
        Add(Severity::kError, section.line,
            absl::StrCat("Invalid line for section [", section.name,
                         "] - tunables sections not supported "),
            "");
      }
      for (const IniOption& option : section.options) {
        if (option.line < end) LoadOption(option);
      }
    }
    if (!ini.errors.empty()) {
      Add(Severity::kError, end, "Syntax error",
          absl::StrCat("; ", ini.errors[0].text, ", the rest of the file is not used"));
    }
    for (const IniRemark& remark : ini.ignored) {
      if (remark.line < end) Add(Severity::kNote, remark.line, "Ignoring " + remark.text, "");
    }
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Problem& a, const Problem& b) { return a.line < b.line; });
    for (Problem& problem : found_) AddProblem(std::move(problem), &problems_);
  }

 private:
  void LoadOption(const IniOption& option) {
    if (option.value.empty()) {
      Add(Severity::kError, option.line,
          absl::StrCat("Invalid tunables line containing \"", option.name, "\""),
          "; write NAME=VALUE");
      return;
    }
    const auto value = ParseUnsigned(option.value, std::numeric_limits<uint32_t>::max());
    if (!value.has_value()) {
      Add(Severity::kError, option.line,
          absl::StrCat("Invalid value \"", option.value, "\" for tunable \"", option.name, "\""),
          "; use a whole number from 0 to 4294967295 and nothing behind it");
      return;
    }
    if (IsObsoleteTunable(option.name)) {
      Add(Severity::kError, option.line, absl::StrCat("Obsolete tunable \"", option.name, "\""),
          "; it has no effect any more, delete the line");
      return;
    }
    if (!tunables_.Set(option.name, *value).ok()) {
      Add(Severity::kError, option.line, absl::StrCat("Unknown tunable \"", option.name, "\""),
          SuggestTunable(option.name));
    }
  }

  void Add(Severity severity, int line, absl::string_view message, std::string hint) {
    found_.push_back({severity, file_, line, {std::string(message)}, std::move(hint)});
  }

  const std::string file_;
  Tunables& tunables_;
  std::vector<Problem>& problems_;
  std::vector<Problem> found_;
};

}  // namespace

Tunables::Tunables() {
  for (const TunableSpec& tunable : TunableTable()) Set(tunable.id, tunable.default_value);
}

std::optional<uint32_t> Tunables::Get(absl::string_view name) const {
  const TunableSpec* spec = FindTunable(name);
  if (spec == nullptr) return std::nullopt;
  return Get(spec->id);
}

absl::Status Tunables::Set(absl::string_view name, uint32_t value) {
  const TunableSpec* spec = FindTunable(name);
  if (spec == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("No such tunable ", name.substr(0, kSuggestNameMax), SuggestTunable(name)));
  }
  Set(spec->id, value);
  return absl::OkStatus();
}

void ParseTunables(absl::string_view text, absl::string_view file, Tunables* tunables,
                   std::vector<Problem>* problems) {
  TunablesParser(file, tunables, problems).Load(ParseIni(text));
}

}  // namespace ctdb::config
