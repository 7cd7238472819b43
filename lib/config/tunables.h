// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tunables: the values of all tunables, and the files that set them.
//
//   Ownership:  values.
//   Threading:  a value.
//   Errors:     Set() refuses unknown names with CTDB's text; mistakes in files are problems, and
//               the other lines count nevertheless.
//   Blocking:   never.
//   Limits:     values are 0 to 4294967295; kProblemsMax problems per list.
//
// Example:
//   Tunables tunables;
//   ParseTunables("KeepaliveLimit=7\n", "/etc/ctdb/ctdb.tunables", &tunables, &problems);
//   tunables.Get(Tunable::kKeepaliveLimit);  // 7

#ifndef LIB_CONFIG_TUNABLES_H_
#define LIB_CONFIG_TUNABLES_H_

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/config/problem.h"
#include "lib/config/tunable_table.h"

namespace ctdb::config {

class Tunables {
 public:
  // Everything at its default.
  Tunables();

  uint32_t Get(Tunable tunable) const { return values_[static_cast<size_t>(tunable)]; }
  void Set(Tunable tunable, uint32_t value) { values_[static_cast<size_t>(tunable)] = value; }

  // By name in any case; obsolete names are unknown.
  std::optional<uint32_t> Get(absl::string_view name) const;
  absl::Status Set(absl::string_view name, uint32_t value);

  friend bool operator==(const Tunables&, const Tunables&) = default;

 private:
  std::array<uint32_t, kTunableCount> values_;
};

// Takes over the values of one file's good lines and adds what is wrong with the others. Of several
// lines for a tunable the last counts. `file` is only the name to be shown. CTDB's text of a
// problem is "FILE: MESSAGE", ours "FILE:LINE: MESSAGE; HINT" (Describe).
void ParseTunables(absl::string_view text, absl::string_view file, Tunables* tunables,
                   std::vector<Problem>* problems);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_TUNABLES_H_
