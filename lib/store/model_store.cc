// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/model_store.h"

#include <memory>

#include "lib/base/status_macros.h"

namespace ctdb::store {

absl::Status ModelStore::CheckLease() const {
  if (boottime_ns_() < serve_until_) return absl::OkStatus();
  return absl::UnavailableError("this node may not serve now: its lease has passed");
}

absl::Status ModelStore::LockState(absl::string_view key, const LockOptions& options,
                                   LockedRecord::State& state) {
  CTDB_RETURN_IF_ERROR(CheckKey(key));
  if (options.need_lease) CTDB_RETURN_IF_ERROR(CheckLease());
  std::string name(key.data(), key.size());
  if (!locked_.insert(name).second) {
    return absl::DeadlineExceededError("cannot lock the record: held by this process");
  }
  state.key = key;
  state.OwnKey();
  state.need_lease = options.need_lease;
  const auto found = records_.find(name);
  if (found != records_.end()) {
    state.exists = true;
    state.header = found->second.header;
    state.value = found->second.value;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ModelStore::Read(absl::string_view key, RecordCopy& record) {
  CTDB_RETURN_IF_ERROR(CheckKey(key));
  const auto found = records_.find(std::string(key.data(), key.size()));
  if (found == records_.end()) return false;
  record = found->second;
  return true;
}

absl::StatusOr<std::vector<Record>> ModelStore::Next(Cursor& cursor, size_t bytes_max) {
  std::vector<Record> records;
  size_t bytes = 0;
  auto at = records_.upper_bound(cursor.after);
  for (; at != records_.end() && (bytes < bytes_max || records.empty()); ++at) {
    bytes += at->first.size() + at->second.value.size();
    records.push_back({at->first, at->second});
  }
  if (!records.empty()) cursor.after = records.back().key;
  cursor.done = at == records_.end();
  return records;
}

absl::StatusOr<StoreStatistics> ModelStore::Statistics() {
  StoreStatistics statistics;
  statistics.records = records_.size();
  statistics.serve_until = serve_until_;
  statistics.owned_since = owned_since_;
  return statistics;
}

absl::Status ModelStore::Wipe(absl::Duration wait) {
  if (!locked_.empty()) {
    return absl::DeadlineExceededError("cannot lock the record: held by this process");
  }
  records_.clear();
  return absl::OkStatus();
}

absl::Status ModelStore::StoreLocked(LockedRecord::State& state, const RecordHeader& header,
                                     absl::string_view value) {
  CTDB_RETURN_IF_ERROR(CheckValue(value));
  if (state.need_lease) CTDB_RETURN_IF_ERROR(CheckLease());
  RecordCopy copy = {header, std::string(value.data(), value.size())};
  RecordCopy& record = records_[std::string(state.key.data(), state.key.size())];
  record = std::move(copy);
  state.exists = true;
  state.header = record.header;
  state.value = record.value;
  return absl::OkStatus();
}

absl::Status ModelStore::DeleteLocked(LockedRecord::State& state) {
  if (state.need_lease) CTDB_RETURN_IF_ERROR(CheckLease());
  records_.erase(std::string(state.key.data(), state.key.size()));
  state.exists = false;
  state.header = {};
  state.value = {};
  return absl::OkStatus();
}

void ModelStore::ClearFlagsLocked(LockedRecord::State& state, uint32_t flags) {
  state.header.flags &= ~flags;
  const auto found = records_.find(std::string(state.key.data(), state.key.size()));
  if (found != records_.end()) found->second.header.flags &= ~flags;
}

void ModelStore::UnlockLocked(LockedRecord::State& state) {
  locked_.erase(std::string(state.key.data(), state.key.size()));
}

}  // namespace ctdb::store
