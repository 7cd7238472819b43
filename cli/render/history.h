// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// history: what happened in a cluster and why, as text for people.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_RENDER_HISTORY_H_
#define CLI_RENDER_HISTORY_H_

#include <string>

#include "absl/time/time.h"
#include "capnp/cluster.capnp.h"
#include "cli/render/status.h"

namespace ctdb::cli {

// The state in one word or a few: what follows from being disconnected is left out.
std::string ShortState(const NodeState& node);

// The name of a single flag: "BANNED".
std::string FlagText(uint32_t flag);

// In what state a node is, since when, and the chain of changes that led to it, the newest first.
// `report` and `changes` are of the node that was asked, `now` is its time.
std::string WhyText(const NodeState& node, wire::NodeReport::Reader report,
                    capnp::List<wire::Change>::Reader changes, double now, absl::TimeZone zone);

// "Tue Nov 24 10:00:01 2026  Node 1 is connected"; with the sequences of the change and its cause
// when asked for.
std::string ChangeLine(wire::Change::Reader change, bool with_sequences, absl::TimeZone zone);

// The line that stands where changes are missing.
std::string MissedLine(uint64_t missed);

}  // namespace ctdb::cli

#endif  // CLI_RENDER_HISTORY_H_
