// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tdb/tdb_user.h"

#include <gtest/gtest.h>

#include "tests/store/tdb_store_support.h"

namespace ctdb::store {
namespace {

TEST(TdbUserTest, AFileThatIsNotThereHasNone) {
  TestDirectory directory;
  EXPECT_EQ(*UserOfTdb(directory.path() + "/none.tdb.3"), 0);
}

TEST(TdbUserTest, AProcessThatHasItOpenIsOneUntilItEnds) {
  TestDirectory directory;
  const std::string path = directory.path() + "/locking.tdb.3";
  std::atomic<bool>& is_open = SharedWithChildren<std::atomic<bool>>();
  const pid_t process = Fork([&] {
    const auto file = TdbFile::Open({.path = path, .flags = UsableVolatileFlags(), .create = true});
    is_open = file.ok();
    ::pause();
  });
  ASSERT_TRUE(WaitUntil([&] { return is_open.load(); }));
  EXPECT_EQ(*UserOfTdb(path), process);
  ::kill(process, SIGKILL);
  WaitForEnd(process);
  EXPECT_EQ(*UserOfTdb(path), 0);
}

}  // namespace
}  // namespace ctdb::store
