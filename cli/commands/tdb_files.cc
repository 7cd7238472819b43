// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// db import, db export, tfetch, tstore: TDB files of Samba and of CTDB.

#include <fcntl.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands/database_records.h"
#include "cli/commands/groups.h"
#include "cli/commands/restore_support.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/render/bytes.h"
#include "cli/render/text.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/tdb_file/io/record_header.h"
#include "lib/tdb_file/io/tdb_file.h"

namespace ctdb::cli {
namespace {

using tdb_file::Headers;
using tdb_file::TdbHandle;

// Of CTDB's command, in this order.
constexpr std::pair<uint32_t, const char*> kFlagNames[] = {
    {0x10000, "MIGRATED_WITH_DATA"},
    {0x20000, "VACUUM_MIGRATED"},
    {0x40000, "AUTOMATIC"},
    {0x1000000, "RO_HAVE_DELEGATIONS"},
    {0x2000000, "RO_HAVE_READONLY"},
    {0x4000000, "RO_REVOKING_READONLY"},
    {0x8000000, "RO_REVOKE_COMPLETE"},
    {1, "PERSISTENT"},
    {2, "PERSISTENT_IN_PROGRESS"},
};

absl::StatusOr<Headers> WhichHeaders(const Context& context, const std::string& path) {
  const bool with = context.invocation().has("with-headers");
  const bool plain = context.invocation().has("plain");
  if (with && plain) return absl::InvalidArgumentError("either --with-headers or --plain");
  return with ? Headers::kCtdb : plain ? Headers::kNone : tdb_file::HeadersIn(path);
}

absl::StatusOr<int> Import(Context& context) {
  const std::string path = context.argument(1);
  CTDB_ASSIGN_OR_RETURN(const Headers headers, WhichHeaders(context, path));
  CTDB_ASSIGN_OR_RETURN(const auto file, tdb_file::TdbFile::Open(path, headers));
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry entry, FindHere(context, context.argument(0)));
  const Destination destination{entry, entry};
  const StoreOptions options{.action = absl::StrCat("importing into ", entry.name),
                             .removes = context.invocation().has("replace")};
  if (context.invocation().has("dry-run")) {
    return PrintDifference(context, *file, destination, options);
  }
  CTDB_ASSIGN_OR_RETURN(const backup::RestoreReport report,
                        StoreRecords(context, *file, destination, options));
  PrintReport(context, entry.name, report,
              absl::StrCat("Database ", entry.name, " imported: ", report.changes,
                           " record(s) written or deleted"));
  return kExitOk;
}

absl::StatusOr<int> Export(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry entry, FindHere(context, context.argument(0)));
  const std::string path = context.argument(1);
  CTDB_ASSIGN_OR_RETURN(const Headers headers, WhichHeaders(context, path));
  DatabaseRecords records(context, entry);
  CTDB_RETURN_IF_ERROR(records.Begin().status());
  CTDB_ASSIGN_OR_RETURN(const auto writer, tdb_file::TdbWriter::Create(path, headers));
  uint64_t count = 0;
  {
    Progress progress(context, absl::StrCat("exporting ", entry.name));
    CTDB_RETURN_IF_ERROR(records.ForEach([&](absl::string_view key, absl::string_view value) {
      CTDB_RETURN_IF_ERROR(progress.Step());
      ++count;
      return writer->Add(key, value);
    }));
  }
  CTDB_RETURN_IF_ERROR(writer->Finish());
  context.Out(absl::StrCat("Database ", entry.name, " exported to ", Printable(path), ": ", count,
                           " record(s)\n"));
  return kExitOk;
}

// Says what is wrong with an argument; then the line that scripts know.
int BadBytes(Context& context, const absl::Status& why, absl::string_view what, size_t argument) {
  context.Err(absl::StrCat(why.message(), "\nFailed to parse ", what, " ",
                           Printable(context.argument(argument)), "\n"));
  return kExitBadNumber;
}

std::string FlagsText(uint32_t flags) {
  std::string text = absl::StrFormat("0x%08x", flags);
  for (const auto& [flag, name] : kFlagNames) {
    if ((flags & flag) != 0) absl::StrAppend(&text, " ", name);
  }
  return text;
}

absl::StatusOr<TdbHandle> OpenTdb(Context& context, int flags) {
  auto tdb = TdbHandle::Open(context.argument(0), flags);
  if (tdb.ok()) return tdb;
  return Failure(context, tdb.status(),
                 absl::StrCat("Failed to open TDB file ", Printable(context.argument(0))));
}

absl::StatusOr<int> Fetch(Context& context) {
  const auto key = ParseBytes(context.argument(1));
  if (!key.ok()) return BadBytes(context, key.status(), "key", 1);
  CTDB_ASSIGN_OR_RETURN(const TdbHandle tdb, OpenTdb(context, O_RDONLY));
  CTDB_ASSIGN_OR_RETURN(const std::optional<std::string> record, tdb.Fetch(*key));
  const std::string shown = Printable(context.argument(1));
  if (!record.has_value()) {
    return absl::NotFoundError(absl::StrCat("No record for key ", shown));
  }
  const auto header = tdb_file::ParseRecordHeader(*record);
  if (!header.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("Invalid record for key ", shown));
  }
  const absl::string_view value = absl::string_view(*record).substr(tdb_file::kRecordHeaderBytes);
  context.Out(absl::StrFormat("dmaster: %u\nrsn: %u\nflags: %s\ndata(%u) = \"%s\"\n", header->owner,
                              header->rsn, FlagsText(header->flags), value.size(),
                              QuotedBytes(value)));
  if (context.argument(2).empty()) return kExitOk;
  CTDB_RETURN_IF_ERROR(WriteFileAtomically(context.argument(2), *record, 0600));
  return kExitOk;
}

