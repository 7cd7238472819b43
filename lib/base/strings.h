// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// strings: between absl::string_view, the one string view inside this project, and
// std::string_view, which some libraries want. Debian's Abseil has its own type, so neither
// converts to the other.
//
//   Ownership:  views into the argument.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef LIB_BASE_STRINGS_H_
#define LIB_BASE_STRINGS_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace ctdb {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace ctdb

#endif  // LIB_BASE_STRINGS_H_
