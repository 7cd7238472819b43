// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/guardian/io/execution.h"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "lib/guardian/io/farewell.h"
#include "lib/store/io/last_clients.h"
#include "lib/store/tdb/frozen_tdb.h"

namespace ctdb::guardian {
namespace {

constexpr absl::Duration kRepeat = absl::Milliseconds(50);

using FrozenFiles = std::vector<std::unique_ptr<store::FrozenTdb>>;

// All that can be, whatever becomes of the others.
absl::Status FreezeAll(const std::string& directory, const std::string& name_end,
                       absl::Time deadline, FrozenFiles& frozen) {
  absl::Status status;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    const std::string path = entry.path().string();
    if (!absl::EndsWith(path, name_end)) continue;
    absl::StatusOr<std::unique_ptr<store::FrozenTdb>> file =
        store::FrozenTdb::Freeze(path, deadline);
    status.Update(file.status());
    if (file.ok() && *file != nullptr) frozen.push_back(*std::move(file));
  }
  return status;
}

}  // namespace

Report Execute(const Will& will) {
  Report report;
  const absl::Time begin = absl::Now();
  const std::string name_end = absl::StrCat(".", will.node.value());
  FrozenFiles frozen;
  report.clients = store::StopClients(will.volatile_directory, name_end, begin + kClientsLimit);
  report.clients.Update(
      FreezeAll(will.volatile_directory, name_end, begin + kClientsLimit, frozen));
  report.clients_took = absl::Now() - begin;
  if (report.clients.ok()) report.told = SayFarewell(will, absl::Now() + kFarewellLimit);
  for (const auto& file : frozen) report.disowned.Update(file->Disown(will.node));
  return report;
}

void SpeakOn(const Will& will, absl::Time begin, const std::function<bool(absl::Duration)>& pause) {
  while (absl::Now() < begin + kWatch && pause(kRepeat)) SayFarewell(will, absl::Now() + kRepeat);
}

std::string Describe(const Report& report) {
  if (!report.clients.ok()) {
    return absl::StrCat("the other nodes have to wait for its lease: ", report.clients.message());
  }
  const std::string told = absl::StrJoin(report.told, ", ", [](std::string* out, NodeNumber node) {
    absl::StrAppend(out, node.value());
  });
  return absl::StrCat(
      "its clients have stopped after ", absl::ToInt64Milliseconds(report.clients_took), " ms; ",
      report.told.empty() ? "no other node" : absl::StrCat("node ", told), " was told",
      report.disowned.ok() ? "" : absl::StrCat("; ", report.disowned.message()));
}

}  // namespace ctdb::guardian
