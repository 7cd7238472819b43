// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/man_page.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/daemon/exit_code.h"

namespace ctdb::daemon {
namespace {

TEST(ManPageTest, EveryExitCodeIsExplained) {
  const std::string page = MasterManPage();
  for (const ExitCodeInfo& info : ExitCodes()) {
    EXPECT_TRUE(absl::StrContains(page, absl::StrCat(".B \"", ToInt(info.code), " (")))
        << ToInt(info.code);
  }
}

}  // namespace
}  // namespace ctdb::daemon
