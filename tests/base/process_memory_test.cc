// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/process_memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace ctdb {
namespace {

TEST(ProcessMemoryTest, SeesWhatIsAllocatedAndTouched) {
  constexpr uint64_t kBytes = 64 << 20;
  const ProcessMemory before = OwnMemory();
  EXPECT_GT(before.resident_bytes, 0u);
  EXPECT_LE(before.shared_bytes, before.resident_bytes);
  const std::vector<char> block(kBytes, 'x');
  const ProcessMemory after = OwnMemory();
  EXPECT_GE(after.resident_bytes, before.resident_bytes + kBytes / 2);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // Which have allocators.
  EXPECT_GE(after.heap_used_bytes, before.heap_used_bytes + kBytes);
  EXPECT_GE(after.heap_bytes, after.heap_used_bytes);
#endif
  EXPECT_EQ(block[kBytes / 2], 'x');
}

}  // namespace
}  // namespace ctdb
