// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/problem.h"

#include <gtest/gtest.h>

namespace ctdb::config {
namespace {

TEST(ProblemTest, DescriptionHasPlaceMessagesAndHint) {
  EXPECT_EQ(Describe({Severity::kError, "/f", 7, {"one", "two"}, "; do it"}),
            "/f:7: one; two; do it");
  EXPECT_EQ(Describe({Severity::kError, "/f", 0, {"one"}, ""}), "/f: one");
}

TEST(ProblemTest, SuggestionIsTheNearestNameUnlessTheNameIsVeryLong) {
  EXPECT_EQ(SuggestName("lin", {"line", "file"}), "; did you mean \"line\"?");
  EXPECT_EQ(SuggestName("nonsense", {"line", "file"}), "");
  const std::string long_name(kSuggestNameMax + 1, 'x');
  EXPECT_EQ(SuggestName(long_name, {long_name}), "");
}

TEST(ProblemTest, OnlyErrorsMakeAnErrorStatus) {
  std::vector<Problem> problems = {{Severity::kNote, "/f", 1, {"note"}, ""},
                                   {Severity::kWarning, "/f", 2, {"warning"}, ""}};
  EXPECT_FALSE(HasErrors(problems));
  EXPECT_TRUE(ToStatus(problems).ok());
  problems.push_back({Severity::kError, "/f", 3, {"error"}, ""});
  problems.push_back({Severity::kError, "/f", 4, {"other"}, ""});
  EXPECT_TRUE(HasErrors(problems));
  EXPECT_EQ(ToStatus(problems), absl::InvalidArgumentError("/f:3: error\n/f:4: other"));
}

TEST(ProblemTest, ListIsLimitedAndItsLastPlaceIsAsSevereAsTheWorstDropped) {
  std::vector<Problem> problems;
  for (size_t i = 0; i < 2 * kProblemsMax; ++i) {
    AddProblem({Severity::kNote, "/f", 1, {"note"}, ""}, &problems);
  }
  EXPECT_EQ(problems.size(), kProblemsMax);
  EXPECT_FALSE(HasErrors(problems));
  AddProblem({Severity::kError, "/f", 2, {"error"}, ""}, &problems);
  EXPECT_EQ(problems.size(), kProblemsMax);
  EXPECT_TRUE(HasErrors(problems));
}

}  // namespace
}  // namespace ctdb::config
