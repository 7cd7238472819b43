// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// samba_counts: what a node's own services have counted, in the terms of Samba's old tools.
//
//   Ownership:  values.
//   Threading:  thread-safe.
//   Errors:     none: what does not fit into a number of 32 bits is the largest one.
//   Blocking:   MemoryText() reads a short file of the kernel's.
//   Limits:     none.
//
// Example:
//   proxy.OnAnswer(id, CountsOf(reply.getStatus()), now);

#ifndef LIB_DAEMON_SERVICES_SAMBA_COUNTS_H_
#define LIB_DAEMON_SERVICES_SAMBA_COUNTS_H_

#include <string>

#include "capnp/database_service.capnp.h"
#include "lib/base/io/process_memory.h"
#include "lib/samba/session/database_request.h"

namespace ctdb::daemon {

samba::DatabaseCounts CountsOf(wire::DatabaseStatus::Reader status);

// Of this process, for people.
std::string MemoryText(const ProcessMemory& memory);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_SAMBA_COUNTS_H_
