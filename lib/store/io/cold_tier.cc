// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/cold_tier.h"

#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/store/io/file_space.h"
#include "lib/store/io/lmdb.h"
#include "lib/store/io/lmdb_reserve.h"
#include "lib/store/io/shared_lock.h"

namespace ctdb::store {
namespace {

constexpr unsigned int kReadersMax = 4096;

// Before the key and the value of each entry.
struct EntryHead {
  uint32_t owner;
  uint32_t flags;
  uint64_t epoch;
  uint64_t counter;
  uint32_t key_size;
  uint32_t unused;
};
static_assert(sizeof(EntryHead) == 32);

// The parts of an entry; false when it is none.
bool Split(absl::string_view entry, EntryHead& head, absl::string_view& key,
           absl::string_view& value) {
  if (entry.size() < sizeof(head)) return false;
  std::memcpy(&head, entry.data(), sizeof(head));
  if (entry.size() - sizeof(head) < head.key_size) return false;
  key = entry.substr(sizeof(head), head.key_size);
  value = entry.substr(sizeof(head) + head.key_size);
  return true;
}

constexpr LmdbAdvice kAdvice = {"its limit is reached; make the database anew with more",
                                "let the daemon make the database anew"};

}  // namespace

class ColdEnvironment {
 public:
  explicit ColdEnvironment(std::string path) : path_(std::move(path)) {}
  ColdEnvironment(const ColdEnvironment&) = delete;
  ColdEnvironment& operator=(const ColdEnvironment&) = delete;
  ~ColdEnvironment() {
    if (env_ != nullptr) mdb_env_close(env_);
  }

  // A file that others use has its full size from the beginning, so a shorter one was truncated.
  absl::Status Open(uint64_t content_bytes, bool is_used) {
    const uint64_t bytes = content_bytes + kReserveBytes;
    struct stat info;
    const bool exists = ::stat(path_.c_str(), &info) == 0;
    if (is_used && (!exists || static_cast<uint64_t>(info.st_size) < bytes)) {
      return absl::DataLossError(absl::StrCat(path_, exists ? " is truncated" : " is missing",
                                              "; let the daemon make the database anew"));
    }
    if (!is_used) CTDB_RETURN_IF_ERROR(AllocateLmdbLockFile(path_, kReadersMax));
    int result = mdb_env_create(&env_);
    if (result == MDB_SUCCESS) result = mdb_env_set_mapsize(env_, bytes);
    if (result == MDB_SUCCESS) result = mdb_env_set_maxreaders(env_, kReadersMax);
    const unsigned int flags =
        MDB_NOSUBDIR | MDB_NOTLS | MDB_NOSYNC | MDB_NOMETASYNC | MDB_NORDAHEAD | MDB_NOMEMINIT;
    const WithoutSizeSignal guard;
    if (result == MDB_SUCCESS) result = mdb_env_open(env_, path_.c_str(), flags, 0600);
    if (result == MDB_SUCCESS && !is_used) {
      int fd;
      mdb_env_get_fd(env_, &fd);
      CTDB_RETURN_IF_ERROR(SetFileSize(fd, bytes, path_));
    }
    LmdbTransaction txn;
    if (result == MDB_SUCCESS) result = txn.Begin(env_, is_used ? MDB_RDONLY : 0);
    if (result == MDB_SUCCESS) result = mdb_dbi_open(txn.get(), nullptr, 0, &dbi_);
    if (result == MDB_SUCCESS) result = txn.Commit();
    if (result == MDB_SUCCESS) reserve_.emplace(env_, path_, kAdvice);
    return LmdbStatus(result, "open", path_, kAdvice);
  }

  MDB_env* env() const { return env_; }
  LmdbReserve& reserve() { return *reserve_; }
  MDB_dbi dbi() const { return dbi_; }
  const std::string& path() const { return path_; }

  static absl::StatusOr<ColdEnvironment*> Share(const std::string& path, uint64_t bytes,
                                                bool is_used) {
    const std::lock_guard<std::mutex> lock(OpenMutex());
    std::unique_ptr<ColdEnvironment>& known = OpenOnes()[{::getpid(), path}];
    if (known == nullptr) {
      auto made = std::make_unique<ColdEnvironment>(path);
      CTDB_RETURN_IF_ERROR(made->Open(bytes, is_used));
      known = std::move(made);
    }
    ++known->users_;
    return known.get();
  }

