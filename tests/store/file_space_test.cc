// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/file_space.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "lib/base/io/unique_fd.h"
#include "tests/store/store_test_support.h"

namespace ctdb::store {
namespace {

TEST(FileSpaceTest, LimitOfFileSizesIsAnErrorAndNotTheEndOfTheProcess) {
  const TestDirectory directory;
  const std::string path = directory.path() + "/file";
  const int status = WaitForEnd(Fork([&] {
    const rlimit limit = {100000, 100000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT, 0600));
    const bool good = absl::IsResourceExhausted(SetFileSize(fd.get(), 200000, path)) &&
                      absl::IsResourceExhausted(AllocateFile(fd.get(), 0, 200000, path)) &&
                      AllocateFile(fd.get(), 0, 50000, path).ok();
    if (!good) ::_exit(1);
  }));
  EXPECT_EQ(status, 0);
}

TEST(FileSpaceTest, FullDeviceIsToldWithAdvice) {
  const UniqueFd fd(::open("/dev/full", O_RDWR));
  EXPECT_FALSE(AllocateFile(fd.get(), 0, 4096, "/dev/full").ok());
}

}  // namespace
}  // namespace ctdb::store
