// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// backupdb, db backup, dumpdbbackup: databases into files, and what is in them.

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/database_records.h"
#include "cli/commands/groups.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/render/database.h"
#include "cli/render/json.h"
#include "cli/render/text.h"
#include "lib/backup/io/backup_file.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/protocol/bytes_text.h"

namespace ctdb::cli {
namespace {

// Of a volatile database, whose members may change while it is read.
constexpr int kAttemptsMax = 3;
constexpr absl::string_view kSuffix = ".backup";

struct Written {
  backup::Header header;
  uint64_t records = 0;
  std::string path;
};

absl::StatusOr<Written> WriteOnce(Context& context, const DatabaseEntry& entry,
                                  const std::string& path) {
  DatabaseRecords records(context, entry);
  Written written;
  written.path = path;
  CTDB_ASSIGN_OR_RETURN(written.header, records.Begin());
  if (records.is_half_restored()) {
    return absl::FailedPreconditionError(
        absl::StrCat("a restore of database ", entry.name,
                     " has not ended: it is neither what it was nor what it is to be; restore it "
                     "again first"));
  }
  const auto writer = backup::BackupWriter::Create(path, written.header);
  if (!writer.ok()) {
    return Failure(context, writer.status(),
                   absl::StrCat("Failed to open file ", Printable(path), " for writing"));
  }
  absl::Status write_status;
  Progress progress(context, absl::StrCat("backing up ", entry.name));
  const absl::Status status = records.ForEach([&](absl::string_view key, absl::string_view value) {
    CTDB_RETURN_IF_ERROR(progress.Step());
    write_status = (*writer)->Add(key, value);
    return write_status;
  });
  if (status.ok()) write_status = (*writer)->Finish();
  if (!write_status.ok()) {
    return Failure(context, write_status, "Failed to write records to backup file");
  }
  CTDB_RETURN_IF_ERROR(status);
  written.records = (*writer)->records();
  return written;
}

absl::StatusOr<Written> Write(Context& context, const DatabaseEntry& entry,
                              const std::string& path) {
  absl::StatusOr<Written> written = WriteOnce(context, entry, path);
  for (int attempt = 1; attempt < kAttemptsMax && absl::IsUnavailable(written.status());
       ++attempt) {
    written = WriteOnce(context, entry, path);
  }
  return written;
}

void PrintJson(Context& context, const std::vector<Written>& all) {
  JsonWriter json;
  json.BeginObject();
  json.Key("backups");
  json.BeginArray();
  for (const Written& written : all) {
    json.BeginObject();
    json.Key("database").String(written.header.name);
    json.Key("kind").String(backup::KindName(written.header.kind));
    json.Key("file").String(written.path);
    json.Key("records").Integer(written.records);
    json.Key("epoch").Integer(written.header.epoch);
    json.Key("sequence").Integer(written.header.sequence);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  context.Out(absl::StrCat(json.Take(), "\n"));
}

absl::StatusOr<int> BackupDb(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry entry, FindHere(context, context.argument(0)));
  const auto written = Write(context, entry, context.argument(1));
  if (!written.ok()) {
    if (absl::StartsWith(written.status().message(), "Failed to ")) return written.status();
    return Failure(context, written.status(),
                   absl::StrCat("Failed to collect records from DB ", entry.name));
  }
  if (context.invocation().json) {
    PrintJson(context, {*written});
  } else {
    context.Out(absl::StrCat("Database backed up to ", Printable(context.argument(1)), "\n"));
  }
  return kExitOk;
}

// A directory that has its name when all files are in it.
class NewDirectory {
 public:
  static absl::StatusOr<NewDirectory> Make(const std::string& path) {
    struct stat info;
    if (::stat(path.c_str(), &info) == 0) {
      return absl::AlreadyExistsError(
          absl::StrCat("cannot make directory ", Printable(path), ": it is there already"));
    }
    NewDirectory directory(path);
    if (::mkdir(directory.temporary_.c_str(), 0700) != 0) {
      return ErrnoStatus(errno, "make directory", directory.temporary_);
    }
    return directory;
  }
  NewDirectory(NewDirectory&& other) noexcept
      : path_(other.path_),
        temporary_(std::exchange(other.temporary_, "")),
        files_(std::move(other.files_)) {}
  ~NewDirectory() {
    if (temporary_.empty()) return;
    for (const std::string& file : files_) ::unlink(file.c_str());
    ::rmdir(temporary_.c_str());
  }

  std::string AddFile(absl::string_view name) {
    return files_.emplace_back(absl::StrCat(temporary_, "/", name));
  }
  absl::Status Commit() {
    CTDB_RETURN_IF_ERROR(backup::SyncDirectoryOf(absl::StrCat(temporary_, "/")));
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
      return ErrnoStatus(errno, "make directory", path_);
    }
    temporary_.clear();
    return backup::SyncDirectoryOf(path_);
  }

 private:
  explicit NewDirectory(const std::string& path)
      : path_(path), temporary_(absl::StrCat(path, ".partial.", ::getpid())) {}

