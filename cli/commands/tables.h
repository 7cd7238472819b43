// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tables: replies that more than one command shows, as tables.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_COMMANDS_TABLES_H_
#define CLI_COMMANDS_TABLES_H_

#include <string>

#include "absl/strings/string_view.h"
#include "capnp/master.capnp.h"
#include "capnp/transport.capnp.h"
#include "cli/render/table.h"
#include "cli/render/view.h"

namespace ctdb::cli {

inline std::string String(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

// `now` in seconds since 1970; ages are as of then.
Table LinkTable(capnp::List<wire::Node>::Reader nodes, double now);
Table ProcessTable(capnp::List<wire::Process>::Reader processes, double now);

// "RUNNING", "FIRST_RECOVERY".
absl::string_view RunStateName(wire::RunState state);

}  // namespace ctdb::cli

#endif  // CLI_COMMANDS_TABLES_H_
