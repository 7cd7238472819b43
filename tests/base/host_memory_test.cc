// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/host_memory.h"

#include <cstdlib>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace ctdb {
namespace {

class HostMemoryTest : public ::testing::Test {
 protected:
  uint64_t WithLimit(const std::string& text) {
    const std::string path = ::testing::TempDir() + "/memory.max";
    std::ofstream(path) << text;
    return HostMemoryBytes(path);
  }
  const uint64_t host_ = HostMemoryBytes("/no/such/file");
};

TEST_F(HostMemoryTest, WithoutAControlGroupItIsTheHosts) { EXPECT_GT(host_, 64u << 20); }

TEST_F(HostMemoryTest, ALowerLimitOfTheGroupCounts) {
  EXPECT_EQ(WithLimit("50000000\n"), 50'000'000u);
}

TEST_F(HostMemoryTest, AHigherLimitOrNoneDoesNot) {
  EXPECT_EQ(WithLimit("9000000000000000000\n"), host_);
  EXPECT_EQ(WithLimit("max\n"), host_);
  EXPECT_EQ(WithLimit("\n"), host_);
}

}  // namespace
}  // namespace ctdb
