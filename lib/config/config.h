// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// config: the options of one ctdb.conf: their values, where each comes from, and all that is wrong
// with the file.
//
// As in CTDB, any error refuses the whole file: the values of a config that is not ok() are for
// showing, not for running. A missing file is Config(paths).
//
//   Ownership:  values; copies what it needs of the arguments.
//   Threading:  a value; const methods may run concurrently.
//   Errors:     in problems(); asking for an unknown option, or for the wrong type, is a
//               programmer's error and ends the process.
//   Blocking:   as the FileProbe does; a lookup is a walk over two dozen options.
//   Limits:     kProblemsMax problems; otherwise O(size of the text).
//
// Example:
//   Config config = Config::Parse(text, path, paths, probe, Strictness::kStrict);
//   CTDB_RETURN_IF_ERROR(config.status());
//   int seconds = config.GetInteger("cluster", "leader timeout");

#ifndef LIB_CONFIG_CONFIG_H_
#define LIB_CONFIG_CONFIG_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/config/ini.h"
#include "lib/config/option_table.h"
#include "lib/config/paths.h"
#include "lib/config/problem.h"
#include "lib/config/validate.h"
#include "lib/config/value.h"

namespace ctdb::config {

enum class Strictness {
  kLenient,  // daemons: unknown sections and options are notes
  kStrict,   // checks: they are errors
};

// Where a value comes from.
struct Origin {
  std::string file;  // "" for the default
  int line = 0;

  // "default" or "FILE:LINE".
  std::string ToString() const;
};

class Config {
 public:
  // Everything at its default.
  explicit Config(const Paths& paths);

  // `file` is only the name to be shown.
  static Config Parse(absl::string_view text, absl::string_view file, const Paths& paths,
                      const FileProbe& probe, Strictness strictness);

  bool ok() const { return !HasErrors(problems_); }
  // OK, or InvalidArgument with one line for every error.
  absl::Status status() const { return ToStatus(problems_); }
  // In the order of the file.
  const std::vector<Problem>& problems() const { return problems_; }

  const std::string& GetString(absl::string_view section, absl::string_view name) const;
  int GetInteger(absl::string_view section, absl::string_view name) const;
  bool GetBoolean(absl::string_view section, absl::string_view name) const;
  // Any type, in the form that administrators see.
  std::string GetText(absl::string_view section, absl::string_view name) const;
  const Origin& GetOrigin(absl::string_view section, absl::string_view name) const;
  // Whether the value equals the default, wherever it comes from.
  bool IsDefault(absl::string_view section, absl::string_view name) const;

  // The cluster lock under its present or its old name; "" when there is none.
  const std::string& ClusterLock() const;

 private:
  struct Setting {
    OptionValue value;
    OptionValue default_value;
    Origin origin;
  };
  class Loader;

  const Setting& Find(absl::string_view section, absl::string_view name) const;

  std::vector<Setting> settings_;  // as OptionTable()
  std::vector<Problem> problems_;
};

}  // namespace ctdb::config

#endif  // LIB_CONFIG_CONFIG_H_
