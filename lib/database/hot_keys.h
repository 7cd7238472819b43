// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// hot_keys: the records that moved most often within one second, lately.
//
//   Ownership:  copies the keys.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     `most` keys in the report, kCandidates counted; O(kCandidates) per move.
//
// Example:
//   HotKeys hot(10);
//   hot.Moved("key", now);
//   for (const HotKeys::Entry& entry : hot.Report(now)) Print(entry.key, entry.moves);

#ifndef LIB_DATABASE_HOT_KEYS_H_
#define LIB_DATABASE_HOT_KEYS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/base/instant.h"

namespace ctdb::database {

class HotKeys {
 public:
  struct Entry {
    std::string key;
    uint64_t moves = 0;  // Within one second, at most.
  };
  // Counted at the same time. A key that is not among them takes the place of the coldest one.
  static constexpr size_t kCandidates = 64;

  explicit HotKeys(size_t most) : most_(most) {}

  void Moved(absl::string_view key, Instant now);
  // Hottest first; keys of equal heat by name. Nothing that did not move for ten seconds.
  std::vector<Entry> Report(Instant now) const;

 private:
  struct Candidate {
    std::string key;
    Instant second;  // When the one that is being counted began.
    Instant last;
    uint64_t moves = 0;
    uint64_t peak = 0;
  };

  const size_t most_;
  std::vector<Candidate> candidates_;
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_HOT_KEYS_H_
