// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The programs ctdb-config and ctdb-path as scripts run them: arguments and environment in, output
// and exit code out.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"

namespace ctdb {
namespace {

struct Result {
  int exit_code;
  std::string out;
  std::string err;
};

class ProgramsTest : public testing::Test {
 protected:
  ProgramsTest() {
    std::string pattern = absl::StrCat(testing::TempDir(), "/programs_test.XXXXXX");
    base_ = ::mkdtemp(pattern.data());
  }

  void WriteConfig(absl::string_view text) {
    ASSERT_TRUE(WriteFileAtomically(base_ + "/ctdb.conf", text).ok());
  }

  // In test mode unless `environment`, in the shell's syntax, says otherwise.
  Result Run(absl::string_view program, absl::string_view arguments,
             absl::string_view environment = "CTDB_TEST_MODE=1") {
    const std::string command = absl::StrCat("CTDB_BASE='", base_, "' ", environment, " cli/",
                                             program, " ", arguments, " 2>'", base_, "/stderr'");
    FILE* pipe = ::popen(command.c_str(), "r");
    Result result = {-1, "", ""};
    if (pipe == nullptr) return result;
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
      result.out.push_back(static_cast<char>(c));
    }
    const int status = ::pclose(pipe);
    if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
    result.err = ReadFile(base_ + "/stderr", 1 << 20).value_or("");
    return result;
  }

  std::string base_;
};

TEST_F(ProgramsTest, MissingFileDoesNotValidateButDumps) {
  const Result validate = Run("ctdb_config", "validate");
  EXPECT_EQ(validate.exit_code, 2);
  EXPECT_EQ(validate.out, "");
  EXPECT_EQ(validate.err, absl::StrCat("Failed to load config file ", base_, "/ctdb.conf\n"));
  const Result dump = Run("ctdb_config", "dump");
  EXPECT_EQ(dump.exit_code, 0);
  EXPECT_TRUE(
      absl::StartsWith(dump.out, "[logging]\n\t# location = file:/var/log/ctdb/log.ctdb\n"));
  EXPECT_TRUE(absl::StrContains(dump.out, "\n\t# node address = \n"));
}

TEST_F(ProgramsTest, ValidateReportsEveryProblemAndExitsWith22) {
  WriteConfig("[cluster]\ntransport = ib\nfoo = 1\n[bar]\n");
  const Result result = Run("ctdb_config", "validate");
  EXPECT_EQ(result.exit_code, 22);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, absl::StrCat("Invalid value for [cluster] -> transport = ib\n"
                                     "conf: validation for option \"transport\" failed\n"
                                     "conf: unknown option [cluster] -> \"foo\"\n"
                                     "conf: unknown section [bar]\n"
                                     "Failed to load config file ",
                                     base_, "/ctdb.conf\n"));
}

TEST_F(ProgramsTest, DumpAndGetTolerateUnknownItems) {
  WriteConfig("[cluster]\nfoo = 1\ncluster lock = /a  b\nleader timeout = 0x10\n");
  EXPECT_TRUE(absl::StrContains(Run("ctdb_config", "dump").out,
                                "\n\tcluster lock = /a b\n\t# recovery lock = \n"));
  EXPECT_EQ(Run("ctdb_config", "get cluster 'cluster lock'").out, "/a b\n");
  EXPECT_EQ(Run("ctdb_config", "get cluster 'leader timeout'").out, "16\n");
  EXPECT_EQ(Run("ctdb_config", "get cluster 'node address'").out, "\n");
  EXPECT_EQ(Run("ctdb_config", "get legacy 'realtime scheduling'").out, "true\n");
}

TEST_F(ProgramsTest, GetOfAnUndefinedOptionExitsWith2) {
  const Result result = Run("ctdb_config", "get cluster foo");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, "Configuration option [cluster] -> \"foo\" not defined\n");
}

TEST_F(ProgramsTest, DatabaseDirectoriesAreCheckedInTheFileSystem) {
  WriteConfig(absl::StrCat("[database]\nvolatile database directory = ", base_, "\n"));
  EXPECT_EQ(Run("ctdb_config", "validate").exit_code, 0);
  WriteConfig(absl::StrCat("[database]\nvolatile database directory = ", base_, "/gone\n"));
  EXPECT_EQ(Run("ctdb_config", "validate").exit_code, 22);
}

TEST_F(ProgramsTest, WithoutCommandUsageIsPrinted) {
  for (const char* program : {"ctdb_config", "ctdb_path"}) {
    const Result result = Run(program, "");
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(absl::StartsWith(result.out, "Usage: "));
  }
}

TEST_F(ProgramsTest, PathsFollowTestMode) {
  EXPECT_EQ(Run("ctdb_path", "config").out, base_ + "/ctdb.conf\n");
  EXPECT_EQ(Run("ctdb_path", "pidfile ctdbd").out, base_ + "/run/ctdbd.pid\n");
  EXPECT_EQ(Run("ctdb_path", "vardir append a").out, base_ + "/var/a\n");
  EXPECT_EQ(Run("ctdb_path", "config", "").out, "/etc/ctdb/ctdb.conf\n");
}

TEST_F(ProgramsTest, SocketVariableCountsInTestModeAndForCtdbdOnly) {
  const char* test_mode = "CTDB_TEST_MODE=1 CTDB_SOCKET=/tmp/s";
  EXPECT_EQ(Run("ctdb_path", "socket ctdbd", test_mode).out, "/tmp/s\n");
  EXPECT_EQ(Run("ctdb_path", "socket eventd", test_mode).out, base_ + "/run/eventd.socket\n");
  EXPECT_EQ(Run("ctdb_path", "socket ctdbd", "CTDB_SOCKET=/tmp/s").out, "/run/ctdb/ctdbd.socket\n");
}

TEST_F(ProgramsTest, TestModeWithoutBaseIsAnError) {
  for (const char* arguments : {"ctdb_config", "ctdb_path"}) {
    const Result result = Run(arguments, "dump", "CTDB_BASE= CTDB_TEST_MODE=");
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_TRUE(absl::StrContains(result.err, "CTDB_BASE")) << arguments;
  }
}

}  // namespace
}  // namespace ctdb
