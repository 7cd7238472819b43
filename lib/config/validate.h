// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// validate: whether a value of the right type makes sense for its option. What the file system has
// to say comes in through FileProbe.
//
//   Ownership:  values.
//   Threading:  pure functions, as far as the FileProbe is.
//   Errors:     in the verdict, with CTDB's text and what to do.
//   Blocking:   as the FileProbe does.
//   Limits:     none.
//
// Example:
//   Verdict verdict = Validate(*FindOption("cluster", "transport"), std::string("ib"), paths,
//   probe); verdict.is_valid;  // false

#ifndef LIB_CONFIG_VALIDATE_H_
#define LIB_CONFIG_VALIDATE_H_

#include <string>

#include "lib/config/option_table.h"
#include "lib/config/paths.h"
#include "lib/config/value.h"

namespace ctdb::config {

enum class FileKind { kMissing, kNotExecutable, kExecutable, kDirectory, kOther };

// What is at a path. The kinds of regular files differ in whether this process may execute them.
class FileProbe {
 public:
  virtual ~FileProbe() = default;
  virtual FileKind KindOf(const std::string& path) const = 0;
};

struct Verdict {
  bool is_valid = true;
  // CTDB's specific message for an invalid value, or "" where it has only the general one.
  std::string message;
  // What to do, starting with "; ".
  std::string hint;
};

// The value has the option's type.
Verdict Validate(const OptionSpec& option, const OptionValue& value, const Paths& paths,
                 const FileProbe& probe);

// What is accepted by the option, for the error about a value of the wrong type; starts with "; ".
std::string TypeHint(OptionType type);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_VALIDATE_H_
