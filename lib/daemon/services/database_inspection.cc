// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/database_inspection.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/protocol/bytes_text.h"
#include "lib/store/loan.h"
#include "lib/store/siphash.h"

namespace ctdb::daemon {

void WriteCopy(absl::string_view key, const store::RecordCopy& copy, NodeNumber local,
               Epoch owned_since, wire::RecordCopy::Builder out) {
  const store::RecordHeader& header = copy.header;
  out.setKey(ToData(key));
  out.setValue(ToData(store::HasLoan(header) ? store::ValueBehindLoan(copy.value) : copy.value));
  out.setOwner(header.owner.value());
  out.setEpoch(header.epoch.value());
  out.setCounter(header.counter);
  out.setFlags(header.flags);
  out.setOwned(!store::HasLoan(header) && store::IsOwnedBy(header, local, owned_since));
}

absl::Status LookAtRecords(const Inspected& inspected, capnp::List<capnp::Data>::Reader keys,
                           wire::DatabaseService::LookAtRecordsResults::Builder out) {
  if (keys.size() > kLooksMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot look at ", keys.size(), " records at once: at most ", kLooksMax));
  }
  const database::Directory& home = inspected.home;
  auto looks = out.initLooks(keys.size());
  for (uint32_t i = 0; i < keys.size(); ++i) {
    const std::string key = FromData(keys[i]);
    CTDB_RETURN_IF_ERROR(store::CheckKey(key));
    store::RecordCopy copy;
    CTDB_ASSIGN_OR_RETURN(const bool is_there, inspected.store.Read(key, copy));
    looks[i].setIsThere(is_there);
    auto out_copy = looks[i].initCopy();
    out_copy.setKey(keys[i]);
    if (is_there) {
      const bool is_lent = store::HasLoan(copy.header);
      const absl::string_view value = is_lent ? store::ValueBehindLoan(copy.value) : copy.value;
      looks[i].setValueHash(value.empty() ? 0 : store::SipHash13({}, value) | 1);
      // Many large values would not fit into an answer.
      copy.value.resize(is_lent ? store::kLoanBytes : 0);
      WriteCopy(key, copy, inspected.local, inspected.store.OwnedSince(), out_copy);
    }
    const std::optional<database::Directory::Owned> owned = home.Find(key);
    looks[i].setIsHome(home.IsReady(database::SlotOf(key)));
    const bool has_owner = owned.has_value() && owned->owner.has_value() && !owned->is_copy;
    looks[i].setHomeOwner(has_owner ? int64_t{owned->owner->value()} : -1);
  }
  return absl::OkStatus();
}

void WriteProgress(const std::string& database, const recovery::Rebuild::Progress& progress,
                   Instant now, wire::RecoveryProgress::Builder out) {
  out.setDatabase(database.c_str());
  out.setSeconds(absl::ToDoubleSeconds(ToAbsl(now - progress.began)));
  out.setCopies(progress.copies);
  out.setScanned(progress.scanned);
  out.setStored(progress.stored);
  auto nodes = out.initWaitsFor(static_cast<uint32_t>(progress.waits_for.size()));
  for (uint32_t i = 0; i < nodes.size(); ++i) nodes.set(i, progress.waits_for[i].value());
}

}  // namespace ctdb::daemon
