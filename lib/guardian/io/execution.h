// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// execution: what a guardian does once its daemon has ended: it stops the node's clients, those of
// Samba's files as well, and tells the other nodes so. They then go on without the node, and do not
// wait until its lease is over (docs/decisions/0029-guardian.md).
//
// When it cannot be sure of a client it says nothing, and the others wait as they would without it.
//
//   Ownership:  none.
//   Threading:  one thread, of a process that has none of the node's files open.
//   Errors:     in the report.
//   Blocking:   kClientsLimit for the clients, kFarewellLimit for the nodes, and as long as it
//               takes to read Samba's files.
//   Limits:     none.
//
// Example:
//   const Report report = Execute(will);

#ifndef LIB_GUARDIAN_IO_EXECUTION_H_
#define LIB_GUARDIAN_IO_EXECUTION_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/guardian/will.h"

namespace ctdb::guardian {

// Leases end after 0.6 s anyway.
inline constexpr absl::Duration kClientsLimit = absl::Milliseconds(400);
inline constexpr absl::Duration kFarewellLimit = absl::Milliseconds(400);

struct Report {
  absl::Status clients;          // Whether they have stopped.
  absl::Duration clients_took;   // Until they had.
  std::vector<NodeNumber> told;  // Who has heard of it.
  absl::Status disowned;         // Whether Samba's programs now ask for all that they use.
};

Report Execute(const Will& will);

// Says it again and again, for kWatch from `begin` on: whoever comes to lead the cluster later has
// to hear it then. Only after a report that the clients have stopped. `pause` waits for so long;
// false: it is to end.
inline constexpr absl::Duration kWatch = absl::Seconds(2);
void SpeakOn(const Will& will, absl::Time begin, const std::function<bool(absl::Duration)>& pause);

// One line.
std::string Describe(const Report& report);

}  // namespace ctdb::guardian

#endif  // LIB_GUARDIAN_IO_EXECUTION_H_
