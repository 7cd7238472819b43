// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/snapshot_server.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status_kj.h"
#include "lib/protocol/bytes_text.h"

namespace ctdb::daemon {

class Snapshots::Server final : public wire::Snapshot::Server {
 public:
  Server(kj::Timer& timer, std::unique_ptr<database::ReplicatedDatabase::Snapshot> snapshot,
         std::shared_ptr<int> count)
      : timer_(timer),
        end_(timer.now() + kAge),
        snapshot_(std::move(snapshot)),
        count_(std::move(count)) {
    ++*count_;
    Await();
  }
  ~Server() noexcept { End(); }

  kj::Promise<void> next(NextContext context) override {
    if (snapshot_ == nullptr) {
      return ToException(absl::UnavailableError(
          "the snapshot of the database has ended: nobody asked for its next records for a while; "
          "begin again"));
    }
    Await();
    std::vector<database::ReplicatedDatabase::Snapshot::Record> records;
    const absl::StatusOr<bool> goes_on = snapshot_->Next(records);
    if (!goes_on.ok()) return ToException(goes_on.status());
    auto results = context.getResults();
    results.setLast(!*goes_on);
    auto list = results.initRecords(static_cast<uint32_t>(records.size()));
    for (uint32_t i = 0; i < list.size(); ++i) {
      list[i].setKey(ToData(records[i].first));
      list[i].setValue(ToData(records[i].second));
    }
    return kj::READY_NOW;
  }

 private:
  void Await() {
    idle_ = timer_.atTime(std::min(timer_.now() + kIdle, end_))
                .then([this] { End(); })
                .eagerlyEvaluate(nullptr);
  }
  void End() {
    if (snapshot_ == nullptr) return;
    snapshot_.reset();
    --*count_;
  }

  kj::Timer& timer_;
  const kj::TimePoint end_;
  std::unique_ptr<database::ReplicatedDatabase::Snapshot> snapshot_;
  const std::shared_ptr<int> count_;
  kj::Promise<void> idle_ = nullptr;
};

absl::StatusOr<wire::Snapshot::Client> Snapshots::Make(
    std::unique_ptr<database::ReplicatedDatabase::Snapshot> snapshot) {
  if (*count_ >= kSnapshotsMax) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "this node keeps ", kSnapshotsMax,
        " snapshots of databases already: wait until other backups and checks have ended"));
  }
  return wire::Snapshot::Client(kj::heap<Server>(timer_, std::move(snapshot), count_));
}

}  // namespace ctdb::daemon
