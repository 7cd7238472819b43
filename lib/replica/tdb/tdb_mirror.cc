// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/tdb/tdb_mirror.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/store/tdb/tdb_header.h"

namespace ctdb::replica {
namespace {

absl::Status MoveAside(const std::string& path) {
  const std::string aside = absl::StrCat(
      path, ".aside.", absl::FormatTime("%Y%m%d%H%M%SZ", absl::Now(), absl::UTCTimeZone()));
  if (::rename(path.c_str(), aside.c_str()) == 0 || errno == ENOENT) return absl::OkStatus();
  return ErrnoStatus(errno, "move aside", path);
}

}  // namespace

absl::StatusOr<std::shared_ptr<TdbMirror>> TdbMirror::Open(const MirrorPlace& place,
                                                           int hash_size) {
  store::TdbFile::Options options = {.path = place.path,
                                     .flags = store::kTdbPersistentFlags | store::kTdbNoSyncFlag,
                                     .hash_size = hash_size};
  if (place.is_new) CTDB_RETURN_IF_ERROR(MoveAside(place.path));
  // libtdb, told to create a file, empties one that is none of its own.
  options.create = ::access(place.path.c_str(), F_OK) != 0;
  absl::StatusOr<std::unique_ptr<store::TdbFile>> file = store::TdbFile::Open(options);
  const absl::Status state = file.ok() ? (*file)->Check() : file.status();
  if (absl::IsDataLoss(state) || absl::IsFailedPrecondition(state)) {
    file = absl::StatusOr<std::unique_ptr<store::TdbFile>>();  // Closed before it is moved.
    CTDB_RETURN_IF_ERROR(MoveAside(place.path));
    options.create = true;
    file = store::TdbFile::Open(options);
  }
  CTDB_RETURN_IF_ERROR(file.status());
  return std::shared_ptr<TdbMirror>(new TdbMirror(place.local, *std::move(file)));
}

absl::Status TdbMirror::Begin() { return file_->BeginTransaction(); }

// What is as it should be is left alone, so that a file that was compared is not written anew.
absl::Status TdbMirror::Put(absl::string_view key, absl::string_view value, uint64_t sequence) {
  const store::TdbHeaderBytes header = store::PlainTdbHeader(sequence, local_);
  const absl::string_view head(header.data(), header.size());
  std::string stored;
  CTDB_ASSIGN_OR_RETURN(const bool exists, file_->Get(key, stored));
  if (exists && stored == absl::StrCat(head, value)) return absl::OkStatus();
  return file_->Put(key, head, value);
}

absl::Status TdbMirror::Remove(absl::string_view key) { return file_->Remove(key); }

absl::Status TdbMirror::Keep(const std::function<absl::StatusOr<bool>(absl::string_view)>& keeps) {
  std::vector<std::string> keys;
  for (uint32_t chain = 0; chain < file_->chains(); ++chain) {
    CTDB_RETURN_IF_ERROR(file_->VisitChain(
        chain, [&](absl::string_view key, absl::string_view) { keys.emplace_back(key); }));
  }
  for (const std::string& key : keys) {
    CTDB_ASSIGN_OR_RETURN(const bool is_kept, keeps(key));
    if (!is_kept) CTDB_RETURN_IF_ERROR(file_->Remove(key));
  }
  return absl::OkStatus();
}

absl::Status TdbMirror::PrepareCommit() { return file_->PrepareCommit(); }
absl::Status TdbMirror::Commit() { return file_->Commit(); }
void TdbMirror::Cancel() { file_->Cancel(); }

void TdbMirror::EnableSequence() {
  file_->EnableSequence();
  open_flags_ = store::kTdbPersistentFlags | store::kTdbSequenceFlag;
}

OpenMirror TdbMirrorOpener(int hash_size) {
  return [hash_size](const MirrorPlace& place) -> absl::StatusOr<std::shared_ptr<Mirror>> {
    CTDB_ASSIGN_OR_RETURN(std::shared_ptr<TdbMirror> mirror, TdbMirror::Open(place, hash_size));
    return std::shared_ptr<Mirror>(std::move(mirror));
  };
}

}  // namespace ctdb::replica
