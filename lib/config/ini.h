// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ini: splits the text of ctdb.conf and of tunables files into sections and options, and remembers
// the line of each.
//
// The lexical rules are CTDB's: leading white space is dropped; a line that starts with # or ; is a
// comment, and nothing else is; a run of white space becomes its first character; a backslash at
// the end of a line joins the next one; a line without "=" is ignored, and so is text after a
// section header. Where CTDB silently gives up on the rest of the file (a header without "]", a
// line that starts with "=") there is an error here, and reading goes on behind it.
//
//   Ownership:  the result owns its strings.
//   Threading:  pure function.
//   Errors:     collected in IniFile::errors; there is always a result.
//   Blocking:   never.
//   Limits:     time and memory O(size of the text).
//
// Example:
//   IniFile file = ParseIni("[cluster]\nleader timeout = 7\n");
//   file.sections[0].options[0].line;  // 2

#ifndef LIB_CONFIG_INI_H_
#define LIB_CONFIG_INI_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ctdb::config {

struct IniOption {
  std::string name;
  std::string value;  // may be empty
  int line = 0;
};

struct IniSection {
  enum class Header {
    kNone,    // the options before the first header
    kNamed,   // [name]
    kBroken,  // the header was an error; what its options belong to is not known
  };
  Header header = Header::kNone;
  std::string name;
  int line = 0;
  std::vector<IniOption> options;
};

struct IniRemark {
  int line = 0;
  std::string text;
};

struct IniFile {
  // In the order of the file; the first has no header and may have no options.
  std::vector<IniSection> sections;
  std::vector<IniRemark> errors;
  // Text without effect, which is probably a mistake.
  std::vector<IniRemark> ignored;
};

IniFile ParseIni(absl::string_view text);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_INI_H_
