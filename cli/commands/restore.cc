// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// restoredb: a database as a backup has it.

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands/database_records.h"
#include "cli/commands/groups.h"
#include "cli/commands/restore_support.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/render/text.h"
#include "lib/backup/io/backup_file.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

absl::StatusOr<int> RestoreDb(Context& context) {
  const std::string path = context.argument(0);
  absl::StatusOr<backup::BackupFile> file = backup::BackupFile::Open(path);
  if (!file.ok()) {
    return Failure(context, file.status(),
                   absl::StrCat("Failed to read db header from file ", Printable(path)));
  }
  const backup::Header& header = file->header();
  const std::string name = context.argument(1).empty() ? header.name : context.argument(1);
  CTDB_ASSIGN_OR_RETURN(const Destination destination, FindDestination(context, name, header.kind));
  const StoreOptions options{.action = absl::StrCat("restoring ", destination.wanted.name)};
  if (context.invocation().has("dry-run")) {
    return PrintDifference(context, *file, destination, options);
  }
  if (!context.invocation().json) {
    context.Out(absl::StrCat(
        "Restoring database ", Printable(destination.wanted.name), " from backup @ ",
        absl::FormatTime("%Y/%m/%d %H:%M:%S", header.time, context.environment().zone), "\n"));
  }
  const auto report = StoreRecords(context, *file, destination, options);
  if (!report.ok()) {
    return Failure(context, report.status(),
                   absl::StrCat("Failed to restore database ", Printable(name)));
  }
  PrintReport(context, destination.wanted.name, *report,
              absl::StrCat("Database ", Printable(destination.wanted.name), " restored"));
  return kExitOk;
}

}  // namespace

std::vector<Command> RestoreCommands() {
  return {
      {.name = "restoredb",
       .arguments = "FILE [DB]",
       .summary = "bring a database back from a backup",
       .help = "Makes a database of the cluster have the records of a backup, and no others: the "
               "one that the backup is of, or DB. If there is none it is made. All of the file is "
               "checked before anything changes. A persistent or replicated database changes in "
               "one transaction, if one can hold the backup or what differs; otherwise in several, "
               "which stderr says before, and in the meantime it has a record "
               "\"__ctdb_restore_not_finished__\". Records of a volatile database change one after "
               "the other. Programs that write to it should end before. What was interrupted is "
               "finished by the same command. With --dry-run nothing changes: it prints how many "
               "records would be added, changed and removed, and with -v which (+, ~, -). Backups "
               "of the older tool can be restored, too.",
       .options = {{"dry-run", 0, "", "only say what would change"}},
       .examples = {{"ctdb restoredb /backup/registry",
                     "Restoring database registry.tdb from backup @ 2031/05/04 10:11:12\n"
                     "Database registry.tdb restored"},
                    {"ctdb restoredb --dry-run -v /backup/registry",
                     "+ \"colour\"\n"
                     "Database registry.tdb would change: 1 record(s) added, 0 changed, 0 removed; "
                     "41 stay as they are"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 1,
       .arguments_max = 2,
       .legacy = true,
       .handler = RestoreDb},
  };
}

}  // namespace ctdb::cli
