// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// handlers: what answers each control. A handler gets a request whose bytes are what the control
// carries, and answers at once or later with Proxy::Answer().
//
//   Ownership:  handlers keep nothing of the request: its bytes are gone when they return.
//   Threading:  the proxy's.
//   Errors:     status -1 to the client.
//   Blocking:   never.
//   Limits:     none of their own.
//
// Example:
//   if (const Handler handler = FindHandler(request.opcode)) handler(proxy, asker, request);

#ifndef LIB_SAMBA_SESSION_HANDLERS_H_
#define LIB_SAMBA_SESSION_HANDLERS_H_

#include "lib/samba/packet.h"
#include "lib/samba/session/proxy.h"

namespace ctdb::samba {

using Handler = void (*)(Proxy& proxy, const Asker& asker, const ControlRequest& request);

// Null: the control has a name and nothing here that does it.
Handler FindHandler(Opcode opcode);

// One row of the tables by subject.
struct HandlerRow {
  Opcode opcode;
  Handler handler;
};
absl::Span<const HandlerRow> AddressHandlers();
absl::Span<const HandlerRow> DatabaseHandlers();
absl::Span<const HandlerRow> IdentityHandlers();
absl::Span<const HandlerRow> MessageHandlers();
absl::Span<const HandlerRow> StatisticsHandlers();

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_HANDLERS_H_
