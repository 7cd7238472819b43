// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/io/lmdb_reserve.h"

#include <algorithm>

#include "lib/store/io/file_space.h"

namespace ctdb::store {
namespace {

// Pages of the tree above what was put, and of the list of free pages.
constexpr uint64_t kTreeBytes = 256 * 1024;

}  // namespace

absl::Status LmdbReserve::Keep(const LmdbTransaction& txn, MDB_dbi dbi, uint64_t bytes) {
  MDB_envinfo info;
  MDB_stat stat;
  mdb_env_info(env_, &info);
  mdb_stat(txn.get(), dbi, &stat);
  const uint64_t content = LmdbPages(stat) * stat.ms_psize + kTreeBytes;
  if (content + kReserveBytes > info.me_mapsize) {
    return LmdbStatus(MDB_MAP_FULL, "write", path_, advice_);
  }
  const uint64_t file_end = (info.me_last_pgno + 1) * uint64_t{stat.ms_psize};
  const uint64_t wanted =
      std::min<uint64_t>(file_end + bytes + kTreeBytes + kReserveBytes, info.me_mapsize);
  if (wanted <= asked_for_ || content + kReserveBytes <= file_end) return absl::OkStatus();
  return AskFor(file_end, wanted, info.me_mapsize);
}

absl::Status LmdbReserve::AskFor(uint64_t begin, uint64_t end, uint64_t limit) {
  int fd;
  mdb_env_get_fd(env_, &fd);
  // In large steps, so that few transactions ask; if that is too much, what is needed.
  for (const uint64_t step : {kReserveBytes, uint64_t{0}}) {
    const uint64_t to = std::min(end + step, limit);
    const absl::Status status = AllocateFile(fd, begin, to - begin, path_);
    if (status.ok()) asked_for_ = to;
    if (status.ok() || step == 0) return status;
  }
  return absl::OkStatus();
}

}  // namespace ctdb::store
