// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// snapshot_server: a database as it was at one position, page by page, for whoever asked for it
// (capnp/database_service.capnp).
//
// A snapshot keeps the file of the copy from using space again, so there are few of them, each
// ends when nobody asks for a page for a while, and with the connection of who asked for it.
//
//   Ownership:  owns the snapshot; the timer outlives it.
//   Threading:  belongs to the event loop's thread.
//   Errors:     Make(): ResourceExhausted: there are too many. next(): Unavailable: it has ended.
//   Blocking:   next(): for pages of the file.
//   Limits:     kSnapshotsMax of one Snapshots, kIdle between two pages, kAge altogether.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(wire::Snapshot::Client client, snapshots.Make(std::move(snapshot)));

#ifndef LIB_DAEMON_SERVICES_SNAPSHOT_SERVER_H_
#define LIB_DAEMON_SERVICES_SNAPSHOT_SERVER_H_

#include <kj/timer.h>

#include <memory>

#include "absl/status/statusor.h"
#include "capnp/database_service.capnp.h"
#include "lib/database/io/replicated_database.h"

namespace ctdb::daemon {

class Snapshots {
 public:
  static constexpr int kSnapshotsMax = 16;
  static constexpr kj::Duration kIdle = 60 * kj::SECONDS;
  static constexpr kj::Duration kAge = 3600 * kj::SECONDS;

  explicit Snapshots(kj::Timer& timer) : timer_(timer) {}

  absl::StatusOr<wire::Snapshot::Client> Make(
      std::unique_ptr<database::ReplicatedDatabase::Snapshot> snapshot);
  // That have not ended.
  int count() const { return *count_; }

 private:
  class Server;

  kj::Timer& timer_;
  const std::shared_ptr<int> count_ = std::make_shared<int>(0);
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_SNAPSHOT_SERVER_H_
