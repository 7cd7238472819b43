// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/slot_math.h"

#include <algorithm>
#include <bit>

namespace ctdb::store {

Geometry GeometryFor(uint64_t memory) {
  Geometry geometry;
  geometry.buckets = static_cast<uint32_t>(std::bit_floor(memory / 512));
  geometry.pages =
      static_cast<uint32_t>((memory - geometry.buckets * uint64_t{kBucketBytes}) / kPageBytes);
  return geometry;
}

uint64_t MemoryFor(uint64_t host_bytes) {
  return std::clamp(host_bytes / 128, kMemoryUsual, kMemoryGenerous);
}

}  // namespace ctdb::store
