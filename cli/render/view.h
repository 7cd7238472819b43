// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// view: texts and bytes of replies, without a copy.
//
//   Ownership:  points into the message.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_RENDER_VIEW_H_
#define CLI_RENDER_VIEW_H_

#include <capnp/blob.h>

#include "absl/strings/string_view.h"

namespace ctdb::cli {

inline absl::string_view View(capnp::Text::Reader text) { return {text.begin(), text.size()}; }
inline absl::string_view View(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

}  // namespace ctdb::cli

#endif  // CLI_RENDER_VIEW_H_
