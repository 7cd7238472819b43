// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// observe: looks at a node once, for whoever waits for it.
//
//   Ownership:  borrows the session.
//   Threading:  belongs to the session's thread.
//   Errors:     are part of the observation.
//   Blocking:   at most the session's time limit, three times.
//   Limits:     none.

#ifndef CLI_OBSERVE_H_
#define CLI_OBSERVE_H_

#include "cli/session.h"
#include "cli/wait_condition.h"

namespace ctdb::cli {

// Closes the session when the node did not answer, so that the next look starts afresh.
WaitObservation Observe(Session& session, NodeNumber node);

// Lets time pass while the session's connection, if there is one, stays alive.
void Pause(Session& session, absl::Duration pause);

}  // namespace ctdb::cli

#endif  // CLI_OBSERVE_H_
