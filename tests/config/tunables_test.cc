// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/tunables.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ctdb::config {
namespace {

// What is wrong with a text, in CTDB's words.
std::string Complaints(absl::string_view text) {
  Tunables tunables;
  std::vector<Problem> problems;
  ParseTunables(text, "F", &tunables, &problems);
  std::string result;
  for (const Problem& problem : problems) {
    if (problem.severity != Severity::kError) continue;
    absl::StrAppend(&result, problem.line, ": ", problem.file, ": ", problem.messages[0], "\n");
  }
  return result;
}

uint32_t Value(absl::string_view text, Tunable tunable) {
  Tunables tunables;
  std::vector<Problem> problems;
  ParseTunables(text, "F", &tunables, &problems);
  return tunables.Get(tunable);
}

TEST(TunablesTest, StartAtTheirDefaults) {
  EXPECT_EQ(Tunables().Get(Tunable::kKeepaliveLimit), 2u);
  EXPECT_EQ(Tunables().Get("pulldbpreallocation"), 10485760u);
}

TEST(TunablesTest, AreSetByNameInAnyCase) {
  Tunables tunables;
  EXPECT_TRUE(tunables.Set("KEEPALIVElimit", 9).ok());
  EXPECT_EQ(tunables.Get(Tunable::kKeepaliveLimit), 9u);
}

TEST(TunablesTest, UnknownAndObsoleteNamesDoNotExist) {
  Tunables tunables;
  EXPECT_EQ(tunables.Get("MaxRedirectCount"), std::nullopt);
  const absl::Status status = tunables.Set("KeepaliveLimits", 9);
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "No such tunable")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "did you mean \"KeepaliveLimit\"")) << status;
  EXPECT_EQ(tunables, Tunables());
}

TEST(TunablesTest, FileSetsValuesAndTheLastLineCounts) {
  const absl::string_view text = "# c\nkeepalivelimit = 7\nEnableBans=0\nKeepaliveLimit=0x10\n";
  EXPECT_EQ(Complaints(text), "");
  EXPECT_EQ(Value(text, Tunable::kKeepaliveLimit), 16u);
  EXPECT_EQ(Value(text, Tunable::kEnableBans), 0u);
  EXPECT_EQ(Value("KeepaliveLimit=4294967295", Tunable::kKeepaliveLimit), 4294967295u);
}

TEST(TunablesTest, EveryWrongLineIsReportedAndTheOthersCount) {
  const absl::string_view text =
      "KeepaliveLimit=\nEnableBans=no\nFoo=1\nMaxRedirectCount=1\nRecoverTimeout=1 # x\n"
      "MonitorInterval=4294967296\nControlTimeout=61\n";
  EXPECT_EQ(Complaints(text),
            "1: F: Invalid tunables line containing \"KeepaliveLimit\"\n"
            "2: F: Invalid value \"no\" for tunable \"EnableBans\"\n"
            "3: F: Unknown tunable \"Foo\"\n"
            "4: F: Obsolete tunable \"MaxRedirectCount\"\n"
            "5: F: Invalid value \"1 # x\" for tunable \"RecoverTimeout\"\n"
            "6: F: Invalid value \"4294967296\" for tunable \"MonitorInterval\"\n");
  EXPECT_EQ(Value(text, Tunable::kControlTimeout), 61u);
}

TEST(TunablesTest, SectionsAreReportedAndTheirLinesCount) {
  const absl::string_view text = "[x]\nKeepaliveLimit=7\n";
  EXPECT_EQ(Complaints(text),
            "1: F: Invalid line for section [x] - tunables sections not supported \n");
  EXPECT_EQ(Value(text, Tunable::kKeepaliveLimit), 7u);
}

TEST(TunablesTest, NothingBehindASyntaxErrorCounts) {
  const absl::string_view text = "KeepaliveLimit=7\n=1\nKeepaliveLimit=8\nFoo=1\n[x]\n";
  EXPECT_EQ(Complaints(text), "2: F: Syntax error\n");
  EXPECT_EQ(Value(text, Tunable::kKeepaliveLimit), 7u);
  EXPECT_EQ(Complaints("[x\nFoo=1\n"), "1: F: Syntax error\n");
}

TEST(TunablesTest, UnknownNameGetsASuggestion) {
  Tunables tunables;
  std::vector<Problem> problems;
  ParseTunables("\nKeepAliveLimti=7\n", "F", &tunables, &problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(Describe(problems[0]),
            "F:2: Unknown tunable \"KeepAliveLimti\"; did you mean \"KeepaliveLimit\"?");
}

TEST(TunablesTest, LineWithoutValueIsANote) {
  Tunables tunables;
  std::vector<Problem> problems;
  ParseTunables("KeepaliveLimit\n", "F", &tunables, &problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].severity, Severity::kNote);
}

}  // namespace
}  // namespace ctdb::config