  void Release() {
    const std::lock_guard<std::mutex> lock(OpenMutex());
    if (--users_ == 0) OpenOnes().erase({::getpid(), std::string(path_)});
  }

 private:
  // By process: a child of fork() must open it again, and leave its parent's alone.
  using Name = std::pair<pid_t, std::string>;
  // Never destroyed, since threads may outlive main().
  static std::mutex& OpenMutex() {
    static std::mutex& mutex = *new std::mutex;
    return mutex;
  }
  static std::map<Name, std::unique_ptr<ColdEnvironment>>& OpenOnes() {
    static auto& open = *new std::map<Name, std::unique_ptr<ColdEnvironment>>;
    return open;
  }

  const std::string path_;
  int users_ = 0;  // Under OpenMutex().
  MDB_env* env_ = nullptr;
  MDB_dbi dbi_ = 0;
  std::optional<LmdbReserve> reserve_;  // Once it is open.
};

ColdTier::ColdTier(const HotFile& file, uint32_t pid)
    : file_(file),
      pid_(pid),
      // Not the secret of the buckets: a second, independent hash.
      secret_{~file.header().hash_secret[0], file.header().hash_secret[1]} {}

ColdTier::~ColdTier() {
  if (environment_ != nullptr) environment_->Release();
}

absl::StatusOr<ColdEnvironment*> ColdTier::Environment() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (environment_ == nullptr) {
    CTDB_ASSIGN_OR_RETURN(environment_, ColdEnvironment::Share(
                                            file_.ColdPath(), file_.header().cold_bytes, IsUsed()));
  }
  return environment_;
}

std::string ColdTier::KeyOf(absl::string_view key) const {
  const uint64_t parts[2] = {SipHash13(secret_, key),
                             SipHash13({secret_.second, secret_.first}, key)};
  return std::string(reinterpret_cast<const char*>(parts), sizeof(parts));
}

absl::Status ColdTier::Write(const std::vector<ColdChange>& changes) {
  if (changes.empty()) return absl::OkStatus();
  SharedLock& lock = file_.header().cold_lock;
  CTDB_ASSIGN_OR_RETURN(const bool died, Acquire(lock, pid_, kColdWait, "the cold tier"));
  // LMDB has its own way with writers that died; nothing else is under this lock.
  if (died) MarkRepaired(lock);
  const absl::Status status = WriteLocked(changes);
  Release(lock);
  return status;
}

absl::Status ColdTier::WriteLocked(const std::vector<ColdChange>& changes) {
  CTDB_ASSIGN_OR_RETURN(ColdEnvironment * environment, Environment());
  file_.header().cold_used.store(1, std::memory_order_release);
  int dead;
  mdb_reader_check(environment->env(), &dead);
  const WithoutSizeSignal guard;
  LmdbTransaction txn;
  int result = txn.Begin(environment->env(), 0);
  uint64_t added = 0;
  for (auto change = changes.begin(); result == MDB_SUCCESS && change != changes.end(); ++change) {
    result = Apply(*change, txn, environment->dbi());
    if (change->remove || change->may_use_reserve) continue;
    added += sizeof(EntryHead) + change->key.size() + change->value.size();
  }
  if (result == MDB_SUCCESS && added != 0) {
    CTDB_RETURN_IF_ERROR(environment->reserve().Keep(txn, environment->dbi(), added));
  }
  if (result == MDB_SUCCESS) result = txn.Commit();
  return LmdbStatus(result, "write", environment->path(), kAdvice);
}

// LMDB's result.
int ColdTier::Apply(const ColdChange& change, LmdbTransaction& txn, unsigned int dbi) const {
  const std::string name = KeyOf(change.key);
  MDB_val key = LmdbView(name);
  if (change.remove) {
    const int result = mdb_del(txn.get(), dbi, &key, nullptr);
    return result == MDB_NOTFOUND ? MDB_SUCCESS : result;
  }
  const EntryHead head = {change.header.owner.value(),
                          change.header.flags,
                          change.header.epoch.value(),
                          change.header.counter,
                          static_cast<uint32_t>(change.key.size()),
                          0};
  MDB_val room = {sizeof(head) + change.key.size() + change.value.size(), nullptr};
  const int result = mdb_put(txn.get(), dbi, &key, &room, MDB_RESERVE);
  if (result != MDB_SUCCESS) return result;
  char* to = static_cast<char*>(room.mv_data);
  std::memcpy(to, &head, sizeof(head));
  std::memcpy(to + sizeof(head), change.key.data(), change.key.size());
  if (!change.value.empty()) {
    std::memcpy(to + sizeof(head) + change.key.size(), change.value.data(), change.value.size());
  }
  return result;
}

