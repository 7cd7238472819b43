// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/lock_setting.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace ctdb::cluster {
namespace {

using Words = std::vector<std::string>;

Words Parse(absl::string_view setting) {
  const auto command = ParseLockSetting(setting, "/usr/libexec/ctdb");
  EXPECT_TRUE(command.ok()) << command.status();
  return command.ok() && command->has_value() ? (*command)->arguments : Words{};
}

std::string Error(absl::string_view setting) {
  const auto command = ParseLockSetting(setting, "/usr/libexec/ctdb");
  EXPECT_TRUE(absl::IsInvalidArgument(command.status())) << command.status();
  return std::string(command.status().message());
}

TEST(LockSettingTest, EmptySettingIsNoLock) {
  for (const char* setting : {"", " ", "\t"}) {
    const auto command = ParseLockSetting(setting, "/h");
    ASSERT_TRUE(command.ok()) << command.status();
    EXPECT_FALSE(command->has_value());
  }
}

TEST(LockSettingTest, FileIsLockedByOurOwnHelper) {
  EXPECT_EQ(Parse("/clusterfs/.ctdb/lock"),
            (Words{"/usr/libexec/ctdb/ctdb_mutex_fcntl_helper", "/clusterfs/.ctdb/lock"}));
}

TEST(LockSettingTest, FileWithBlanksIsOneArgument) {
  EXPECT_EQ(Parse("/my files/lock 5")[1], "/my files/lock 5");
}

TEST(LockSettingTest, HelperIsSplitAtBlanksAndTabsWithoutQuoting) {
  EXPECT_EQ(Parse("!/x/y a  b\tc \"d e\""), (Words{"/x/y", "a", "b", "c", "\"d", "e\""}));
}

TEST(LockSettingTest, BlanksAfterTheMarkAreAllowed) {
  EXPECT_EQ(Parse("! \t/x/y 1"), (Words{"/x/y", "1"}));
}

TEST(LockSettingTest, HelperWithoutFolderIsAnErrorThatShowsTheRightForm) {
  EXPECT_EQ(
      Error("!helper a"),
      "\"cluster lock = !helper a\" names the helper \"helper\" without its folder: write its "
      "full path, such as /usr/libexec/ctdb/helper; PATH is not searched");
}

TEST(LockSettingTest, MissingHelperIsAnError) {
  EXPECT_TRUE(absl::StrContains(Error("!"), "names no helper: write its full path after"));
  EXPECT_TRUE(absl::StrContains(Error("! \t"), "names no helper"));
}

TEST(LockSettingTest, RelativeFileIsAnErrorThatNamesBothForms) {
  const std::string error = Error("lock");
  EXPECT_TRUE(absl::StrContains(error, "\"cluster lock = lock\" is no full path"));
  EXPECT_TRUE(absl::StrContains(error, "begins with \"/\""));
  EXPECT_TRUE(absl::StrContains(error, "\"!\" and the full path of a helper"));
}

TEST(LockSettingTest, FoldersAreErrors) {
  EXPECT_TRUE(absl::StrContains(Error("/clusterfs/"), "names a folder"));
  EXPECT_TRUE(absl::StrContains(Error("!/usr/libexec/ a"), "names a folder as the helper"));
}

TEST(LockSettingTest, ControlCharactersAreErrorsAndShownEscaped) {
  const std::string error = Error(absl::string_view("/a\0b", 4));
  EXPECT_TRUE(absl::StrContains(error, "control character")) << error;
  EXPECT_EQ(error.find('\0'), std::string::npos);
}

}  // namespace
}  // namespace ctdb::cluster
