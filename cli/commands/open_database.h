// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// open_database: a database of which each node has a copy, as any program has it.
//
//   Ownership:  the database refers to the client beside it.
//   Threading:  belongs to one thread.
//   Errors:     those of lib/client.
//   Blocking:   at most the time limit of the invocation.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const OpenedCopies opened, OpenCopies(context, entry));
//   opened.database->Read(key, context.invocation().time_limit);

#ifndef CLI_COMMANDS_OPEN_DATABASE_H_
#define CLI_COMMANDS_OPEN_DATABASE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/context.h"
#include "cli/database_query.h"
#include "lib/client/client.h"

namespace ctdb::cli {

struct OpenedCopies {
  std::unique_ptr<Client> client;
  std::unique_ptr<ReplicatedDatabase> database;
  std::string name;
};

absl::StatusOr<OpenedCopies> OpenCopies(Context& context, const DatabaseEntry& entry);

}  // namespace ctdb::cli

#endif  // CLI_COMMANDS_OPEN_DATABASE_H_
