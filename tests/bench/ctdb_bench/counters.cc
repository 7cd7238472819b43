// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/counters.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/workers.h"

namespace ctdb::bench {
namespace {

constexpr NodeNumber kFirst(0);

absl::Status SumByReading(BenchDatabase& database, uint64_t records, Worker& worker) {
  std::string value;
  for (uint64_t i = 0; i < records; ++i) {
    CTDB_ASSIGN_OR_RETURN(const bool is_there, database.Read(KeyOf(i), &value));
    if (!is_there) return absl::DataLossError(absl::StrCat("record ", i, " is missing"));
    CTDB_ASSIGN_OR_RETURN(const uint64_t counter, CounterIn(value));
    worker.Count(counter);
  }
  return absl::OkStatus();
}

absl::Status SumByTraverse(BenchDatabase& database, uint64_t records, Worker& worker) {
  absl::Status status;
  const auto add = [&](absl::string_view, absl::string_view value) {
    const auto counter = CounterIn(value);
    if (counter.ok()) worker.Count(*counter);
    status.Update(counter.status());
  };
  CTDB_ASSIGN_OR_RETURN(const uint64_t found, database.Traverse(add));
  CTDB_RETURN_IF_ERROR(status);
  if (found != records) {
    return absl::DataLossError(
        absl::StrCat("a traverse finds ", found, " of ", records, " records"));
  }
  return absl::OkStatus();
}

}  // namespace

std::string KeyOf(uint64_t number) { return absl::StrFormat("record-%09d", number); }

std::vector<std::string> KeysOf(uint64_t count) {
  std::vector<std::string> keys;
  keys.reserve(count);
  for (uint64_t i = 0; i < count; ++i) keys.push_back(KeyOf(i));
  return keys;
}

std::string CounterValue(uint64_t counter) {
  std::string value(kValueBytes, '.');
  std::memcpy(value.data(), &counter, sizeof(counter));
  return value;
}

absl::StatusOr<uint64_t> CounterIn(absl::string_view value) {
  if (value.size() != kValueBytes) {
    return absl::DataLossError(
        absl::StrCat("a record has ", value.size(), " bytes instead of ", kValueBytes));
  }
  uint64_t counter;
  std::memcpy(&counter, value.data(), sizeof(counter));
  return counter;
}

absl::StatusOr<uint64_t> Increment(BenchDatabase& database, absl::string_view key) {
  CTDB_ASSIGN_OR_RETURN(LockedRecord * record, database.FetchLock(key));
  CTDB_ASSIGN_OR_RETURN(uint64_t counter, CounterIn(record->value()));
  char value[kValueBytes];
  std::memcpy(value, record->value().data(), sizeof(value));
  ++counter;
  std::memcpy(value, &counter, sizeof(counter));
  CTDB_RETURN_IF_ERROR(record->Store(absl::string_view(value, sizeof(value))));
  CTDB_RETURN_IF_ERROR(record->Unlock());
  return counter;
}

absl::Status PrepareCounters(Subject& subject, const std::string& database, uint64_t records,
                             const AttachOptions& options) {
  if (!subject.increments.emplace(database, 0).second) return absl::OkStatus();
  return RunAlone([&](Worker&) -> absl::Status {
           CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(kFirst));
           CTDB_ASSIGN_OR_RETURN(const auto attached, client->Attach(database, options));
           return attached->Fill(KeysOf(records), CounterValue(0));
         })
      .status();
}

absl::Status VerifyCounters(Subject& subject, const std::string& database, uint64_t records,
                            uint64_t new_increments, Collect collect) {
  uint64_t& expected = subject.increments[database];
  expected += new_increments;
  CTDB_ASSIGN_OR_RETURN(const uint64_t sum, RunAlone([&](Worker& worker) -> absl::Status {
                          CTDB_ASSIGN_OR_RETURN(const auto client, subject.cluster.Connect(kFirst));
                          CTDB_ASSIGN_OR_RETURN(const auto attached, client->Attach(database, {}));
                          return collect == Collect::kByReading
                                     ? SumByReading(*attached, records, worker)
                                     : SumByTraverse(*attached, records, worker);
                        }));
  if (sum == expected) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the counters of ", database, " show ", sum,
                                          " increments, but ", expected, " were made"));
}

}  // namespace ctdb::bench
