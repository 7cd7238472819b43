// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// control: all controls: what they are called, who may send them, and what they carry.
//
//   Ownership:  constants.
//   Threading:  pure functions.
//   Errors:     Unimplemented for a control that is unknown or obsolete, InvalidArgument for bytes
//               that are not what it carries. A client gets the status -1 for either.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   const absl::Status status = CheckControlRequest(request.opcode, request.data);
//   if (!status.ok()) return ControlReply{.status = kStatusFailed};

#ifndef LIB_SAMBA_CONTROL_H_
#define LIB_SAMBA_CONTROL_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lib/samba/opcode.h"
#include "lib/samba/payload_kind.h"

namespace ctdb::samba {

enum class ControlClass {
  kLocal,          // Any client may ask any node.
  kDirect,         // It matters which connection asks: answered by its own daemon.
  kAdministrator,  // Changes a node or the cluster.
  kNode,           // Between daemons; no client has business with it.
  kObsolete,       // Has a name, is answered with -1.
  kObsoleteAnswered,
};

struct ControlInfo {
  Opcode opcode;
  absl::string_view name;
  ControlClass control_class;
  PayloadKind request;
  PayloadKind reply;
};

// Ordered by number.
absl::Span<const ControlInfo> Controls();

// nullptr for a number that no control has or that has been taken away.
const ControlInfo* FindControl(Opcode opcode);

// Whether `data` is what a request of `opcode` carries.
absl::Status CheckControlRequest(Opcode opcode, absl::string_view data);
// Whether `data` is what a successful answer to it carries.
absl::Status CheckControlReply(Opcode opcode, absl::string_view data);

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_CONTROL_H_
