// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// farewell: tells the other nodes that this one has ended and that nobody uses its records any
// more. Each is called at its node port, must answer first, and is told then: so it knows that what
// it hears is no old packet (docs/protocol.md).
//
//   Ownership:  none.
//   Threading:  any thread.
//   Errors:     who has not heard it is not among those returned.
//   Blocking:   until all have answered, or `deadline`.
//   Limits:     none.
//
// Example:
//   const std::vector<NodeNumber> told = SayFarewell(will, absl::Now() + absl::Milliseconds(200));

#ifndef LIB_GUARDIAN_IO_FAREWELL_H_
#define LIB_GUARDIAN_IO_FAREWELL_H_

#include <vector>

#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/guardian/will.h"

namespace ctdb::guardian {

// Those of the will's peers that have confirmed that they heard it.
std::vector<NodeNumber> SayFarewell(const Will& will, absl::Time deadline);

}  // namespace ctdb::guardian

#endif  // LIB_GUARDIAN_IO_FAREWELL_H_
