// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/lmdb.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/io/unique_fd.h"
#include "lib/store/io/file_space.h"

namespace ctdb::store {

absl::Status LmdbStatus(int result, absl::string_view action, const std::string& path,
                        const LmdbAdvice& advice) {
  const std::string begin = absl::StrCat("cannot ", action, " ", path, ": ");
  const std::string text = absl::StrCat(begin, mdb_strerror(result));
  switch (result) {
    case MDB_SUCCESS:
      return absl::OkStatus();
    case MDB_MAP_FULL:
      return absl::ResourceExhaustedError(absl::StrCat(begin, advice.when_full));
    case EIO:  // LMDB's word for a write that was cut short.
      return absl::ResourceExhaustedError(
          absl::StrCat(begin, "its file system is full or failing; free some space"));
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case MDB_READERS_FULL:
      return absl::ResourceExhaustedError(text);
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_PANIC:
      return absl::DataLossError(absl::StrCat(text, "; ", advice.when_damaged));
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(text);
    default:
      return absl::InternalError(text);
  }
}

absl::Status AllocateLmdbLockFile(const std::string& path, unsigned int readers_max) {
  // What LMDB maps: 64 bytes for each reader and its own.
  const uint64_t bytes = (uint64_t{readers_max} + 16) * 64;
  const std::string lock_path = path + "-lock";
  const UniqueFd fd(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.is_open()) return ErrnoStatus(errno, "create", lock_path);
  return AllocateFile(fd.get(), 0, bytes, lock_path);
}

int LmdbTransaction::Begin(MDB_env* env, unsigned int flags) {
  int result = mdb_txn_begin(env, nullptr, flags, &txn_);
  if (result == MDB_READERS_FULL) {
    int dead;
    mdb_reader_check(env, &dead);
    result = mdb_txn_begin(env, nullptr, flags, &txn_);
  }
  if (result != MDB_SUCCESS) txn_ = nullptr;
  return result;
}

int LmdbCursor::Get(absl::string_view& key, absl::string_view& value, MDB_cursor_op operation) {
  MDB_val found_key = LmdbView(key);
  MDB_val found_value = LmdbView(value);
  const int result = mdb_cursor_get(cursor_, &found_key, &found_value, operation);
  if (result == MDB_SUCCESS) {
    key = LmdbView(found_key);
    value = LmdbView(found_value);
  }
  return result;
}

}  // namespace ctdb::store
