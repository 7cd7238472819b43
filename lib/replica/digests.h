// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// digests: tells whether two copies of a database are the same, and where they differ.
//
// Each record has a fingerprint, a hash of key, version and value. Records fall into slots by a
// hash of their key, and the digest of a slot is the sum of its fingerprints: a write changes it
// without a look at the other records, and their order does not matter.
//
// Against faults and not against forgery: who may write to a database can make two that collide.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     kSlots digests of 16 bytes.
//
// Example:
//   digests.Remove(key, old_fingerprint);
//   digests.Add(key, FingerprintOf(key, position, value));

#ifndef LIB_REPLICA_DIGESTS_H_
#define LIB_REPLICA_DIGESTS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/database/placement.h"
#include "lib/replica/transaction.h"

namespace ctdb::replica {

struct Digest {
  uint64_t high = 0;
  uint64_t low = 0;

  constexpr Digest& operator+=(const Digest& other) {
    high += other.high;
    low += other.low;
    return *this;
  }
  constexpr Digest& operator-=(const Digest& other) {
    high -= other.high;
    low -= other.low;
    return *this;
  }
  friend constexpr auto operator<=>(const Digest&, const Digest&) = default;
};

// Never to be changed: nodes of different versions must agree.
inline constexpr uint32_t kSlots = database::kSlots;
inline uint32_t SlotNumberOf(absl::string_view key) { return database::SlotOf(key).value(); }
Digest FingerprintOf(absl::string_view key, Position version, absl::string_view value);

class Digests {
 public:
  void Add(absl::string_view key, const Digest& fingerprint);
  void Remove(absl::string_view key, const Digest& fingerprint);
  void Set(uint32_t slot, const Digest& digest);
  void Clear();

  const Digest& whole() const { return whole_; }
  const Digest& of(uint32_t slot) const { return slots_[slot]; }
  const std::vector<Digest>& slots() const { return slots_; }
  friend bool operator==(const Digests&, const Digests&) = default;

 private:
  std::vector<Digest> slots_ = std::vector<Digest>(kSlots);
  Digest whole_;
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_DIGESTS_H_
