// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// little_endian: numbers in files, the same on every machine.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none; Take() wants enough bytes.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   AppendNumber<uint32_t>(out, 3);
//   uint32_t version = TakeNumber<uint32_t>(rest);

#ifndef LIB_BACKUP_LITTLE_ENDIAN_H_
#define LIB_BACKUP_LITTLE_ENDIAN_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace ctdb::backup {

template <typename Number>
void AppendNumber(std::string& out, Number number) {
  for (size_t i = 0; i < sizeof(Number); ++i) {
    out.push_back(static_cast<char>(number >> (8 * i) & 0xff));
  }
}

// From the front of `rest`, which has that many.
template <typename Number>
Number TakeNumber(absl::string_view& rest) {
  Number number = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    number |= static_cast<Number>(static_cast<unsigned char>(rest[i])) << (8 * i);
  }
  rest.remove_prefix(sizeof(Number));
  return number;
}

}  // namespace ctdb::backup

#endif  // LIB_BACKUP_LITTLE_ENDIAN_H_
