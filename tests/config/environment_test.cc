// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/io/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace ctdb::config {
namespace {

class EnvironmentTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"CTDB_TEST_MODE", "CTDB_BASE", "CTDB_SOCKET", "CTDB_TRANSPORT_SOCKET",
                             "CTDB_TEST_HELPER_BINDIR", "CTDB_SCRIPT_VARDIR"}) {
      ::unsetenv(name);
    }
  }
};

TEST_F(EnvironmentTest, NothingSetIsThePackagedPlaces) {
  EXPECT_FALSE(ReadEnvironment().test_mode);
  EXPECT_EQ(PathsFromEnvironment()->etcdir(), "/etc/ctdb");
}

TEST_F(EnvironmentTest, PresenceOfTestModeCountsWhateverItsValue) {
  ::setenv("CTDB_TEST_MODE", "", 1);
  EXPECT_TRUE(ReadEnvironment().test_mode);
  EXPECT_FALSE(PathsFromEnvironment().ok());
}

TEST_F(EnvironmentTest, EachVariableReachesItsPath) {
  ::setenv("CTDB_TEST_MODE", "1", 1);
  ::setenv("CTDB_BASE", "/b", 1);
  ::setenv("CTDB_SOCKET", "/s", 1);
  ::setenv("CTDB_TRANSPORT_SOCKET", "/t", 1);
  ::setenv("CTDB_TEST_HELPER_BINDIR", "/h", 1);
  ::setenv("CTDB_SCRIPT_VARDIR", "/v", 1);
  const auto paths = PathsFromEnvironment();
  ASSERT_TRUE(paths.ok());
  EXPECT_EQ(paths->etcdir(), "/b");
  EXPECT_EQ(paths->Socket("ctdbd"), "/s");
  EXPECT_EQ(paths->TransportSocket(), "/t");
  EXPECT_EQ(*paths->HelperDir(), "/h");
  EXPECT_EQ(paths->script_state_dir(), "/v");
}

}  // namespace
}  // namespace ctdb::config
