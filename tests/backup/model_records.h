// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// model_records: a database in memory.

#ifndef TESTS_BACKUP_MODEL_RECORDS_H_
#define TESTS_BACKUP_MODEL_RECORDS_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "lib/backup/records.h"
#include "lib/base/status_macros.h"

namespace ctdb::backup {

class ModelRecords final : public RecordTarget {
 public:
  using Map = std::map<std::string, std::string>;
  explicit ModelRecords(Map map = {}, size_t step_bytes_max = 0)
      : map(std::move(map)), step_bytes_max_(step_bytes_max) {}

  absl::Status ForEach(VisitRecord visit) override {
    const Map now = map;
    for (const auto& [key, value] : now) CTDB_RETURN_IF_ERROR(visit(key, value));
    return absl::OkStatus();
  }
  absl::Status CheckRecord(absl::string_view key, absl::string_view) const override {
    return key == "bad" ? absl::InvalidArgumentError("a bad key") : absl::OkStatus();
  }
  size_t step_bytes_max() const override { return step_bytes_max_; }
  absl::Status Apply(const std::vector<Change>& changes) override {
    if (fails_at == steps) return absl::UnavailableError("closed");
    ++steps;
    for (const Change& change : changes) {
      if (change.value.empty()) {
        map.erase(change.key);
      } else {
        map[change.key] = change.value;
      }
    }
    if (after_step) after_step();
    return absl::OkStatus();
  }
  absl::Status ReplaceAll(const std::vector<Change>& records) override {
    if (step_bytes_max_ == 0) return absl::UnimplementedError("it has no transactions");
    map.clear();
    return Apply(records);
  }

  Map map;
  int steps = 0;
  int fails_at = -1;
  std::function<void()> after_step;

 private:
  const size_t step_bytes_max_;
};

}  // namespace ctdb::backup

#endif  // TESTS_BACKUP_MODEL_RECORDS_H_
