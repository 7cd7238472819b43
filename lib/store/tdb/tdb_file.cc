// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tdb/tdb_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <tdb.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"

namespace ctdb::store {
namespace {

// Only root: records are the business of whoever opens the database through its service (DB-14).
constexpr mode_t kFileMode = 0600;

// DB-21: after the header a mutex for all and one for each list, the list of free records first; in
// each the holder's thread number is the third word.
constexpr off_t kMutexesAt = 216;
constexpr off_t kMutexBytes = 40;
constexpr off_t kMutexOwnerAt = 8;

// DB-20: the header; in front of it the mutexes, if any. After it the offsets of the first record
// of each list, the list of free records first; 0: none.
constexpr off_t kMutexAreaBytesAt = 64;
constexpr off_t kHeaderBytes = 168;

TDB_DATA DataOf(absl::string_view bytes) {
  return {reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data())), bytes.size()};
}
absl::string_view ViewOf(TDB_DATA data) {
  return {reinterpret_cast<const char*>(data.dptr), data.dsize};
}

// libtdb locks the chain that a key hashes to. To lock one by its number, there is a key without
// bytes for each number; where it is said to lie is its hash. Records have no such keys.
TDB_DATA KeyOfChain(uint32_t chain) {
  return {reinterpret_cast<unsigned char*>(uintptr_t{chain}), 0};
}
unsigned int Hash(TDB_DATA* key) {
  if (key->dsize != 0) return tdb_jenkins_hash(key);
  return static_cast<unsigned int>(reinterpret_cast<uintptr_t>(key->dptr));
}

// libtdb tells some causes nowhere else.
void Ignore(tdb_context*, tdb_debug_level, const char*, ...) {}

}  // namespace

uint32_t UsableVolatileFlags() {
  static const bool has_mutexes = tdb_runtime_check_for_robust_mutexes();
  return has_mutexes ? kTdbVolatileFlags : kTdbVolatileFlags & ~kTdbMutexFlag;
}

absl::StatusOr<std::unique_ptr<TdbFile>> TdbFile::Open(const Options& options) {
  std::unique_ptr<TdbFile> file(new TdbFile(options));
  const int access = options.read_only ? O_RDONLY : O_RDWR;
  const tdb_logging_context logging = {Ignore, nullptr};
  // Whoever opens the file must find the hash that it takes from the flags.
  tdb_hash_func hash = (options.flags & kTdbJenkinsFlag) != 0 ? Hash : nullptr;
  file->tdb_ = tdb_open_ex(options.path.c_str(), options.hash_size, static_cast<int>(options.flags),
                           access | (options.create ? O_CREAT : 0), kFileMode, &logging, hash);
  if (file->tdb_ == nullptr) {
    if (errno == ENOENT || errno == ENOSPC || errno == EACCES) {
      return ErrnoStatus(errno, "open", options.path);
    }
    return absl::FailedPreconditionError(
        absl::StrCat("cannot open ", options.path, ": ", std::strerror(errno),
                     ": it is no TDB file, or not one that was made as this one has to be; move it "
                     "away, and a new one is made"));
  }
  file->chains_ = static_cast<uint32_t>(tdb_hash_size(file->tdb_));
  file->FindHeads();
  tdb_set_max_dead(file->tdb_, options.max_dead);
  return file;
}

TdbFile::~TdbFile() {
  if (tdb_ != nullptr) tdb_close(tdb_);
}

uint32_t TdbFile::ChainOf(absl::string_view key) const {
  TDB_DATA data = DataOf(key);
  return tdb_jenkins_hash(&data) % chains_;
}

uint64_t TdbFile::bytes() const {
  struct stat info = {};
  return ::fstat(tdb_fd(tdb_), &info) == 0 ? static_cast<uint64_t>(info.st_size) : 0;
}

absl::Status TdbFile::Error(absl::string_view what) const {
  const TDB_ERROR error = tdb_error(tdb_);
  const std::string text = absl::StrCat("cannot ", what, " ", path(), ": ", tdb_errorstr(tdb_));
  if (error == TDB_ERR_CORRUPT) {
    return absl::DataLossError(
        absl::StrCat(text, ": the file is damaged: stop what uses it, remove it, and start again"));
  }
  // Of a file that cannot grow libtdb says this or that, even that there was no error.
  if (error != TDB_ERR_LOCK && error != TDB_ERR_RDONLY && error != TDB_ERR_EINVAL) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "cannot ", what, " ", path(), ": the disk or memory is full, or the file has 4 GiB"));
  }
  return absl::InternalError(text);
}

absl::Status TdbFile::TryLockChain(uint32_t chain) {
  if (tdb_chainlock_nonblock(tdb_, KeyOfChain(chain)) == 0) return absl::OkStatus();
  return absl::DeadlineExceededError("");
}

void TdbFile::UnlockChain(uint32_t chain) { tdb_chainunlock(tdb_, KeyOfChain(chain)); }

absl::Status TdbFile::TryLockAll() {
  if (tdb_lockall_nonblock(tdb_) == 0) return absl::OkStatus();
  return absl::DeadlineExceededError(absl::StrCat("records of ", path(), " are locked"));
}

absl::Status TdbFile::LockAll() {
  return tdb_lockall(tdb_) == 0 ? absl::OkStatus() : Error("lock all of");
}

void TdbFile::UnlockAll() { tdb_unlockall(tdb_); }

