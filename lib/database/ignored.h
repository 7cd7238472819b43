// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ignored: why an object ignored what it was told, and how often.
//
//   Ownership:  values.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   ignored_.Add(Ignored::kLate);
//   EXPECT_EQ(owner.ignored().of(Ignored::kLate), 1u);

#ifndef LIB_DATABASE_IGNORED_H_
#define LIB_DATABASE_IGNORED_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace ctdb::database {

// Why an input was ignored. All of these are legal and happen.
enum class Ignored : uint8_t {
  kOldEpoch,
  kNewerEpoch,
  kOtherDatabase,
  kNotForThisSide,
  kNotMember,      // The sender is not in the view.
  kDuplicate,      // Already known and being worked on.
  kLate,           // What it answers or orders is over.
  kNotFromHome,    // Only the key's home may say that.
  kStoring,        // What it asks about is just being stored: it is asked again.
  kUnknownTicket,  // A lock that was not asked for.
};
absl::string_view IgnoredName(Ignored reason);

// How often something was ignored, by reason.
class IgnoredCounts {
 public:
  void Add(Ignored reason) { ++counts_[static_cast<size_t>(reason)]; }
  uint64_t of(Ignored reason) const { return counts_[static_cast<size_t>(reason)]; }

 private:
  std::vector<uint64_t> counts_ =
      std::vector<uint64_t>(static_cast<size_t>(Ignored::kUnknownTicket) + 1);
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_IGNORED_H_
