// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/reload.h"

#include "absl/strings/str_cat.h"

namespace ctdb::config {

Reload CompareForReload(const Config& running, const Config& loaded) {
  Reload reload;
  for (const OptionSpec& option : OptionTable()) {
    const bool is_same =
        running.GetText(option.section, option.name) == loaded.GetText(option.section, option.name);
    if (is_same) continue;
    if (option.reloadable) {
      reload.changed.push_back(&option);
    } else if (option.check == OptionCheck::kLogLocation) {
      reload.is_allowed = false;
      reload.warnings.push_back(
          absl::StrCat("Ignoring update of logging config option \"", option.name, "\""));
    } else {
      reload.warnings.push_back(
          absl::StrCat("Ignoring update of [", option.section, "] -> ", option.name));
    }
  }
  return reload;
}

}  // namespace ctdb::config
