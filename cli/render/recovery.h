// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// recovery: how far databases are that are not settled, as a table.
//
//   Ownership:  the replies must stay.
//   Threading:  pure.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_RENDER_RECOVERY_H_
#define CLI_RENDER_RECOVERY_H_

#include <optional>
#include <utility>
#include <vector>

#include "capnp/database_service.capnp.h"
#include "cli/render/table.h"
#include "lib/base/ids.h"

namespace ctdb::cli {

// What the node says.
using RecoveringDatabase = std::pair<NodeNumber, wire::RecoveryProgress::Reader>;

// Of what has to be read, between 0 and 1; nothing: nobody has said yet how much that is.
std::optional<double> ShareRead(wire::RecoveryProgress::Reader progress);
// How much longer it takes if it goes on so.
std::optional<double> SecondsToGo(wire::RecoveryProgress::Reader progress);

Table RecoveryTable(const std::vector<RecoveringDatabase>& databases);

}  // namespace ctdb::cli

#endif  // CLI_RENDER_RECOVERY_H_
