// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/line_splitter.h"

#include <utility>

namespace ctdb::daemon {

std::vector<std::string> LineSplitter::OnBytes(absl::string_view bytes) {
  std::vector<std::string> lines;
  for (const char c : bytes) {
    if (c == '\n') {
      lines.push_back(std::exchange(line_, {}));
    } else if (c != '\r') {
      // Only the byte that does not fit any more splits: a line of exactly the limit stays one.
      if (line_.size() == kLineBytesMax) lines.push_back(std::exchange(line_, {}));
      line_.push_back(c);
    }
  }
  return lines;
}

std::vector<std::string> LineSplitter::OnEnd() {
  if (line_.empty()) return {};
  return {std::exchange(line_, {})};
}

}  // namespace ctdb::daemon
