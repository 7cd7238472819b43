// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database_server: the database service's interface (capnp/database_service.capnp) and the daemon
// that offers it, on a thread of its own.
//
//   Ownership:  the program owns the daemon.
//   Threading:  DatabaseServer belongs to its thread's event loop.
//   Errors:     those of NodeDatabases; NotFound for a database that this node does not have.
//   Blocking:   as NodeDatabases.
//   Limits:     those of NodeDatabases.
//
// Example:
//   CTDB_RETURN_IF_ERROR(AddDatabaseDaemon(program, identity, transport, tunables));

#ifndef LIB_DAEMON_SERVICES_DATABASE_SERVER_H_
#define LIB_DAEMON_SERVICES_DATABASE_SERVER_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "capnp/cluster.capnp.h"
#include "capnp/database_service.capnp.h"
#include "lib/base/io/worker.h"
#include "lib/config/tunables.h"
#include "lib/daemon/io/daemon_host.h"
#include "lib/daemon/io/program.h"
#include "lib/daemon/services/snapshot_server.h"
#include "lib/daemon/services/transport_setup.h"
#include "lib/daemon/services/view_follower.h"
#include "lib/database/io/node_databases.h"
#include "lib/logging/repeats.h"
#include "lib/transport/io/transport_loop.h"

namespace ctdb::daemon {

class DatabaseServer final : public virtual wire::DatabaseService::Server,
                             public ControlServer,
                             private database::NodeDatabases::Listener,
                             private kj::TaskSet::ErrorHandler {
 public:
  // `transport`: of this process, if there is one; must outlive the server.
  DatabaseServer(DaemonContext& context, const database::NodeDatabases::Options& options,
                 TransportLoop* transport);
  ~DatabaseServer() noexcept override;

  kj::Promise<void> list(ListContext context) override;
  kj::Promise<void> databaseStatus(DatabaseStatusContext context) override;
  kj::Promise<void> attach(AttachContext context) override;
  kj::Promise<void> detach(DetachContext context) override;
  kj::Promise<void> setReadOnlyCopies(SetReadOnlyCopiesContext context) override;
  kj::Promise<void> resetDatabaseStatistics(ResetDatabaseStatisticsContext context) override;
  kj::Promise<void> locks(LocksContext context) override;
  kj::Promise<void> copies(CopiesContext context) override;
  kj::Promise<void> hotRecords(HotRecordsContext context) override;
  kj::Promise<void> recovery(RecoveryContext context) override;
  kj::Promise<void> snapshot(SnapshotContext context) override;
  kj::Promise<void> copyMarks(CopyMarksContext context) override;
  kj::Promise<void> checkFile(CheckFileContext context) override;
  kj::Promise<void> lookAtRecords(LookAtRecordsContext context) override;

 private:
  // What a database had counted when its statistics were reset last.
  struct Baseline {
    uint64_t transfers = 0;
    uint64_t collapsed = 0;
    uint64_t evictions = 0;
    uint64_t owner_deaths = 0;
    uint64_t scanned = 0;
    database::ForgetCounts forget;
  };

  std::vector<CounterLine> Counters() override;
  void ResetCounters() override;
  void OnAttached(const database::DatabaseInfo& info) override;
  kj::Promise<absl::Status> MayAttach(const std::string& name) override;
  void OnSettled(Epoch epoch) override;
  void OnTrouble(const absl::Status& status) override;
  void taskFailed(kj::Exception&& exception) override;
  wire::Cluster::Client ClusterService();
  const database::NodeDatabases::Entry& Entry(const std::string& name) const;
  // The same; a database of another kind has nothing of what is wanted.
  const database::NodeDatabases::Entry& VolatileEntry(const std::string& name) const;
  const database::NodeDatabases::Entry& CopiedEntry(const std::string& name) const;
  static Baseline CountsOf(const database::DatabaseDriver& driver,
                           const store::StoreStatistics& store);
  std::vector<CounterLine> CountersOf(const database::NodeDatabases::Entry& entry,
                                      const store::StoreStatistics& store) const;
  absl::Status ResetDatabase(const database::NodeDatabases::Entry& entry);

  TransportLoop* const transport_;
  Worker worker_;
  Worker checker_;  // Reads whole files, which may take minutes.
  Snapshots snapshots_;
  database::NodeDatabases databases_;
  Repeats repeats_;
  std::map<database::DatabaseId, Baseline> baselines_;
  kj::TaskSet tasks_;
  ViewFollower follower_;
};

// Adds the daemon "databased" to the program. `transport`: of this process, must outlive the
// program's daemons; null: it is another process's.
absl::Status AddDatabaseDaemon(Program& program, const NodeIdentity& identity,
                               TransportLoop* transport, const config::Tunables& tunables);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_DATABASE_SERVER_H_
