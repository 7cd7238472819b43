// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/process_memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace ctdb {

ProcessMemory OwnMemory() {
  ProcessMemory memory;
  const auto page_bytes = static_cast<uint64_t>(std::max(::sysconf(_SC_PAGESIZE), 0L));
  uint64_t size = 0;
  uint64_t resident = 0;
  uint64_t shared = 0;
  if (std::ifstream("/proc/self/statm") >> size >> resident >> shared) {
    memory.resident_bytes = resident * page_bytes;
    memory.shared_bytes = shared * page_bytes;
  }
  const struct mallinfo2 heap = ::mallinfo2();
  memory.heap_bytes = heap.arena + heap.hblkhd;
  memory.heap_used_bytes = heap.uordblks + heap.hblkhd;
  return memory;
}

}  // namespace ctdb
