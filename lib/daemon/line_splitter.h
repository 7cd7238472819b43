// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// line_splitter: turns a child's output, as it comes, into lines for a log.
//
//   Ownership:  keeps at most one unfinished line.
//   Threading:  not thread-safe.
//   Errors:     none; any bytes are legal.
//   Blocking:   never.
//   Limits:     kLineBytesMax bytes per line; a longer one comes in several.
//
// Example:
//   LineSplitter splitter;
//   for (const std::string& line : splitter.OnBytes(bytes)) Log(line);
//   for (const std::string& line : splitter.OnEnd()) Log(line);

#ifndef LIB_DAEMON_LINE_SPLITTER_H_
#define LIB_DAEMON_LINE_SPLITTER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ctdb::daemon {

class LineSplitter {
 public:
  static constexpr size_t kLineBytesMax = 1024;

  // The lines that these bytes complete, without line break and carriage returns.
  std::vector<std::string> OnBytes(absl::string_view bytes);
  // The unfinished line, if any.
  std::vector<std::string> OnEnd();

 private:
  std::string line_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_LINE_SPLITTER_H_
