// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// A client that counts for some seconds: mostly in a record that its node owns, now and then in one
// that clients of all nodes share. At the end it compares what was acknowledged with what is there.
//
//   shared_counters SOCKET SECONDS

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/status_macros.h"
#include "lib/client/client.h"

namespace {

constexpr int kOwnForEachShared = 100;
constexpr absl::Duration kPatience = absl::Seconds(10);

uint64_t Number(absl::string_view text) {
  uint64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

using Next = absl::FunctionRef<uint64_t(uint64_t)>;

// Nobody in the cluster can look at the record between Lock() and the end of `record`.
absl::Status Change(ctdb::Database& database, const std::string& key, Next next) {
  CTDB_ASSIGN_OR_RETURN(ctdb::Record record, database.Lock(key));
  return record.Store(absl::StrCat(next(Number(record.value()))));
}

// While the cluster elects a new leader a node may serve nothing for a moment. What was stored in
// that moment may be lost (Aborted) or not be stored at all (Unavailable): look, and do it again.
absl::Status ChangeForSure(ctdb::Database& database, const std::string& key, Next next) {
  const absl::Time limit = absl::Now() + kPatience;
  absl::Status status = Change(database, key, next);
  while ((absl::IsUnavailable(status) || absl::IsAborted(status)) && absl::Now() < limit) {
    status = Change(database, key, next);
  }
  return status;
}

absl::Status Count(const std::string& socket, absl::Duration time) {
  CTDB_ASSIGN_OR_RETURN(auto client, ctdb::Client::Open({.socket_path = socket}));
  CTDB_ASSIGN_OR_RETURN(auto database, client->Attach("counters"));
  const std::string own_key = absl::StrCat("node ", client->node().value());
  CTDB_ASSIGN_OR_RETURN(const std::string before, database->Read(own_key));
  const uint64_t first = Number(before);
  const absl::Time end = absl::Now() + time;
  uint64_t own = 0;
  uint64_t shared = 0;
  while (absl::Now() < end) {
    for (int i = 0; i < kOwnForEachShared; ++i, ++own) {
      // Nobody else writes this record, so doing it twice does not count twice.
      CTDB_RETURN_IF_ERROR(ChangeForSure(*database, own_key, [&](uint64_t number) {
        return number == first + own ? number + 1 : number;
      }));
    }
    CTDB_RETURN_IF_ERROR(
        ChangeForSure(*database, "all nodes", [](uint64_t number) { return number + 1; }));
    ++shared;
  }
  CTDB_ASSIGN_OR_RETURN(const std::string value, database->Read(own_key));
  std::printf("%s: %llu increments acknowledged, the record says %s; %llu of the shared record\n",
              own_key.c_str(), static_cast<unsigned long long>(own), value.c_str(),
              static_cast<unsigned long long>(shared));
  if (Number(value) == first + own) return absl::OkStatus();
  return absl::DataLossError("increments were lost");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: shared_counters SOCKET SECONDS\n");
    return 1;
  }
  const absl::Status status = Count(argv[1], absl::Seconds(std::atoi(argv[2])));
  if (status.ok()) return 0;
  std::fprintf(stderr, "shared_counters: %s\n", std::string(status.message()).c_str());
  return 1;
}
