// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// replica_file: one node's copy of one database in a file; replica_format.h says what is in it.
//
// Each change is one transaction of LMDB, or a block of a journal: a node that stops at any moment
// finds the copy as it was before it or after it. A block takes one sync and LMDB several, so usual
// changes go to the journal, stay in memory for readers, and LMDB takes many at once. Opening reads
// and checks all of the file. A damaged one is moved aside, to <path>.corrupted.<UTC time>, and an
// empty one takes its place, which remembers the damage until it is filled from another node: a
// copy never becomes empty without a word.
//
// The map has its full size from the beginning. That takes addresses only; the file has what is in
// use. What is deleted is used again, and never given back to the file system.
//
//   Ownership:  the file, which nobody else may open meanwhile: a lock says so.
//   Threading:  thread-safe. One Apply() at a time runs; reads run beside it and show what is done.
//   Errors:     ResourceExhausted: the limit or the file system is full; nothing was done.
//               The same of the mirror, whose last step may also fail when all else is done.
//               DataLoss: damaged. FailedPrecondition: another database's file, in use by another
//               process, or what is to be applied does not fit. InvalidArgument: a key beyond the
//               limits. Otherwise the system's reason.
//   Blocking:   Open(), Check(), CopyTo(): for all of the file. Apply(): for the disk. Others:
//               for pages that are not in memory.
//   Limits:     map_bytes_max. An Adopt() of much takes that much memory if it is not from scratch;
//               filling a copy takes as much again in the file. Files moved aside are kept. Who
//               truncates the file while it is open ends the process. Damage of nothing but the
//               number of LMDB's last transaction may open the copy one change earlier. What gets
//               damaged while it is open is only moved aside when it is opened again. Not over
//               fork().
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(ReplicaFile::Opened opened, ReplicaFile::Open({.path = path, ...}));
//   Replica replica(options, *opened.file, std::move(opened.copy));
//   absl::Status status = opened.file->Apply(store);  // On a thread that may wait.

#ifndef LIB_REPLICA_IO_REPLICA_FILE_H_
#define LIB_REPLICA_IO_REPLICA_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/base/io/unique_fd.h"
#include "lib/database/messages.h"
#include "lib/replica/io/journal.h"
#include "lib/replica/io/mirror.h"
#include "lib/replica/io/overlay.h"
#include "lib/replica/io/replica_tables.h"
#include "lib/replica/reader.h"
#include "lib/replica/replica.h"

namespace ctdb::replica {

class ReplicaFile : public ReplicaReader {
 public:
  struct Options {
    // Its directory exists. <path>-lock, <path>-journal and <path>.new are this one's, too.
    std::string path;
    database::DatabaseId database;
    std::string name;                             // Of the database.
    uint64_t map_bytes_max = uint64_t{16} << 30;  // How large the file may become.
    bool is_durable = true;  // Otherwise it starts empty, and nothing waits for the disk.
    std::shared_ptr<Mirror> mirror = nullptr;  // None: nobody else reads it.
    uint64_t log_bytes_max = 0;                // 0: what suits the disk.
  };
  struct Opened;
  static absl::StatusOr<Opened> Open(const Options& options);
  // As Flush().
  ~ReplicaFile() override;

  absl::StatusOr<std::optional<RecordInfo>> Find(absl::string_view key) const override;
  absl::StatusOr<std::optional<uint64_t>> ValueBytes(absl::string_view key) const override;
  absl::StatusOr<Page> Scan(uint32_t slot, absl::string_view after,
                            const PageOptions& options) const override;
  absl::StatusOr<std::vector<Entry>> ReadLog(Position after, size_t bytes_max) const override;

  // After an error nothing of it was done.
  absl::Status Apply(const Replica::Output::Store& store);
  // Brings what is in the journal into LMDB, for when there is time. May be done by any thread.
  absl::Status Flush();

  struct Found {
    Position version;
    std::string value;
    friend bool operator==(const Found&, const Found&) = default;
  };
  // Nothing: there is no such record.
  absl::StatusOr<std::optional<Found>> Get(absl::string_view key) const;

  // How much the copy may still grow, in bytes. When that is little it has the file system give it
  // what is kept in reserve (limits.h), as far as there is any.
  uint64_t TakeRoom();

  // All records, page by page: those that stay as they are come once each.
  struct Cursor {
    uint32_t slot = 0;
    std::string after;
  };
  absl::StatusOr<Page> Next(Cursor& cursor, const PageOptions& options) const;

  struct Statistics {
    uint64_t records = 0;
    uint64_t record_bytes = 0;  // Of the pages that they take.
    uint64_t file_bytes = 0;
    uint64_t file_bytes_max = 0;
    Position position;
  };
  absl::StatusOr<Statistics> GetStatistics() const;
  // How large the file is; the largest number: that cannot be told. Cheap.
  uint64_t bytes() const;

  // All records as they are now, page by page. While it is there no page that it sees is used
  // again: the file grows with what is written. It must be gone before the file is.
  class Snapshot;
  absl::StatusOr<std::unique_ptr<Snapshot>> TakeSnapshot() const;

