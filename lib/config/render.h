// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// render: a configuration as administrators and programs want to see it.
//
//   Ownership:  results are values; views in OptionRow are into the static option table.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   std::cout << RenderShow(config);

#ifndef LIB_CONFIG_RENDER_H_
#define LIB_CONFIG_RENDER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/config/config.h"

namespace ctdb::config {

// One option, ready to become a JSON object.
struct OptionRow {
  absl::string_view section;
  absl::string_view option;
  absl::string_view type;     // "string", "integer" or "boolean"
  std::string value;          // "" for an unset string
  std::string default_value;  // "" for an unset string
  std::string origin;         // "default" or "FILE:LINE"
  absl::string_view unit;
  bool reloadable = false;
  absl::string_view doc;
};

std::vector<OptionRow> OptionRows(const Config& config, const Paths& paths);

// A table of section, option, value and origin; unset strings are shown as "-".
std::string RenderShow(const Config& config);

// The output of `ctdb-config dump`.
std::string RenderDump(const Config& config);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_RENDER_H_
