// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// attach: a client's wish for a database, until there is an answer: it waits while the cluster
// recovers (DB-8), and finds a database of another kind that will do (DB-7).
//
//   Ownership:  keeps itself alive in the proxy's timers and requests.
//   Threading:  the proxy's.
//   Errors:     status -1 to the client, with the reason in the log.
//   Blocking:   never.
//   Limits:     DeferredAttachTO seconds of waiting.
//
// Example:
//   Attach(proxy, asker, "locking.tdb", DatabaseKind::kVolatile);

#ifndef LIB_SAMBA_SESSION_ATTACH_H_
#define LIB_SAMBA_SESSION_ATTACH_H_

#include <string>

#include "lib/samba/session/proxy.h"

namespace ctdb::samba {

void Attach(Proxy& proxy, const Asker& asker, std::string name, DatabaseKind kind);

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_ATTACH_H_
