// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// loan: how a read-only copy of a record is stored. Its flags have kReadOnly, or kWasReadOnly when
// it was revoked, and its value begins with the loan that it came with: epoch and number.
//
//   Ownership:  values; LoanOf() borrows.
//   Threading:  pure functions.
//   Errors:     none; a value that is too short has no loan.
//   Blocking:   never.
//   Limits:     kLoanBytes before each such value.
//
// Example:
//   if (IsReadable(header, value, store.ReadEpoch())) return ValueBehindLoan(value);

#ifndef LIB_STORE_LOAN_H_
#define LIB_STORE_LOAN_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "lib/store/record.h"

namespace ctdb::store {

inline constexpr uint32_t kWasReadOnly = 1u << 3;
inline constexpr size_t kLoanBytes = 16;

// Only this node reads it, so its own byte order will do.
struct StoredLoan {
  uint64_t epoch = 0;
  uint64_t number = 0;
};
static_assert(sizeof(StoredLoan) == kLoanBytes);

inline bool HasLoan(const RecordHeader& header) {
  return (header.flags & (kReadOnly | kWasReadOnly)) != 0;
}

inline std::string WithLoan(StoredLoan loan, absl::string_view value) {
  std::string stored(kLoanBytes, '\0');
  std::memcpy(stored.data(), &loan, kLoanBytes);
  stored.append(value.data(), value.size());
  return stored;
}

inline StoredLoan LoanOf(absl::string_view stored) {
  StoredLoan loan;
  if (stored.size() >= kLoanBytes) std::memcpy(&loan, stored.data(), kLoanBytes);
  return loan;
}

inline absl::string_view ValueBehindLoan(absl::string_view stored) {
  return stored.substr(std::min(kLoanBytes, stored.size()));
}

// Whether clients may read this copy although the record is another node's.
inline bool IsReadable(const RecordHeader& header, absl::string_view stored, Epoch read_epoch) {
  return (header.flags & kReadOnly) != 0 && stored.size() >= kLoanBytes &&
         LoanOf(stored).epoch == read_epoch.value();
}

}  // namespace ctdb::store

#endif  // LIB_STORE_LOAN_H_
