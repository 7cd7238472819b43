// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// tdb_file: one open TDB file, through Debian's libtdb: chains and their locks, records, the lock
// of the whole file.
//
// Never open the same file twice in one process: the second one takes itself for the only one, and
// empties it (DB-16, DB-17).
//
//   Ownership:  the handle.
//   Threading:  not thread-safe. Who locks a chain or the whole file unlocks it, on the same
//               thread; other threads may use the records meanwhile.
//   Errors:     DeadlineExceeded: another process holds the lock. ResourceExhausted: the disk is
//               full or the file would grow beyond 4 GiB; the record is as before. DataLoss: the
//               file is damaged, or a record could be neither stored nor put back. NotFound: there
//               is no file. FailedPrecondition: it is no TDB file, or one that was made otherwise.
//   Blocking:   LockAll() waits for other processes without limit. Storing waits for whoever stores
//               in the same file at that moment, wherever it is stopped.
//   Limits:     the file has at most 4 GiB.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto file, TdbFile::Open({.path = path, .create = true}));
//   CTDB_RETURN_IF_ERROR(file->TryLockChain(file->ChainOf(key)));

#ifndef LIB_STORE_TDB_TDB_FILE_H_
#define LIB_STORE_TDB_TDB_FILE_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct tdb_context;

namespace ctdb::store {

// What Samba is told to open files with (section 1.5).
inline constexpr uint32_t kTdbVolatileFlags = 0x1C41;
inline constexpr uint32_t kTdbPersistentFlags = 0x400;
inline constexpr uint32_t kTdbSequenceFlag = 0x80;
inline constexpr uint32_t kTdbNoSyncFlag = 0x40;
inline constexpr uint32_t kTdbJenkinsFlag = 0x800;
inline constexpr uint32_t kTdbMutexFlag = 0x1000;

// `kTdbVolatileFlags`, without mutexes where this system has no robust ones.
uint32_t UsableVolatileFlags();

class TdbFile {
 public:
  struct Options {
    std::string path;
    uint32_t flags = kTdbVolatileFlags;
    int hash_size = 100001;  // Of a new file (DB-15).
    int max_dead = 5;        // Removed records that a chain keeps for new ones.
    bool create = false;
    bool read_only = false;
  };

  static absl::StatusOr<std::unique_ptr<TdbFile>> Open(const Options& options);
  ~TdbFile();
  TdbFile(const TdbFile&) = delete;
  TdbFile& operator=(const TdbFile&) = delete;

  uint32_t chains() const { return chains_; }
  // This, and locks of chains: of files of the hash that volatile ones have.
  uint32_t ChainOf(absl::string_view key) const;
  uint64_t bytes() const;
  const std::string& path() const { return options_.path; }

  // At once, or not. They nest within one file, whatever the thread.
  absl::Status TryLockChain(uint32_t chain);
  void UnlockChain(uint32_t chain);
  absl::Status TryLockAll();
  absl::Status LockAll();
  void UnlockAll();
  // Process or thread that holds a chain; 0: nobody, or it cannot be told.
  pid_t HolderOf(uint32_t chain) const;
  // The first chain that somebody holds, and who; 0: none.
  pid_t FirstHolder() const;

  // Those of [from, end) that may have records, read all at once and without their locks: what was
  // stored by this process, or before this call, is in one of them.
  std::vector<uint32_t> UsedChains(uint32_t from, uint32_t end) const;

  // With the lock of the key's chain held. False: there is no such record.
  absl::StatusOr<bool> Get(absl::string_view key, std::string& stored);
  absl::Status Put(absl::string_view key, absl::string_view header, absl::string_view value);
  absl::Status Remove(absl::string_view key);
  // All records of a chain whose lock is held.
  absl::Status VisitChain(uint32_t chain,
                          const std::function<void(absl::string_view, absl::string_view)>& visit);

  // Reads all of it, with everything locked.
  absl::Status Check();

  uint32_t flags() const;
  void EnableSequence();
  uint32_t Sequence();
  void IncrementSequence();

  // Of files without mutexes: what is done between these is done with Commit(), or not at all.
  // After PrepareCommit() there is room for it.
  absl::Status BeginTransaction();
  absl::Status PrepareCommit();
  absl::Status Commit();
  void Cancel();

 private:
  explicit TdbFile(const Options& options) : options_(options) {}

  absl::Status Error(absl::string_view what) const;
  void FindHeads();
  absl::Status Replace(absl::string_view key, absl::string_view header, absl::string_view value);

  const Options options_;
  tdb_context* tdb_ = nullptr;
  uint32_t chains_ = 0;
  off_t heads_at_ = 0;  // Where the lists' first records are; 0: unknown.
};

}  // namespace ctdb::store

#endif  // LIB_STORE_TDB_TDB_FILE_H_