pid_t TdbFile::HolderOf(uint32_t chain) const {
  if ((flags() & kTdbMutexFlag) == 0) return 0;
  const off_t at = kMutexesAt + (off_t{chain} + 1) * kMutexBytes + kMutexOwnerAt;
  int32_t owner = 0;
  return ::pread(tdb_fd(tdb_), &owner, sizeof(owner), at) == sizeof(owner) ? owner : 0;
}

pid_t TdbFile::FirstHolder() const {
  for (uint32_t chain = 0; chain < chains_; ++chain) {
    if (const pid_t holder = HolderOf(chain); holder != 0) return holder;
  }
  return 0;
}

void TdbFile::FindHeads() {
  uint32_t mutex_bytes = 0;
  const bool is_known =
      (flags() & kTdbMutexFlag) == 0 || ::pread(tdb_fd(tdb_), &mutex_bytes, sizeof(mutex_bytes),
                                                kMutexAreaBytesAt) == sizeof(mutex_bytes);
  if (is_known) heads_at_ = off_t{mutex_bytes} + kHeaderBytes;
}

std::vector<uint32_t> TdbFile::UsedChains(uint32_t from, uint32_t end) const {
  std::vector<uint32_t> firsts(end - from, 1);
  const auto size = static_cast<ssize_t>(firsts.size() * sizeof(uint32_t));
  const off_t at = heads_at_ + (off_t{from} + 1) * static_cast<off_t>(sizeof(uint32_t));
  if (heads_at_ == 0 ||
      ::pread(tdb_fd(tdb_), firsts.data(), static_cast<size_t>(size), at) != size) {
    firsts.assign(end - from, 1);
  }
  std::vector<uint32_t> used;
  for (uint32_t chain = from; chain < end; ++chain) {
    if (firsts[chain - from] != 0) used.push_back(chain);
  }
  return used;
}

absl::StatusOr<bool> TdbFile::Get(absl::string_view key, std::string& stored) {
  const auto copy = [](TDB_DATA, TDB_DATA data, void* to) {
    static_cast<std::string*>(to)->assign(reinterpret_cast<const char*>(data.dptr), data.dsize);
    return 0;
  };
  if (tdb_parse_record(tdb_, DataOf(key), copy, &stored) == 0) return true;
  if (tdb_error(tdb_) == TDB_ERR_NOEXIST) return false;
  return Error("read a record of");
}

absl::Status TdbFile::Replace(absl::string_view key, absl::string_view header,
                              absl::string_view value) {
  const TDB_DATA parts[] = {DataOf(header), DataOf(value)};
  if (tdb_storev(tdb_, DataOf(key), parts, 2, TDB_REPLACE) == 0) return absl::OkStatus();
  return Error("store a record in");
}

// libtdb removes what is there before it looks for room for what is longer. There is room to put
// that back.
absl::Status TdbFile::Put(absl::string_view key, absl::string_view header,
                          absl::string_view value) {
  std::string before;
  CTDB_ASSIGN_OR_RETURN(const bool existed, Get(key, before));
  const absl::Status stored = Replace(key, header, value);
  if (stored.ok() || !existed) return stored;
  const absl::Status restored = Replace(key, before, "");
  if (restored.ok()) return stored;
  return absl::DataLossError(absl::StrCat(
      stored.message(), "; what the record had could not be put back: ", restored.message()));
}

absl::Status TdbFile::Remove(absl::string_view key) {
  if (tdb_delete(tdb_, DataOf(key)) == 0 || tdb_error(tdb_) == TDB_ERR_NOEXIST) {
    return absl::OkStatus();
  }
  return Error("remove a record of");
}

absl::Status TdbFile::VisitChain(
    uint32_t chain, const std::function<void(absl::string_view, absl::string_view)>& visit) {
  using Visit = std::function<void(absl::string_view, absl::string_view)>;
  const auto call = [](tdb_context*, TDB_DATA key, TDB_DATA data, void* to) {
    (*static_cast<const Visit*>(to))(ViewOf(key), ViewOf(data));
    return 0;
  };
  if (tdb_traverse_chain(tdb_, chain, call, const_cast<Visit*>(&visit)) >= 0) {
    return absl::OkStatus();
  }
  return Error("read records of");
}

absl::Status TdbFile::Check() {
  if (tdb_check(tdb_, nullptr, nullptr) == 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path(), " is damaged"));
}

uint32_t TdbFile::flags() const { return static_cast<uint32_t>(tdb_get_flags(tdb_)); }
void TdbFile::EnableSequence() { tdb_enable_seqnum(tdb_); }
uint32_t TdbFile::Sequence() { return static_cast<uint32_t>(tdb_get_seqnum(tdb_)); }
void TdbFile::IncrementSequence() { tdb_increment_seqnum_nonblock(tdb_); }

absl::Status TdbFile::BeginTransaction() {
  return tdb_transaction_start(tdb_) == 0 ? absl::OkStatus() : Error("begin a transaction in");
}

absl::Status TdbFile::PrepareCommit() {
  return tdb_transaction_prepare_commit(tdb_) == 0 ? absl::OkStatus()
                                                   : Error("make room for a transaction in");
}

absl::Status TdbFile::Commit() {
  return tdb_transaction_commit(tdb_) == 0 ? absl::OkStatus() : Error("commit a transaction in");
}

void TdbFile::Cancel() { tdb_transaction_cancel(tdb_); }

}  // namespace ctdb::store
