// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// siphash: a hash with a secret key, the same on every platform. Whoever chooses record keys does
// not know the secret and cannot make them fall into one bucket.
//
// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012).
//
//   Ownership:  none.
//   Threading:  pure function.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   uint64_t hash = SipHash13({secret0, secret1}, key);

#ifndef LIB_STORE_SIPHASH_H_
#define LIB_STORE_SIPHASH_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace ctdb::store {

struct HashSecret {
  uint64_t first = 0;
  uint64_t second = 0;
};

uint64_t SipHash13(HashSecret secret, absl::string_view bytes);

}  // namespace ctdb::store

#endif  // LIB_STORE_SIPHASH_H_