  // To a new file without free pages, as of now, that may be opened as this one. On the disk when
  // it is done.
  absl::Status CopyTo(const std::string& path);

  // Counts everything anew that is in LMDB now: Flush() before.
  absl::Status Check() const;

 private:
  // What was staged, until it is adopted.
  enum class Staging { kNone, kChanges, kFromScratch };

  ReplicaFile(const Options& options, std::unique_ptr<Tables> tables, UniqueFd lock, Meta meta,
              LogIndex log)
      : options_(options),
        lock_(std::move(lock)),
        tables_(std::move(tables)),
        meta_(std::move(meta)),
        log_(std::move(log)) {}

  static absl::StatusOr<Opened> TryOpen(const Options& options, UniqueFd& lock, Contents& contents);
  absl::StatusOr<std::optional<RecordView>> Look(store::LmdbTransaction& txn, absl::string_view key,
                                                 const std::string& name) const;
  absl::StatusOr<Page> Read(uint32_t slot, absl::string_view after, const PageOptions& options,
                            bool is_one_slot, Cursor* end) const;
  absl::StatusOr<Page> ReadIn(const store::LmdbTransaction& txn, const Overlay::Items& items,
                              Cursor begin, const PageOptions& options, bool is_one_slot,
                              Cursor* end) const;

  absl::Status OpenJournal(Replica::Copy& copy);
  static Position JournalEnd(const Options& options);
  uint64_t RoomAhead() const;
  uint64_t FreeInside() const;
  bool IsForJournal(const Replica::Output::Append& append) const;
  absl::Status WriteJournal(const Replica::Output::Store& store);
  absl::Status BringIn();
  absl::Status LeaveJournal();

  absl::Status Do(const store::LmdbTransaction& txn, const Replica::Output::Append& append,
                  Meta& meta);
  absl::Status Do(const store::LmdbTransaction& txn, const Replica::Output::AppendBody& append,
                  Meta& meta);
  absl::Status Do(const store::LmdbTransaction& txn, const Replica::Output::Stage& stage,
                  Meta& meta);
  absl::Status Do(const store::LmdbTransaction& txn, const Replica::Output::Adopt& adopt,
                  Meta& meta);
  absl::Status CheckFollows(Position position, const Meta& meta) const;
  absl::Status DoWrite(const store::LmdbTransaction& txn, Position position,
                       const store::BodyWrite& write, Digests& digests);
  absl::Status ClearStaged(const store::LmdbTransaction& txn);
  absl::Status AdoptChanges(const store::LmdbTransaction& txn);
  absl::Status TrimLog(const store::LmdbTransaction& txn);
  absl::StatusOr<std::optional<std::string>> NextInLog(const store::LmdbTransaction& txn,
                                                       Position behind, Position until,
                                                       absl::string_view& bytes) const;
  absl::Status ForgetTokens(const store::LmdbTransaction& txn);
  absl::Status ForgetEntries(const store::LmdbTransaction& txn);
  absl::Status PutRecord(const store::LmdbTransaction& txn, MDB_dbi dbi, absl::string_view key,
                         Position version, absl::string_view value, bool is_staged);
  absl::Status PutDigest(const store::LmdbTransaction& txn, uint32_t slot, const Digest& digest);
  void Remember(const Replica::Output::Store& store);
  absl::Status PrepareMirror(const store::LmdbTransaction& txn,
                             const Replica::Output::Store& store);
  absl::Status FillMirror(const store::LmdbTransaction& txn);
  absl::Status Reflect(const Replica::Output::Append& append);
  absl::Status Reflect(const Replica::Output::AppendBody& append);
  absl::Status CommitMirror();
  absl::Status MakeMirrorEqual();

  const Options options_;
  const UniqueFd lock_;
  const std::unique_ptr<Tables> tables_;

  // As they were committed. Under mutex_.
  std::mutex mutex_;
  Meta meta_;
  LogIndex log_;
  Position log_without_entries_until_;  // In the tables. Of what is before there are tokens.
  Staging staging_ = Staging::kNone;
  std::unique_ptr<Journal> journal_;
  // Of the journal. Changed under both locks; readers have overlay_mutex_ only.
  Overlay overlay_;
  mutable std::mutex overlay_mutex_;
  uint64_t reserved_until_ = 0;   // The file system has given the file its space before this.
  bool is_mirror_wrong_ = false;  // Not what was committed, for want of a disk that works.
};

// One thread at a time.
class ReplicaFile::Snapshot {
 public:
  Position position() const { return position_; }
  absl::StatusOr<Page> Next(const PageOptions& options);

 private:
  friend class ReplicaFile;
  explicit Snapshot(const ReplicaFile& file) : file_(file) {}

  const ReplicaFile& file_;
  store::LmdbTransaction txn_;
  Overlay overlay_;
  Position position_;
  Cursor cursor_;
};

struct ReplicaFile::Opened {
  std::unique_ptr<ReplicaFile> file;
  Replica::Copy copy;
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_IO_REPLICA_FILE_H_
