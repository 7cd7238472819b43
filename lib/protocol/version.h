// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// version: of the protocol between endpoints, transports and nodes. Equal major numbers
// interoperate, whatever the minor numbers: new fields and kinds raise the minor number, everything
// that an older peer would misunderstand raises the major number.
//
//   Ownership:  none.
//   Threading:  constants.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     8 bits each.

#ifndef LIB_PROTOCOL_VERSION_H_
#define LIB_PROTOCOL_VERSION_H_

#include <cstdint>

namespace ctdb {

inline constexpr uint8_t kProtocolMajor = 1;
inline constexpr uint8_t kProtocolMinor = 0;

}  // namespace ctdb

#endif  // LIB_PROTOCOL_VERSION_H_
