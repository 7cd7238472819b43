// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// status_kj: the only bridge between absl::Status, used everywhere, and kj::Exception, used at the
// RPC edge. A status that crosses the wire as an exception comes back with its code and text.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     these are the errors.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   if (!status.ok()) kj::throwFatalException(ToException(status));
//   absl::Status status = ToStatus(exception);

#ifndef LIB_BASE_STATUS_KJ_H_
#define LIB_BASE_STATUS_KJ_H_

#include <kj/exception.h>

#include "absl/status/status.h"

namespace ctdb {

// `status` must not be OK. The exception's type follows what the receiver can do: Unavailable
// becomes DISCONNECTED, ResourceExhausted OVERLOADED, Unimplemented UNIMPLEMENTED, all others
// FAILED.
kj::Exception ToException(const absl::Status& status);

// Restores a status made by ToException(), also after it crossed the wire; any other exception
// becomes the code that fits its type.
absl::Status ToStatus(const kj::Exception& exception);

}  // namespace ctdb

#endif  // LIB_BASE_STATUS_KJ_H_
