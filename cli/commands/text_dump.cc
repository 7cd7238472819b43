// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// db dump, db load: databases as lines of text.

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands/database_records.h"
#include "cli/commands/groups.h"
#include "cli/commands/restore_support.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/render/text.h"
#include "lib/backup/io/new_file.h"
#include "lib/backup/io/text_file.h"
#include "lib/backup/text.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

absl::StatusOr<int> Dump(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry entry, FindHere(context, context.argument(0)));
  DatabaseRecords records(context, entry);
  CTDB_ASSIGN_OR_RETURN(const backup::Header header, records.Begin());
  std::unique_ptr<backup::NewFile> file;
  if (!context.argument(1).empty()) {
    CTDB_ASSIGN_OR_RETURN(file, backup::NewFile::Create(context.argument(1)));
  }
  const auto print = [&](const std::string& line) -> absl::Status {
    if (file != nullptr) return file->Append(line);
    context.Out(line);
    return absl::OkStatus();
  };
  CTDB_RETURN_IF_ERROR(
      print(absl::StrCat("# database ", entry.name, ", ", backup::KindName(header.kind), ", epoch ",
                         header.epoch, ", sequence ", header.sequence, "\n")));
  Progress progress(context, absl::StrCat("dumping ", entry.name));
  CTDB_RETURN_IF_ERROR(records.ForEach([&](absl::string_view key, absl::string_view value) {
    CTDB_RETURN_IF_ERROR(progress.Step());
    return print(absl::StrCat(backup::TextLine(key, value), "\n"));
  }));
  if (file != nullptr) CTDB_RETURN_IF_ERROR(file->Commit());
  return kExitOk;
}

absl::StatusOr<int> Load(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry entry, FindHere(context, context.argument(0)));
  backup::TextFile file(context.argument(1));
  const Destination destination{entry, entry};
  const StoreOptions options{.action = absl::StrCat("loading ", entry.name),
                             .removes = context.invocation().has("replace")};
  if (context.invocation().has("dry-run")) {
    return PrintDifference(context, file, destination, options);
  }
  CTDB_ASSIGN_OR_RETURN(const backup::RestoreReport report,
                        StoreRecords(context, file, destination, options));
  PrintReport(context, entry.name, report,
              absl::StrCat("Database ", entry.name, " loaded: ", report.changes,
                           " record(s) written or deleted"));
  return kExitOk;
}

}  // namespace

std::vector<Command> TextDumpCommands() {
  return {
      {.name = "db dump",
       .arguments = "DB [FILE]",
       .summary = "a database as lines of text",
       .help = "Writes each record of a database as a line \"KEY\" = \"VALUE\" to stdout, or to a "
               "file that is there when it is whole. Printable ASCII stands for itself, all other "
               "bytes and \" and \\ for \\ and two hexadecimal digits. Lines that begin with # are "
               "comments. Sorted lines of two dumps can be compared. \"ctdb db load\" reads them. "
               "What is in it is as in a backup (\"ctdb backupdb\").",
       .examples = {{"ctdb db dump registry.tdb",
                     "# database registry.tdb, persistent, epoch 7, sequence 4711\n"
                     "\"colour\" = \"blue\""}},
       .scope = Scope::kLocalNode,
       .arguments_min = 1,
       .arguments_max = 2,
       .json = false,
       .handler = Dump},
      {.name = "db load",
       .arguments = "DB FILE",
       .summary = "store the records of a text file",
       .help = "Stores the records of a file of lines as \"ctdb db dump\" writes them. All lines "
               "are checked before anything changes; what is wrong is told with file, line and "
               "column. Records that the file does not have stay, unless with --replace. Of "
               "transactions the same is true as for \"ctdb restoredb\".",
       .options = {{"dry-run", 0, "", "only say what would change"},
                   {"replace", 0, "", "delete the records that are not in the file"}},
       .examples = {{"ctdb db load registry.tdb changes",
                     "Database registry.tdb loaded: 3 record(s) written or deleted"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 2,
       .arguments_max = 2,
       .handler = Load},
  };
}

}  // namespace ctdb::cli