  std::string path_;
  std::string temporary_;
  std::vector<std::string> files_;
};

absl::StatusOr<int> BackupAll(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const auto databases, ListDatabases(context.session(), local));
  if (databases.empty()) {
    return absl::NotFoundError(absl::StrCat("node ", local.value(), " has no databases"));
  }
  std::string path = context.argument(0);
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  CTDB_ASSIGN_OR_RETURN(NewDirectory directory, NewDirectory::Make(path));
  std::vector<Written> all;
  for (const DatabaseEntry& entry : databases) {
    const std::string name = absl::StrCat(entry.name, kSuffix);
    auto written = Write(context, entry, directory.AddFile(name));
    if (!written.ok()) {
      return absl::Status(written.status().code(),
                          absl::StrCat("Failed to back up database ", entry.name, ": ",
                                       written.status().message(), "; nothing was kept"));
    }
    written->path = absl::StrCat(path, "/", name);
    all.push_back(std::move(*written));
  }
  CTDB_RETURN_IF_ERROR(directory.Commit());
  if (context.invocation().json) {
    PrintJson(context, all);
    return kExitOk;
  }
  Table table({{"Database", "Database"},
               {"Kind", "Kind"},
               {"Records", "Records", Align::kRight},
               {"Epoch", "Epoch", Align::kRight},
               {"Sequence", "Sequence", Align::kRight},
               {"File", "File"}});
  for (const Written& written : all) {
    table.AddRow({written.header.name, std::string(backup::KindName(written.header.kind)),
                  written.records, written.header.epoch, written.header.sequence, written.path});
  }
  context.Print(table);
  return kExitOk;
}

absl::StatusOr<int> DumpDbBackup(Context& context) {
  const std::string path = context.argument(0);
  absl::StatusOr<backup::BackupFile> file = backup::BackupFile::Open(path);
  if (!file.ok()) {
    return Failure(context, file.status(),
                   absl::StrCat("Failed to read db header from file ", Printable(path)));
  }
  context.Out(absl::StrCat(
      "Dumping database ", Printable(file->header().name), " from backup @ ",
      absl::FormatTime("%Y/%m/%d %H:%M:%S", file->header().time, context.environment().zone),
      "\n"));
  uint64_t count = 0;
  const absl::Status status = file->ForEach([&](absl::string_view key, absl::string_view value) {
    capnp::MallocMessageBuilder message;
    auto copy = message.initRoot<wire::RecordCopy>();
    copy.setKey(ToData(key));
    copy.setValue(ToData(value));
    context.Out(RecordText(copy, /*with_epoch=*/false));
    ++count;
    return absl::OkStatus();
  });
  if (!status.ok()) return Failure(context, status, "Failed to dump records");
  context.Out(absl::StrCat("Dumped ", count, " record(s)\n"));
  return kExitOk;
}

}  // namespace

std::vector<Command> BackupCommands() {
  return {
      {.name = "backupdb",
       .arguments = "DB FILE",
       .summary = "write a database to a file",
       .help =
           "Writes all records of a database of the cluster to a file, with checksums. Programs "
           "may go on. Of a persistent or replicated database the file has what there was "
           "after one of its transactions; of a volatile one each record as it was at some "
           "moment meanwhile. The file gets its name when it is whole and on the disk: until "
           "then, and when it fails or is interrupted, an older file of that name stays. "
           "\"ctdb restoredb\" brings it back, \"ctdb dumpdbbackup\" shows it.",
       .examples = {{"ctdb backupdb registry.tdb /backup/registry",
                     "Database backed up to /backup/registry"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 2,
       .arguments_max = 2,
       .legacy = true,
       .handler = BackupDb},
      {.name = "db backup",
       .arguments = "DIRECTORY",
       .summary = "write all databases to a new directory",
       .help = "Writes all databases of the cluster to files in a new directory, NAME.backup each, "
               "as \"ctdb backupdb\" does. Each of them is as it was at one position, one database "
               "a little later than the other. The directory gets its name when all of them are "
               "there; when one fails, there is none.",
       .examples = {{"ctdb db backup /backup/monday",
                     "Database      Kind        Records  Epoch  Sequence  File\n"
                     "registry.tdb  persistent      120      7      4711  "
                     "/backup/monday/registry.tdb.backup"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 1,
       .arguments_max = 1,
       .machine = true,
       .handler = BackupAll},
      {.name = "dumpdbbackup",
       .arguments = "FILE",
       .summary = "show what is in a backup",
       .help = "Prints the records of a backup in the form of \"ctdb catdb\". Needs no daemon. "
               "Backups of the older tool can be shown, too. dmaster and rsn are 0: a backup has "
               "keys and values only. A file that is damaged is shown as far as it is good, and "
               "the exit code is 1.",
       .examples = {{"ctdb dumpdbbackup /backup/registry",
                     "Dumping database registry.tdb from backup @ 2031/05/04 10:11:12\n"
                     "key(6) = \"colour\"\n"
                     "dmaster: 0\n"
                     "rsn: 0\n"
                     "flags: 0x00000000\n"
                     "data(4) = \"blue\"\n"
                     "\n"
                     "Dumped 1 record(s)"}},
       .scope = Scope::kNoDaemon,
       .arguments_min = 1,
       .arguments_max = 1,
       .json = false,
       .legacy = true,
       .handler = DumpDbBackup},
  };
}

}  // namespace ctdb::cli
