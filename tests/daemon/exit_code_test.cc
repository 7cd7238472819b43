// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/exit_code.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ctdb::daemon {
namespace {

TEST(ExitCodeTest, CodesThatAdministratorsKnowKeepTheirNumbers) {
  EXPECT_EQ(ToInt(ExitCode::kNormal), 0);
  EXPECT_EQ(ToInt(ExitCode::kStartFailed), 1);
  EXPECT_EQ(ToInt(ExitCode::kClientSocket), 10);
  EXPECT_EQ(ToInt(ExitCode::kPidFile), 11);
}

TEST(ExitCodeTest, OurOwnCodesAreAbove64AndBelowThoseOfShells) {
  for (const ExitCodeInfo& info : ExitCodes()) {
    const int code = ToInt(info.code);
    EXPECT_TRUE(code <= 11 || (code > 64 && code < 126)) << info.name;
  }
}

TEST(ExitCodeTest, TableIsAscendingWithDistinctNamesAndExplanations) {
  std::set<std::string> names;
  int former = -1;
  for (const ExitCodeInfo& info : ExitCodes()) {
    EXPECT_GT(ToInt(info.code), former);
    former = ToInt(info.code);
    EXPECT_TRUE(names.insert(std::string(info.name)).second) << info.name;
    EXPECT_FALSE(info.explanation.empty()) << info.name;
  }
}

TEST(ExitCodeTest, CodesAreFoundByNumberAndForeignOnesAreNot) {
  ASSERT_NE(FindExitCode(11), nullptr);
  EXPECT_EQ(FindExitCode(11)->name, "pid-file");
  EXPECT_EQ(FindExitCode(2), nullptr);
}

TEST(ExitCodeTest, AStatusMayNameItsCodeAndOtherwiseItsKindDecides) {
  EXPECT_EQ(ExitCodeOf(WithExitCode(absl::InternalError("x"), ExitCode::kPidFile)),
            ExitCode::kPidFile);
  EXPECT_EQ(ExitCodeOf(absl::AlreadyExistsError("port")), ExitCode::kAddressInUse);
  EXPECT_EQ(ExitCodeOf(absl::PermissionDeniedError("raw")), ExitCode::kPermission);
  EXPECT_EQ(ExitCodeOf(absl::InternalError("x")), ExitCode::kStartFailed);
  EXPECT_EQ(ExitCodeOf(WithExitCode(absl::OkStatus(), ExitCode::kPidFile)), ExitCode::kNormal);
}

}  // namespace
}  // namespace ctdb::daemon
