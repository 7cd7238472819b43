// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// calls: requests for records. A call is never refused: whatever stands in its way, it is tried
// again until the record is in this node's file (CALL-13), and only then answered (REC-6).
//
//   Ownership:  a call keeps itself alive in the proxy's timers and requests.
//   Threading:  the proxy's.
//   Errors:     REPLY_ERROR for a database that this node does not have (CN-20).
//   Blocking:   never.
//   Limits:     those of the proxy's requests.
//
// Example:
//   calls.OnCall(client, header.reqid, call);

#ifndef LIB_SAMBA_SESSION_CALLS_H_
#define LIB_SAMBA_SESSION_CALLS_H_

#include "lib/samba/packet.h"
#include "lib/samba/session/proxy.h"

namespace ctdb::samba {

class Calls {
 public:
  explicit Calls(Proxy& proxy) : proxy_(proxy) {}

  void OnCall(ClientId client, ReqId reqid, const CallRequest& call);

 private:
  Proxy& proxy_;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_CALLS_H_
