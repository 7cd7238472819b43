// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// option_table: the one list of everything that ctdb.conf may hold. Parsing, checking,
// `ctdb-config`, the JSON rows and the manual page are all made from it.
//
//   Ownership:  everything is static.
//   Threading:  constant data and pure functions.
//   Errors:     none; an unknown name is nullptr.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   FindOption("cluster", "leader timeout")->default_text;  // "5"

#ifndef LIB_CONFIG_OPTION_TABLE_H_
#define LIB_CONFIG_OPTION_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lib/config/paths.h"
#include "lib/config/value.h"

namespace ctdb::config {

// What a value must satisfy beyond its type (lib/config/validate.h).
enum class OptionCheck {
  kNone,
  kLogLocation,
  kLogLevel,
  kScriptLogLevel,
  kTransport,
  kNodeAddress,
  kPositive,
  kDeprecated,
  kDirectory,
  kScript,
  kProcessModel,
};

struct OptionSpec {
  absl::string_view section;
  absl::string_view name;
  OptionType type;
  // May contain VARDIR and LOGDIR, which DefaultText() replaces; "" is an unset string.
  absl::string_view default_text;
  absl::string_view unit;  // "seconds", or ""
  // Whether a running daemon may take over a changed value.
  bool reloadable;
  OptionCheck check;
  absl::string_view doc;  // one paragraph of plain text
};

// In the order of `ctdb-config dump`; the options of a section stand together.
absl::Span<const OptionSpec> OptionTable();

// The names of the sections, in the same order.
const std::vector<absl::string_view>& SectionNames();

// The names of one section's options; empty for an unknown section. The case of the section's name
// does not matter.
std::vector<absl::string_view> OptionNames(absl::string_view section);

// nullptr when there is no such option. The case of the section's name does not matter, that of the
// option's name does.
const OptionSpec* FindOption(absl::string_view section, absl::string_view name);

// The value of an option that no file sets, as text.
std::string DefaultText(const OptionSpec& option, const Paths& paths);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_OPTION_TABLE_H_
