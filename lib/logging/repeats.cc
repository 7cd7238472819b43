// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/repeats.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb {

std::optional<std::string> Repeats::Tell(absl::string_view text, Instant now) {
  auto it = known_.find(text);
  if (it == known_.end()) {
    if (known_.size() == kTextsMax) {
      known_.erase(std::min_element(known_.begin(), known_.end(), [](const auto& a, const auto& b) {
        return a.second.told < b.second.told;
      }));
    }
    known_.emplace(text, Known{now});
    return std::string(text);
  }
  Known& known = it->second;
  if (now < After(known.told, kInterval)) {
    ++known.left_out;
    return std::nullopt;
  }
  known.told = now;
  const uint64_t left_out = std::exchange(known.left_out, 0);
  if (left_out == 0) return std::string(text);
  return absl::StrCat(text, " (", left_out, " times more since it was last said)");
}

}  // namespace ctdb
