// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// reload: what a running daemon may take over from a configuration file that has changed.
//
//   Ownership:  values.
//   Threading:  pure function.
//   Errors:     a changed log location, which CTDB refuses to reload at all.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   Reload reload = CompareForReload(running, loaded);
//   for (const OptionSpec* option : reload.changed) Apply(*option, loaded);

#ifndef LIB_CONFIG_RELOAD_H_
#define LIB_CONFIG_RELOAD_H_

#include <string>
#include <vector>

#include "lib/config/config.h"
#include "lib/config/option_table.h"

namespace ctdb::config {

struct Reload {
  bool is_allowed = true;
  std::vector<const OptionSpec*> changed;  // to be applied when the reload is allowed
  std::vector<std::string> warnings;       // CTDB's texts about changes that need a restart
};

// Both configurations are ok().
Reload CompareForReload(const Config& running, const Config& loaded);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_RELOAD_H_
