// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// write_back: brings records of the hot tier to the cold one, many in one transaction: to make room
// (those that nobody used for a while), or so that there is room later without waiting.
//
//   Ownership:  refers to the tiers.
//   Threading:  thread- and process-safe.
//   Errors:     those of the tiers; no record is lost by any.
//   Blocking:   as ColdTier::Write(). Takes no lock that somebody holds: such records are left.
//   Limits:     kBatch records at once, and as many locks held meanwhile.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(uint32_t moved, write_back.MakeRoom(shard, size_class));

#ifndef LIB_STORE_IO_WRITE_BACK_H_
#define LIB_STORE_IO_WRITE_BACK_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/store/io/cold_tier.h"
#include "lib/store/io/hot_file.h"
#include "lib/store/io/hot_tier.h"

namespace ctdb::store {

class WriteBack {
 public:
  static constexpr uint32_t kBatch = 32;

  WriteBack(const HotFile& file, HotTier& hot, ColdTier& cold)
      : file_(file), hot_(hot), cold_(cold) {}

  // Moves up to kBatch records of this size class out; their slots go to this shard. Returns how
  // many.
  absl::StatusOr<uint32_t> MakeRoom(uint32_t shard, uint32_t size_class);

  // Copies what the cold tier does not have, of up to `buckets_max` buckets from `bucket` on,
  // which moves on and ends at the number of buckets. Returns how many were left to their holders.
  absl::StatusOr<uint32_t> Copy(uint32_t& bucket, uint32_t buckets_max);

 private:
  struct Chosen {
    uint32_t hash;
    uint32_t position;
    bool locked_here;  // Whether this one holds its bucket's lock: the first of a bucket does.
  };

  void Choose(uint32_t pool, bool also_used, std::vector<Chosen>& chosen);
  bool Claim(uint32_t position, bool also_used, std::vector<Chosen>& chosen);
  uint32_t ClaimDirty(uint32_t bucket, std::vector<Chosen>& chosen);
  absl::Status WriteDirty(const std::vector<Chosen>& chosen);
  void UnlockAll(const std::vector<Chosen>& chosen);

  const HotFile& file_;
  HotTier& hot_;
  ColdTier& cold_;
};

}  // namespace ctdb::store

#endif  // LIB_STORE_IO_WRITE_BACK_H_
