// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database_query: what several commands ask the database services.
//
//   Ownership:  borrow the session; values.
//   Threading:  belong to the session's thread.
//   Errors:     those of the session, with what was asked in front. NotFound for a database that is
//               none: the line that scripts know, and below it which databases there are.
//   Blocking:   each request at most the session's time limit.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const DatabaseEntry database, FindDatabase(session, node,
//   "locking.tdb"));

#ifndef CLI_DATABASE_QUERY_H_
#define CLI_DATABASE_QUERY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/session.h"

namespace ctdb::cli {

struct DatabaseEntry {
  uint32_t id = 0;
  std::string name;
  bool is_volatile = true;
  bool is_persistent = false;
};

// Those that the node has, by name.
absl::StatusOr<std::vector<DatabaseEntry>> ListDatabases(Session& session, NodeNumber node);

// `argument`: a name, or 0x and the number.
absl::StatusOr<DatabaseEntry> FindDatabase(Session& session, NodeNumber node,
                                           absl::string_view argument);

using DatabaseStatusReply = capnp::Response<wire::DatabaseService::DatabaseStatusResults>;
absl::StatusOr<DatabaseStatusReply> GetDatabaseStatus(Session& session, NodeNumber node,
                                                      const std::string& name);

// The nodes that are not deleted, as the local transport sees them.
struct Reachable {
  std::vector<NodeNumber> connected;  // The local one among them.
  std::vector<NodeNumber> others;
};
absl::StatusOr<Reachable> ReachableNodes(Session& session);

}  // namespace ctdb::cli

#endif  // CLI_DATABASE_QUERY_H_
