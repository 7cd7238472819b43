// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database_inspection: what the database service tells tools that look into databases
// (capnp/database_service.capnp).
//
//   Ownership:  none.
//   Threading:  with the databases' lock held.
//   Errors:     InvalidArgument: more than is allowed. Unavailable: a record changes all the time.
//   Blocking:   for pages of the files.
//   Limits:     kLooksMax records at once.
//
// Example:
//   CTDB_RETURN_IF_ERROR(LookAtRecords({store, directory, local}, params.getKeys(), results));

#ifndef LIB_DAEMON_SERVICES_DATABASE_INSPECTION_H_
#define LIB_DAEMON_SERVICES_DATABASE_INSPECTION_H_

#include <string>

#include "absl/status/status.h"
#include "capnp/database_service.capnp.h"
#include "lib/base/instant.h"
#include "lib/database/directory.h"
#include "lib/recovery/rebuild.h"
#include "lib/store/record_store.h"

namespace ctdb::daemon {

inline constexpr uint32_t kLooksMax = 1000;

// A copy as tools see it. `owned_since`: of the store that it is in.
void WriteCopy(absl::string_view key, const store::RecordCopy& copy, NodeNumber local,
               Epoch owned_since, wire::RecordCopy::Builder out);

// How far the node is with a database that is not settled.
void WriteProgress(const std::string& database, const recovery::Rebuild::Progress& progress,
                   Instant now, wire::RecoveryProgress::Builder out);

// One node's part of a database.
struct Inspected {
  store::RecordStore& store;
  const database::Directory& home;
  NodeNumber local;
};
absl::Status LookAtRecords(const Inspected& inspected, capnp::List<capnp::Data>::Reader keys,
                           wire::DatabaseService::LookAtRecordsResults::Builder out);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_DATABASE_INSPECTION_H_
