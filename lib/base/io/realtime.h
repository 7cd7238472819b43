// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// realtime: lets a thread run before everything that is not urgent, so that a busy host does not
// keep it from answering other nodes in time.
//
//   Ownership:  none.
//   Threading:  acts on the calling thread alone; its children and later threads do not inherit it.
//   Errors:     PermissionDenied without the right to do so (CAP_SYS_NICE or an rtprio limit).
//   Blocking:   no.
//   Limits:     the lowest real-time priority, so that the kernel's own threads come first.
//
// Example:
//   if (absl::Status status = UseRealtimeScheduling(); !status.ok()) log.Info(...);

#ifndef LIB_BASE_IO_REALTIME_H_
#define LIB_BASE_IO_REALTIME_H_

#include "absl/status/status.h"

namespace ctdb {

absl::Status UseRealtimeScheduling();

}  // namespace ctdb

#endif  // LIB_BASE_IO_REALTIME_H_
