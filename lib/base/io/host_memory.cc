// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/host_memory.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "absl/strings/numbers.h"

namespace ctdb {

uint64_t HostMemoryBytes(const std::string& limit_file) {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  const uint64_t host = pages > 0 && page_bytes > 0
                            ? static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes)
                            : 0;
  std::string text;
  std::ifstream(limit_file) >> text;
  uint64_t limit = 0;
  return absl::SimpleAtoi(text, &limit) ? std::min(host, limit) : host;
}

}  // namespace ctdb
