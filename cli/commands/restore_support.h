// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// restore_support: records from anywhere into a database, or what that would change.
//
//   Ownership:  borrows the context.
//   Threading:  belongs to the context's thread.
//   Errors:     those of lib/backup/restore.h and of the database.
//   Blocking:   as long as it takes; each request at most the time limit.
//   Limits:     those of lib/backup.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const DatabaseEntry entry, FindOrMake(context, name, kind));
//   return StoreRecords(context, source, entry, {.action = "restoring registry.tdb"});

#ifndef CLI_COMMANDS_RESTORE_SUPPORT_H_
#define CLI_COMMANDS_RESTORE_SUPPORT_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/context.h"
#include "cli/database_query.h"
#include "lib/backup/difference.h"
#include "lib/backup/format.h"
#include "lib/backup/records.h"
#include "lib/backup/restore.h"

namespace ctdb::cli {

struct StoreOptions {
  std::string action = {};  // "restoring registry.tdb": for who waits.
  bool removes = true;      // What the source does not have goes.
};

// The database with this name; none: there is none, and it would be of this kind.
struct Destination {
  std::optional<DatabaseEntry> entry;
  DatabaseEntry wanted;
};
absl::StatusOr<Destination> FindDestination(Context& context, const std::string& name,
                                            backup::Kind kind);

// Makes the database if there is none.
absl::StatusOr<backup::RestoreReport> StoreRecords(Context& context, backup::RecordSource& source,
                                                   const Destination& destination,
                                                   const StoreOptions& options);

// Prints what StoreRecords() would change: counts, and with -v each key.
absl::StatusOr<int> PrintDifference(Context& context, backup::RecordSource& source,
                                    const Destination& destination, const StoreOptions& options);

// The report as JSON, or `line`.
void PrintReport(Context& context, const std::string& database, const backup::RestoreReport& report,
                 absl::string_view line);

}  // namespace ctdb::cli

#endif  // CLI_COMMANDS_RESTORE_SUPPORT_H_
