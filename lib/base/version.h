// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// version: which release this is.
//
//   Ownership:  none.
//   Threading:  constants.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef LIB_BASE_VERSION_H_
#define LIB_BASE_VERSION_H_

namespace ctdb {

inline constexpr char kSoftwareVersion[] = "0.1.0";

}  // namespace ctdb

#endif  // LIB_BASE_VERSION_H_