// The number of an argument, which may be left out.
absl::StatusOr<uint64_t> Number(Context& context, size_t argument, uint64_t most) {
  if (context.argument(argument).empty()) return uint64_t{0};
  const std::optional<uint64_t> number = ParseNumber(context.argument(argument));
  if (number.has_value() && *number <= most) return *number;
  return absl::InvalidArgumentError(absl::StrCat("\"", Printable(context.argument(argument)),
                                                 "\" is no number from 0 to ", most));
}

absl::StatusOr<int> Store(Context& context) {
  const auto key = ParseBytes(context.argument(1));
  if (!key.ok()) return BadBytes(context, key.status(), "key", 1);
  const auto value = ParseBytes(context.argument(2));
  if (!value.ok()) return BadBytes(context, value.status(), "value", 2);
  tdb_file::RecordHeader header;
  CTDB_ASSIGN_OR_RETURN(header.rsn, Number(context, 3, UINT64_MAX));
  CTDB_ASSIGN_OR_RETURN(const uint64_t owner, Number(context, 4, UINT32_MAX));
  CTDB_ASSIGN_OR_RETURN(const uint64_t flags, Number(context, 5, UINT32_MAX));
  header.owner = static_cast<uint32_t>(owner);
  header.flags = static_cast<uint32_t>(flags);
  CTDB_ASSIGN_OR_RETURN(TdbHandle tdb, OpenTdb(context, O_RDWR));
  const absl::Status status =
      tdb.Store(*key, absl::StrCat(tdb_file::RecordHeaderBytes(header), *value));
  if (status.ok()) return kExitOk;
  return Failure(context, status,
                 absl::StrCat("Failed to write record ", Printable(context.argument(1)),
                              " to file ", Printable(context.argument(0))));
}

constexpr CommandOption kWithHeaders = {"with-headers", 0, "",
                                        "values have a header of CTDB in front"};
constexpr CommandOption kPlain = {"plain", 0, "", "values have no header"};

std::vector<Command> ForWholeFiles() {
  return {
      {.name = "db export",
       .arguments = "DB FILE",
       .summary = "write a database to a TDB file",
       .help = "Writes all records of a database to a new TDB file, as Samba and its tools read "
               "it. With headers of CTDB when the file's name is that of a node's copy "
               "(NAME.tdb.0), or with --with-headers. What is in it is as in a backup (\"ctdb "
               "backupdb\"), and the file has its name when it is whole.",
       .options = {kWithHeaders, kPlain},
       .examples = {{"ctdb db export registry.tdb /tmp/registry.tdb",
                     "Database registry.tdb exported to /tmp/registry.tdb: 42 record(s)"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 2,
       .arguments_max = 2,
       .json = false,
       .handler = Export},
      {.name = "db import",
       .arguments = "DB FILE",
       .summary = "store the records of a TDB file",
       .help = "Stores the records of a TDB file, as Samba or CTDB have written it, in a database. "
               "The file is checked and opened to be read only; programs that use it should end "
               "before. Files that are named as CTDB names them (NAME.tdb.0), or with "
               "--with-headers, have a header of 24 bytes in front of each value, which is left "
               "out; so are records that CTDB has deleted, and its sequence number. A file of a "
               "volatile database has what one node knew. Records that the file does not have "
               "stay, unless with --replace. Of transactions the same is true as for \"ctdb "
               "restoredb\".",
       .options = {{"dry-run", 0, "", "only say what would change"},
                   {"replace", 0, "", "delete the records that are not in the file"},
                   kWithHeaders,
                   kPlain},
       .examples = {{"ctdb db import secrets.tdb /var/lib/samba/private/secrets.tdb",
                     "Database secrets.tdb imported: 42 record(s) written or deleted"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 2,
       .arguments_max = 2,
       .handler = Import},
  };
}

}  // namespace

std::vector<Command> TdbFileCommands() {
  std::vector<Command> rows = ForWholeFiles();
  rows.push_back(
      {.name = "tfetch",
       .arguments = "TDB-FILE KEY [FILE]",
       .summary = "a record of a TDB file of CTDB",
       .help = "Prints a record of a TDB file that CTDB has written: header and value. With FILE "
               "it also writes both there, as they are in the TDB file. KEY is text, or 0x and "
               "hexadecimal digits. Needs no daemon.",
       .examples = {{"ctdb tfetch /var/lib/ctdb/persistent/registry.tdb.0 colour",
                     "dmaster: 0\nrsn: 3\nflags: 0x00000000\ndata(4) = \"blue\""}},
       .scope = Scope::kNoDaemon,
       .arguments_min = 2,
       .arguments_max = 3,
       .json = false,
       .legacy = true,
       .handler = Fetch});
  rows.push_back(
      {.name = "tstore",
       .arguments = "TDB-FILE KEY VALUE [RSN [DMASTER [FLAGS]]]",
       .summary = "write a record to a TDB file of CTDB",
       .help = "Writes a record with a header to a TDB file of CTDB, which is there already; RSN, "
               "DMASTER and FLAGS are 0 unless they are given. KEY and VALUE are text, or 0x and "
               "hexadecimal digits. Needs no daemon. No program may use the file with mutexes.",
       .examples = {{"ctdb tstore registry.tdb.0 colour blue 4", ""}},
       .scope = Scope::kNoDaemon,
       .arguments_min = 3,
       .arguments_max = 6,
       .json = false,
       .legacy = true,
       .handler = Store});
  return rows;
}

}  // namespace ctdb::cli
