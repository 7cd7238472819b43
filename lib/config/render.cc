// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/render.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ctdb::config {

std::vector<OptionRow> OptionRows(const Config& config, const Paths& paths) {
  std::vector<OptionRow> rows;
  for (const OptionSpec& option : OptionTable()) {
    rows.push_back({option.section, option.name, OptionTypeName(option.type),
                    config.GetText(option.section, option.name), DefaultText(option, paths),
                    config.GetOrigin(option.section, option.name).ToString(), option.unit,
                    option.reloadable, option.doc});
  }
  return rows;
}

std::string RenderShow(const Config& config) {
  using Row = std::array<std::string, 4>;
  std::vector<Row> rows = {{"SECTION", "OPTION", "VALUE", "ORIGIN"}};
  for (const OptionSpec& option : OptionTable()) {
    std::string value = config.GetText(option.section, option.name);
    if (value.empty()) {
      value = "-";
    } else if (!option.unit.empty()) {
      absl::StrAppend(&value, " ", option.unit);
    }
    rows.push_back({std::string(option.section), std::string(option.name), std::move(value),
                    config.GetOrigin(option.section, option.name).ToString()});
  }
  std::array<int, 3> widths = {};
  for (const Row& row : rows) {
    for (size_t column = 0; column < widths.size(); ++column) {
      widths[column] = std::max(widths[column], static_cast<int>(row[column].size()));
    }
  }
  std::string text;
  for (const Row& row : rows) {
    absl::StrAppendFormat(&text, "%-*s  %-*s  %-*s  %s\n", widths[0], row[0], widths[1], row[1],
                          widths[2], row[2], row[3]);
  }
  return text;
}

std::string RenderDump(const Config& config) {
  std::string text;
  absl::string_view section;
  for (const OptionSpec& option : OptionTable()) {
    if (option.section != section) {
      section = option.section;
      absl::StrAppend(&text, "[", section, "]\n");
    }
    const bool is_default = config.IsDefault(section, option.name);
    absl::StrAppend(&text, is_default ? "\t# " : "\t", option.name, " = ",
                    config.GetText(section, option.name), "\n");
  }
  return text;
}

}  // namespace ctdb::config
