// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// process_memory: how much memory this process takes.
//
//   Ownership:  values.
//   Threading:  thread-safe.
//   Errors:     none: what cannot be read is 0.
//   Blocking:   reads one short file of the kernel's.
//   Limits:     none.
//
// Example:
//   const ProcessMemory memory = OwnMemory();

#ifndef LIB_BASE_IO_PROCESS_MEMORY_H_
#define LIB_BASE_IO_PROCESS_MEMORY_H_

#include <cstdint>

namespace ctdb {

struct ProcessMemory {
  uint64_t resident_bytes = 0;   // In physical memory,
  uint64_t shared_bytes = 0;     // of which others may have them as well: files and shared memory.
  uint64_t heap_bytes = 0;       // Taken from the system by the allocator,
  uint64_t heap_used_bytes = 0;  // of which these are in use.
};

ProcessMemory OwnMemory();

}  // namespace ctdb

#endif  // LIB_BASE_IO_PROCESS_MEMORY_H_