absl::StatusOr<bool> ColdTier::Get(absl::string_view key, RecordCopy& copy) {
  if (!IsUsed()) return false;
  CTDB_ASSIGN_OR_RETURN(ColdEnvironment * environment, Environment());
  LmdbTransaction txn;
  int result = txn.Begin(environment->env(), MDB_RDONLY);
  const std::string name = KeyOf(key);
  MDB_val wanted = LmdbView(name);
  MDB_val found;
  if (result == MDB_SUCCESS) result = mdb_get(txn.get(), environment->dbi(), &wanted, &found);
  if (result == MDB_NOTFOUND) return false;
  if (result != MDB_SUCCESS) return LmdbStatus(result, "read", environment->path(), kAdvice);
  EntryHead head;
  absl::string_view found_key, value;
  if (!Split(LmdbView(found), head, found_key, value) || found_key != key) {
    return absl::DataLossError(absl::StrCat(
        environment->path(), " is damaged (entry); let the daemon make the database anew"));
  }
  copy.header.owner = NodeNumber(head.owner);
  copy.header.flags = head.flags;
  copy.header.epoch = Epoch(head.epoch);
  copy.header.counter = head.counter;
  copy.value.assign(value.data(), value.size());
  return true;
}

absl::StatusOr<std::vector<std::string>> ColdTier::NextKeys(std::string& after, size_t bytes_max) {
  std::vector<std::string> keys;
  if (!IsUsed()) return keys;
  CTDB_ASSIGN_OR_RETURN(ColdEnvironment * environment, Environment());
  LmdbTransaction txn;
  int result = txn.Begin(environment->env(), MDB_RDONLY);
  MDB_cursor* cursor = nullptr;
  if (result == MDB_SUCCESS) result = mdb_cursor_open(txn.get(), environment->dbi(), &cursor);
  if (result != MDB_SUCCESS) return LmdbStatus(result, "read", environment->path(), kAdvice);
  const std::string begin = after;
  MDB_val key = LmdbView(begin);
  MDB_val entry;
  result = mdb_cursor_get(cursor, &key, &entry, begin.empty() ? MDB_FIRST : MDB_SET_RANGE);
  if (result == MDB_SUCCESS && LmdbView(key) == begin) {
    result = mdb_cursor_get(cursor, &key, &entry, MDB_NEXT);
  }
  for (size_t bytes = 0; result == MDB_SUCCESS && bytes < bytes_max;
       result = mdb_cursor_get(cursor, &key, &entry, MDB_NEXT)) {
    EntryHead head;
    absl::string_view found_key, value;
    if (Split(LmdbView(entry), head, found_key, value)) keys.emplace_back(found_key);
    bytes += entry.mv_size;
    after.assign(static_cast<const char*>(key.mv_data), key.mv_size);
  }
  mdb_cursor_close(cursor);
  if (result != MDB_SUCCESS && result != MDB_NOTFOUND) {
    return LmdbStatus(result, "read", environment->path(), kAdvice);
  }
  return keys;
}

absl::StatusOr<uint64_t> ColdTier::BytesInUse() {
  if (!IsUsed()) return 0u;
  CTDB_ASSIGN_OR_RETURN(ColdEnvironment * environment, Environment());
  MDB_envinfo info;
  MDB_stat stat;
  mdb_env_info(environment->env(), &info);
  mdb_env_stat(environment->env(), &stat);
  return (info.me_last_pgno + 1) * uint64_t{stat.ms_psize};
}

absl::Status ColdTier::Sync() {
  if (!IsUsed()) return absl::OkStatus();
  CTDB_ASSIGN_OR_RETURN(ColdEnvironment * environment, Environment());
  return LmdbStatus(mdb_env_sync(environment->env(), 1), "sync", environment->path(), kAdvice);
}

}  // namespace ctdb::store
