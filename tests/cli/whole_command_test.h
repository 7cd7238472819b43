// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// whole_command_test: what tests of whole commands begin with, from the command line to what is
// printed, against daemons of a few lines.
//
//   Ownership:  owns the cluster.
//   Threading:  belongs to one thread.
//   Errors:     are failures of the test.
//   Blocking:   as long as the command.
//   Limits:     those of the FakeCluster.

#ifndef TESTS_CLI_WHOLE_COMMAND_TEST_H_
#define TESTS_CLI_WHOLE_COMMAND_TEST_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/cli/fake_cluster.h"

namespace ctdb::cli {

class WholeCommandTest : public testing::Test {
 protected:
  using Words = std::vector<std::string>;

  // stdout of a command that must succeed without a word on stderr.
  std::string Out(const Words& arguments) {
    const FakeCluster::Result result = cluster_.Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    return result.out;
  }
  // stderr of a command that must succeed and print nothing else.
  std::string Note(const Words& arguments) {
    const FakeCluster::Result result = cluster_.Run(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.out, "");
    return result.err;
  }
  // stderr of a command that must fail with exit code 1 and print nothing else.
  std::string Err(const Words& arguments) {
    const FakeCluster::Result result = cluster_.Run(arguments);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.out, "");
    return result.err;
  }
  FakeMembership& membership() { return cluster_.membership; }

  FakeCluster cluster_;
};

}  // namespace ctdb::cli

#endif  // TESTS_CLI_WHOLE_COMMAND_TEST_H_
