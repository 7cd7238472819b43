// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// problem: one thing that is wrong, or worth knowing, in a configuration file, and where.
//
//   Ownership:  values.
//   Threading:  values and pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     kProblemsMax problems are kept for one file.
//
// Example:
//   for (const Problem& problem : config.problems()) std::cerr << Describe(problem) << "\n";

#ifndef LIB_CONFIG_PROBLEM_H_
#define LIB_CONFIG_PROBLEM_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace ctdb::config {

// A hostile file must not be able to fill the memory or the log with complaints.
inline constexpr size_t kProblemsMax = 1000;

// The worst first.
enum class Severity {
  kError,    // the file is refused
  kWarning,  // accepted, but the administrator should change it
  kNote,     // ignored
};

struct Problem {
  Severity severity = Severity::kError;
  std::string file;
  int line = 0;  // 0: the file as a whole
  // CTDB's own message texts, in its order; sites match them in logs.
  std::vector<std::string> messages;
  // What to do about it, as an ending of the sentence (starts with "; "), or "".
  std::string hint;
};

// "FILE:LINE: MESSAGE; MESSAGE; HINT" in one line.
std::string Describe(const Problem& problem);

// Adds a problem. The last of kProblemsMax places says that there are more and counts as an error
// when one of those dropped is.
void AddProblem(Problem problem, std::vector<Problem>* problems);

// Longer names are not typing errors, and comparing them would take long.
inline constexpr size_t kSuggestNameMax = 100;

// A hint that names the nearest of the known names, or "".
std::string SuggestName(absl::string_view name, const std::vector<absl::string_view>& known);

// True when at least one problem is an error.
bool HasErrors(const std::vector<Problem>& problems);

// OK, or InvalidArgument with a line for every error among the problems.
absl::Status ToStatus(const std::vector<Problem>& problems);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_PROBLEM_H_
