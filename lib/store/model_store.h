// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// model_store: a database in memory, as simple as can be: what engines are compared with in tests,
// and what simulated nodes have.
//
//   Ownership:  the records.
//   Threading:  not thread-safe.
//   Errors:     those of record_store.h. A key that is locked already cannot be waited for, as
//               nobody else runs: DeadlineExceeded at once.
//   Blocking:   never.
//   Limits:     memory.
//
// Example:
//   ModelStore store([&] { return boottime_ns; });

#ifndef LIB_STORE_MODEL_STORE_H_
#define LIB_STORE_MODEL_STORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/store/record_store.h"

namespace ctdb::store {

class ModelStore final : public RecordStore {
 public:
  // What CLOCK_BOOTTIME is for it.
  explicit ModelStore(std::function<int64_t()> boottime_ns)
      : boottime_ns_(std::move(boottime_ns)) {}

  absl::StatusOr<bool> Read(absl::string_view key, RecordCopy& record) override;
  absl::StatusOr<std::vector<Record>> Next(Cursor& cursor, size_t bytes_max) override;
  absl::StatusOr<StoreStatistics> Statistics() override;
  absl::Status Wipe(absl::Duration wait) override;
  absl::Status Sync() override { return absl::OkStatus(); }
  void SetServeUntil(int64_t boottime_ns) override { serve_until_ = boottime_ns; }
  bool HasLease() const override { return boottime_ns_() < serve_until_; }
  void SetOwnedSince(Epoch epoch) override { owned_since_ = epoch; }
  Epoch OwnedSince() const override { return owned_since_; }
  void SetReadEpoch(Epoch epoch) override { read_epoch_ = epoch; }
  Epoch ReadEpoch() const override { return read_epoch_; }

 protected:
  absl::Status LockState(absl::string_view key, const LockOptions& options,
                         LockedRecord::State& state) override;
  absl::Status StoreLocked(LockedRecord::State& state, const RecordHeader& header,
                           absl::string_view value) override;
  absl::Status DeleteLocked(LockedRecord::State& state) override;
  void ClearFlagsLocked(LockedRecord::State& state, uint32_t flags) override;
  void UnlockLocked(LockedRecord::State& state) override;

 private:
  absl::Status CheckLease() const;

  const std::function<int64_t()> boottime_ns_;
  int64_t serve_until_ = 0;
  Epoch owned_since_;
  Epoch read_epoch_;
  std::map<std::string, RecordCopy> records_;
  std::set<std::string> locked_;
};

}  // namespace ctdb::store

#endif  // LIB_STORE_MODEL_STORE_H_
