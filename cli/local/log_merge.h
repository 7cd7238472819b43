// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// log_merge: the logs of several nodes as one, in the order of their time stamps. A line without a
// stamp belongs to the line before it.
//
//   Ownership:  values; owns what is not yet a whole line.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     kUnfinishedLineBytesMax per node; a longer line is cut there.
//
// Example:
//   LogMerge merge;
//   merge.Add(0, text_of_node_0);
//   merge.Add(1, text_of_node_1);
//   std::string merged = merge.Take();  // "0: ...\n1: ...\n"

#ifndef CLI_LOCAL_LOG_MERGE_H_
#define CLI_LOCAL_LOG_MERGE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace ctdb::cli::local {

inline constexpr size_t kUnfinishedLineBytesMax = size_t{1} << 20;

class LogMerge {
 public:
  // More of a node's log.
  void Add(uint32_t node, absl::string_view text);

  // All whole lines added since the last call, in order, with the node's number in front.
  std::string Take();

 private:
  struct Entry {
    absl::Time stamp;
    uint32_t node;
    std::string text;
  };
  void AddLine(uint32_t node, absl::string_view line);

  std::map<uint32_t, std::string> unfinished_;
  std::map<uint32_t, absl::Time> last_stamp_;
  std::vector<Entry> entries_;
};

// The time stamp that a line starts with ("2026-11-21T02:50:51.123456+01:00 ..."), if any.
std::optional<absl::Time> TimeStampOf(absl::string_view line);

}  // namespace ctdb::cli::local

#endif  // CLI_LOCAL_LOG_MERGE_H_
