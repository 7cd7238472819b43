// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// nearest_name: "did you mean" for commands, options and tunables.
//
//   Ownership:  the result is one of the strings passed in.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     O(length of word x total length of candidates).
//
// Example:
//   NearestName("satus", {"status", "stats"})  // "status"
//   DidYouMean("satus", names)                 // "; did you mean \"status\"?"

#ifndef LIB_BASE_NEAREST_NAME_H_
#define LIB_BASE_NEAREST_NAME_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace ctdb {

// Number of insertions, deletions, replacements and swaps of neighbours that turn one into the
// other, ignoring the case of ASCII letters (optimal string alignment distance).
int EditDistance(absl::string_view a, absl::string_view b);

// The candidate nearest to `word` (the first of equals), or "" when none is near enough to be
// meant: more than a third of the letters differ.
absl::string_view NearestName(absl::string_view word,
                              const std::vector<absl::string_view>& candidates);

// Text to append to an error: `; did you mean "X"?`, or "" when nothing is near.
std::string DidYouMean(absl::string_view word, const std::vector<absl::string_view>& candidates);

}  // namespace ctdb

#endif  // LIB_BASE_NEAREST_NAME_H_
