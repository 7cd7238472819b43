// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/exit_code.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_format.h"

namespace ctdb::cli {
namespace {

TEST(ExitCodeTest, CodesAreDistinctAndFitIntoAnExitStatus) {
  std::set<int> codes;
  for (const ExitCodeMeaning& row : ExitCodeTable()) {
    EXPECT_TRUE(codes.insert(row.code).second) << row.code;
    EXPECT_GE(row.code, 0);
    EXPECT_LT(row.code, 126);  // From there on shells have meanings of their own.
  }
}

TEST(ExitCodeTest, HelpNamesEveryCode) {
  for (const ExitCodeMeaning& row : ExitCodeTable()) {
    const std::string start = absl::StrFormat("  %3d  %s", row.code, row.name);
    EXPECT_NE(ExitCodeHelp().find(start), std::string::npos) << start;
  }
}

}  // namespace
}  // namespace ctdb::cli
