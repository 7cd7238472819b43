// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/problem.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/base/nearest_name.h"

namespace ctdb::config {

std::string Describe(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) absl::StrAppend(&text, ":", problem.line);
  absl::StrAppend(&text, ": ", absl::StrJoin(problem.messages, "; "), problem.hint);
  return text;
}

void AddProblem(Problem problem, std::vector<Problem>* problems) {
  if (problems->size() < kProblemsMax - 1) {
    problems->push_back(std::move(problem));
    return;
  }
  if (problems->size() < kProblemsMax) {
    problem.messages = {absl::StrCat("more than ", kProblemsMax - 1, " problems")};
    problem.hint = "; correct these first";
    problems->push_back(std::move(problem));
    return;
  }
  // The last place stands for all that is dropped, and is as severe as the worst of it.
  Severity& severity = problems->back().severity;
  severity = std::min(severity, problem.severity);
}

std::string SuggestName(absl::string_view name, const std::vector<absl::string_view>& known) {
  return name.size() > kSuggestNameMax ? "" : DidYouMean(name, known);
}

bool HasErrors(const std::vector<Problem>& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& problem) { return problem.severity == Severity::kError; });
}

absl::Status ToStatus(const std::vector<Problem>& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems) {
    if (problem.severity == Severity::kError) lines.push_back(Describe(problem));
  }
  if (lines.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
}

}  // namespace ctdb::config
