// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tdb/frozen_tdb.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/status_macros.h"
#include "lib/store/tdb/tdb_header.h"
#include "lib/store/tdb/tdb_user.h"

namespace ctdb::store {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(1);

}  // namespace

absl::StatusOr<std::unique_ptr<FrozenTdb>> FrozenTdb::Freeze(const std::string& path,
                                                             absl::Time deadline) {
  CTDB_ASSIGN_OR_RETURN(const pid_t user, UserOfTdb(path));
  if (user == 0) return nullptr;
  CTDB_ASSIGN_OR_RETURN(std::unique_ptr<TdbFile> file,
                        TdbFile::Open({.path = path, .flags = UsableVolatileFlags()}));
  while (!file->TryLockAll().ok()) {
    if (absl::Now() >= deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("process or thread ", file->FirstHolder(), " holds a record of ", path));
    }
    absl::SleepFor(kPause);
  }
  return std::unique_ptr<FrozenTdb>(new FrozenTdb(std::move(file)));
}

FrozenTdb::~FrozenTdb() { file_->UnlockAll(); }

absl::Status FrozenTdb::Disown(NodeNumber local) {
  for (const uint32_t chain : file_->UsedChains(0, file_->chains())) {
    std::vector<std::pair<std::string, std::string>> owned;
    CTDB_RETURN_IF_ERROR(
        file_->VisitChain(chain, [&](absl::string_view key, absl::string_view stored) {
          const std::optional<RecordHeader> header = DecodeTdbHeader(stored);
          if (header.has_value() && header->owner == local) owned.emplace_back(key, stored);
        }));
    for (const auto& [key, stored] : owned) {
      RecordHeader header = *DecodeTdbHeader(stored);
      header.owner = kTdbNobody;
      CTDB_ASSIGN_OR_RETURN(const TdbHeaderBytes bytes, EncodeTdbHeader(header));
      CTDB_RETURN_IF_ERROR(file_->Put(key, {bytes.data(), bytes.size()},
                                      absl::string_view(stored).substr(kTdbHeaderBytes)));
    }
  }
  return absl::OkStatus();
}

}  // namespace ctdb::store
