// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// bytes_text: Cap'n Proto's Text and Data from strings, and strings from them.
//
//   Ownership:  strings are copies; ToData() borrows what it is given.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   request.setKey(ToData(key));
//   const std::string value = FromData(answer.getValue());

#ifndef LIB_PROTOCOL_BYTES_TEXT_H_
#define LIB_PROTOCOL_BYTES_TEXT_H_

#include <capnp/blob.h>

#include <string>

#include "absl/strings/string_view.h"

namespace ctdb {

inline std::string FromText(capnp::Text::Reader text) {
  return std::string(text.begin(), text.size());
}

inline std::string FromData(capnp::Data::Reader data) {
  return std::string(reinterpret_cast<const char*>(data.begin()), data.size());
}

inline capnp::Data::Reader ToData(absl::string_view bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

}  // namespace ctdb

#endif  // LIB_PROTOCOL_BYTES_TEXT_H_
