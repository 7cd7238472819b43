// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// host_memory: how much memory there is for all that runs here: the host's, or less where a control
// group (of a container, for instance) allows less.
//
//   Ownership:  values.
//   Threading:  thread-safe.
//   Errors:     none: a limit that cannot be read is none.
//   Blocking:   reads one short file of the kernel's.
//   Limits:     sees the limit of the group that is the root of /sys/fs/cgroup here (version 2).
//
// Example:
//   const uint64_t bytes = HostMemoryBytes();

#ifndef LIB_BASE_IO_HOST_MEMORY_H_
#define LIB_BASE_IO_HOST_MEMORY_H_

#include <cstdint>
#include <string>

namespace ctdb {

// `limit_file` holds a number of bytes, or "max".
uint64_t HostMemoryBytes(const std::string& limit_file = "/sys/fs/cgroup/memory.max");

}  // namespace ctdb

#endif  // LIB_BASE_IO_HOST_MEMORY_H_
