// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/database_server.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "capnp/master.capnp.h"
#include "lib/base/io/host_memory.h"
#include "lib/base/status_kj.h"
#include "lib/base/status_macros.h"
#include "lib/config/tunable_table.h"
#include "lib/daemon/services/database_inspection.h"
#include "lib/protocol/bytes_text.h"
#include "lib/replica/io/replica_driver.h"
#include "lib/replica/tdb/tdb_mirror.h"
#include "lib/store/slot_math.h"
#include "lib/store/tdb/tdb_store.h"

namespace ctdb::daemon {
namespace {

struct ForgetRefusedName {
  database::ForgetRefused reason;
  const char* name;
  const char* meaning;
};
constexpr ForgetRefusedName kForgetRefused[] = {
    {database::ForgetRefused::kWanted, "wanted", "clients of this node use them"},
    {database::ForgetRefused::kTooMany, "too_many", "others come first"},
    {database::ForgetRefused::kInUse, "in_use", "other nodes use them"},
    {database::ForgetRefused::kChanged, "changed", "they were stored anew"},
    {database::ForgetRefused::kNoAnswer, "no_answer", "a node did not answer"},
};

// A page of copies: enough to be cheap for each record, and nothing that holds up others.
constexpr size_t kPageBytes = 64 * 1024;
// More than fit on a terminal; a key may have 64 KiB.
constexpr size_t kHotRecordsMax = 100;
// For a tunable: longer than the master daemon ever needs.
constexpr kj::Duration kTunableWait = 2 * kj::SECONDS;

constexpr std::pair<const char*, database::Directory::Lending> kLendingNames[] = {
    {"off", database::Directory::Lending::kOff},
    {"on", database::Directory::Lending::kOn},
    {"automatic", database::Directory::Lending::kAutomatic},
};

void WriteStatistics(const database::ReplicatedDatabase::Statistics& statistics,
                     wire::DatabaseStatus::Builder out) {
  out.setRecords(statistics.records);
  out.setMemoryBytes(statistics.bytes);
  out.setSequence(statistics.sequence);
  out.setState(statistics.state.c_str());
  out.setReason(statistics.reason.c_str());
  const CounterLine lines[] = {
      {"transactions.batches", statistics.batches, "batches that this node has put in order"},
      {"catch_up.bytes_sent", statistics.catch_up_bytes_sent,
       "bytes to other nodes so that one of both copies becomes as new as the other one"},
      {"catch_up.fills", statistics.fills, "times that this copy got what differs"},
  };
  auto counters = out.initCounters(std::size(lines));
  for (uint32_t i = 0; i < std::size(lines); ++i) {
    counters[i].setName(lines[i].name.c_str());
    counters[i].setValue(lines[i].value);
    counters[i].setMeaning(lines[i].meaning.c_str());
  }
}

void WriteLocks(const database::DatabaseDriver& driver, wire::LockCounts::Builder out) {
  const database::LockCounts& counts = driver.lock_counts();
  out.setTaken(counts.taken());
  out.setWaiting(driver.LockWaits().size());
  out.setPostponed(counts.postponed());
  auto waits = out.initWaits(static_cast<uint32_t>(counts.waits().size()));
  for (uint32_t i = 0; i < waits.size(); ++i) waits.set(i, counts.waits()[i]);
  out.setMinSeconds(absl::ToDoubleSeconds(counts.min()));
  out.setAverageSeconds(absl::ToDoubleSeconds(counts.average()));
  out.setMaxSeconds(absl::ToDoubleSeconds(counts.max()));
}

void WriteCopies(const store::Cursor& cursor, const std::vector<store::Record>& records,
                 NodeNumber local, Epoch owned_since,
                 wire::DatabaseService::CopiesResults::Builder results) {
  results.setBucket(cursor.bucket);
  results.setAfter(ToData(cursor.after));
  results.setLast(cursor.done);
  auto copies = results.initCopies(static_cast<uint32_t>(records.size()));
  for (uint32_t i = 0; i < copies.size(); ++i) {
    WriteCopy(records[i].key, records[i].copy, local, owned_since, copies[i]);
  }
}

}  // namespace

DatabaseServer::DatabaseServer(DaemonContext& context,
                               const database::NodeDatabases::Options& options,
                               TransportLoop* transport)
    : ControlServer(context),
      transport_(transport),
      snapshots_(context.io.provider->getTimer()),
      databases_(options, context.endpoint, context.io.unixEventPort, worker_, *this),
      tasks_(*this),
      follower_([this] { return ClusterService(); }, context.io.provider->getTimer(),
                [this](const NodePart& part) { databases_.OnPart(part.view, part.serve_until); }) {
  databases_.AttachPersistent();
  if (transport_ == nullptr) return;
  databases_.UseTransportThread([this] { transport_->RunDataHandler(); });
  transport_->SetDataHandler(ServiceId::kDatabase, &databases_);
}

DatabaseServer::~DatabaseServer() noexcept {
  if (transport_ != nullptr) transport_->SetDataHandler(ServiceId::kDatabase, nullptr);
}

wire::Cluster::Client DatabaseServer::ClusterService() {
  return context_.bootstrap({kThisNode, ServiceId::kCluster, InstanceNumber(0)})
      .castAs<wire::Cluster>();
}

const database::NodeDatabases::Entry& DatabaseServer::Entry(const std::string& name) const {
  const database::NodeDatabases::Entry* entry = databases_.Find(name);
  if (entry != nullptr) return *entry;
  kj::throwFatalException(ToException(absl::NotFoundError(absl::StrCat(
      "this node has no database \"", name, "\": \"ctdb getdbmap\" lists those there are"))));
}

const database::NodeDatabases::Entry& DatabaseServer::VolatileEntry(const std::string& name) const {
  const database::NodeDatabases::Entry& entry = Entry(name);
  if (entry.driver != nullptr) return entry;
  kj::throwFatalException(ToException(absl::FailedPreconditionError(
      absl::StrCat("database \"", name, "\" has no records that move: it is not volatile"))));
}

const database::NodeDatabases::Entry& DatabaseServer::CopiedEntry(const std::string& name) const {
  const database::NodeDatabases::Entry& entry = Entry(name);
  if (entry.replicated != nullptr) return entry;
  kj::throwFatalException(ToException(absl::FailedPreconditionError(
      absl::StrCat("database \"", name, "\" is volatile: no node has all of its records"))));
}

DatabaseServer::Baseline DatabaseServer::CountsOf(const database::DatabaseDriver& driver,
                                                  const store::StoreStatistics& store) {
  const database::Directory& home = driver.directory();
  return {home.transfers(),   home.collapsed(),        store.evictions,
          store.owner_deaths, driver.vacuum_scanned(), driver.owner().forget_counts()};
}

std::vector<CounterLine> DatabaseServer::CountersOf(const database::NodeDatabases::Entry& entry,
                                                    const store::StoreStatistics& store) const {
  const Baseline counts = CountsOf(*entry.driver, store);
  const auto it = baselines_.find(entry.info.id);
  const Baseline base = it == baselines_.end() ? Baseline() : it->second;
  std::vector<CounterLine> lines = {
      {"directory.transfers", counts.transfers - base.transfers,
       "records of this home that changed their owner"},
      {"directory.collapsed", counts.collapsed - base.collapsed,
       "requests of a node that was waiting already"},
      {"owner.waiters", entry.driver->owner().waiters(), "clients that wait for a record now"},
      {"store.evictions", counts.evictions - base.evictions, "records moved out of memory"},
      {"store.owner_deaths", counts.owner_deaths - base.owner_deaths,
       "locks taken over from processes that died"},
      {"vacuum.scanned", counts.scanned - base.scanned, "records looked at for deleted ones"},
      {"vacuum.forgotten", counts.forget.forgotten - base.forget.forgotten,
       "deleted records of this node that are gone everywhere"},
      {"vacuum.dropped", counts.forget.dropped - base.forget.dropped,
       "old copies of other nodes' deleted records"},
      {"vacuum.voided", counts.forget.voided - base.forget.voided,
       "copies from before this node was away"},
  };
  for (const auto& [reason, name, meaning] : kForgetRefused) {
    const size_t i = static_cast<size_t>(reason);
    lines.push_back({absl::StrCat("vacuum.", name),
                     counts.forget.refused[i] - base.forget.refused[i],
                     absl::StrCat("deleted records that stay for now: ", meaning)});
  }
  return lines;
}

kj::Promise<void> DatabaseServer::list(ListContext context) {
  const auto entered = databases_.Enter();
  auto results = context.getResults();
  const auto& entries = databases_.entries();
  auto list = results.initDatabases(static_cast<uint32_t>(entries.size()));
  uint32_t i = 0;
  for (const auto& [id, entry] : entries) database::WriteInfo(entry.info, list[i++]);
  results.setEpoch(databases_.epoch().value_or(Epoch(0)).value());
  results.setSettled(databases_.IsSettled());
  return kj::READY_NOW;
}

kj::Promise<void> DatabaseServer::databaseStatus(DatabaseStatusContext context) {
  const auto entered = databases_.Enter();
  const auto& entry = Entry(FromText(context.getParams().getName()));
  auto out = context.getResults().initStatus();
  database::WriteInfo(entry.info, out.initInfo());
  out.setIsSettled(entry.IsSettled());
  if (entry.driver == nullptr) {
    WriteStatistics(entry.replicated->GetStatistics(), out);
    return kj::READY_NOW;
  }
  const auto store = entry.driver->store().Statistics();
  if (!store.ok()) return ToException(store.status());
  for (const auto& [name, lending] : kLendingNames) {
    if (entry.driver->directory().lending() == lending) out.setReadOnlyCopies(name);
  }
  out.setRecords(store->records);
  out.setMemoryBytes(store->memory_bytes);
  out.setColdBytes(store->cold_bytes);
  WriteLocks(*entry.driver, out.initLocks());
  out.setCopiesLent(entry.driver->loan_counts().lent);
  out.setCopiesRevoked(entry.driver->loan_counts().revoked);
  const std::vector<CounterLine> lines = CountersOf(entry, *store);
  auto counters = out.initCounters(static_cast<uint32_t>(lines.size()));
  for (uint32_t i = 0; i < lines.size(); ++i) {
    counters[i].setName(lines[i].name.c_str());
    counters[i].setValue(lines[i].value);
    counters[i].setMeaning(lines[i].meaning.c_str());
  }
  const auto hot = entry.driver->directory().HotKeysReport(databases_.Now());
  auto records = out.initHotRecords(static_cast<uint32_t>(hot.size()));
  for (uint32_t i = 0; i < hot.size(); ++i) {
    records[i].setKey(ToData(hot[i].key));
    records[i].setMoves(hot[i].moves);
  }
  return kj::READY_NOW;
}

kj::Promise<void> DatabaseServer::attach(AttachContext context) {
  const auto params = context.getParams();
  return databases_
      .Attach({.name = FromText(params.getName()),
               .kind = static_cast<database::DatabaseKind>(params.getKind()),
               .engine = static_cast<database::DatabaseEngine>(params.getEngine())})
      .then([context](absl::StatusOr<database::DatabaseInfo> info) mutable {
        if (!info.ok()) kj::throwFatalException(ToException(info.status()));
        database::WriteInfo(*info, context.getResults().initInfo());
      });
}

kj::Promise<void> DatabaseServer::detach(DetachContext context) {
  const std::string name = FromText(context.getParams().getName());
  return databases_.Detach(name).then([this, name](const absl::Status& status) {
    if (!status.ok()) kj::throwFatalException(ToException(status));
    context_.logger.Notice("detached", absl::StrCat("Database ", name, " is detached"),
                           {{"database", name}});
  });
}

kj::Promise<void> DatabaseServer::setReadOnlyCopies(SetReadOnlyCopiesContext context) {
  const auto entered = databases_.Enter();
  const auto& entry = VolatileEntry(FromText(context.getParams().getName()));
  const std::string mode = FromText(context.getParams().getMode());
  for (const auto& [name, lending] : kLendingNames) {
    if (mode != name) continue;
    if (entry.shared_file != nullptr && lending != database::Directory::Lending::kOff) {
      return ToException(
          absl::FailedPreconditionError(absl::StrCat("database ", entry.info.name,
                                                     " is one of Samba's, which has no read-only "
                                                     "copies: readers get the record itself")));
    }
    entry.driver->SetLending(lending);
    return kj::READY_NOW;
  }
  return ToException(absl::InvalidArgumentError(
      absl::StrCat("read-only copies are \"off\", \"on\" or \"automatic\", not \"", mode, "\"")));
}

kj::Promise<void> DatabaseServer::resetDatabaseStatistics(ResetDatabaseStatisticsContext context) {
  const auto entered = databases_.Enter();
  const absl::Status status = ResetDatabase(Entry(FromText(context.getParams().getName())));
  if (!status.ok()) return ToException(status);
  return kj::READY_NOW;
}

absl::Status DatabaseServer::ResetDatabase(const database::NodeDatabases::Entry& entry) {
  if (entry.driver == nullptr) return absl::OkStatus();
  CTDB_ASSIGN_OR_RETURN(const store::StoreStatistics store, entry.driver->store().Statistics());
  baselines_[entry.info.id] = CountsOf(*entry.driver, store);
  entry.driver->ResetCounts();
  return absl::OkStatus();
}

void DatabaseServer::ResetCounters() {
  const auto entered = databases_.Enter();
  databases_.ResetCounters();
  for (const auto& [id, entry] : databases_.entries()) {
    if (absl::Status status = ResetDatabase(entry); !status.ok()) OnTrouble(status);
  }
}

kj::Promise<void> DatabaseServer::locks(LocksContext context) {
  const auto entered = databases_.Enter();
  std::vector<std::pair<std::string, database::DatabaseDriver::LockWait>> waits;
  for (const auto& [id, entry] : databases_.entries()) {
    if (entry.driver == nullptr) continue;
    for (auto& wait : entry.driver->LockWaits())
      waits.emplace_back(entry.info.name, std::move(wait));
  }
  const Instant now = databases_.Now();
  auto list = context.getResults().initLocks(static_cast<uint32_t>(waits.size()));
  for (uint32_t i = 0; i < waits.size(); ++i) {
    list[i].setDatabase(waits[i].first.c_str());
    list[i].setKey(ToData(waits[i].second.key));
    list[i].setWaitedSeconds(absl::ToDoubleSeconds(ToAbsl(now - waits[i].second.since)));
    list[i].setObstacle(waits[i].second.obstacle.c_str());
  }
  return kj::READY_NOW;
}

kj::Promise<void> DatabaseServer::copies(CopiesContext context) {
  const auto params = context.getParams();
  const auto entered = databases_.Enter();
  const database::DatabaseDriver& driver = *VolatileEntry(FromText(params.getName())).driver;
  const NodeNumber local = driver.options().local;
  const std::shared_ptr<store::RecordStore> store = driver.shared_store();
  using Page = std::pair<store::Cursor, std::vector<store::Record>>;
  const store::Cursor cursor{.bucket = params.getBucket(), .after = FromData(params.getAfter())};
  // It may have to wait for the disk, or for programs of Samba's.
  return worker_
      .Run([store, cursor]() -> absl::StatusOr<Page> {
        Page page{cursor, {}};
        CTDB_ASSIGN_OR_RETURN(page.second, store->Next(page.first, kPageBytes));
        return page;
      })
      .then([context, local, store](absl::StatusOr<Page> page) mutable {
        if (!page.ok()) kj::throwFatalException(ToException(page.status()));
        WriteCopies(page->first, page->second, local, store->OwnedSince(), context.getResults());
      });
}

kj::Promise<void> DatabaseServer::snapshot(SnapshotContext context) {
  const auto entered = databases_.Enter();
  const auto& entry = CopiedEntry(FromText(context.getParams().getName()));
  auto taken = entry.replicated->TakeSnapshot();
  if (!taken.ok()) return ToException(taken.status());
  auto results = context.getResults();
  results.setEpoch((*taken)->position().epoch);
  results.setSequence((*taken)->position().sequence);
  auto client = snapshots_.Make(std::move(*taken));
  if (!client.ok()) return ToException(client.status());
  results.setSnapshot(kj::mv(*client));
  return kj::READY_NOW;
}

kj::Promise<void> DatabaseServer::copyMarks(CopyMarksContext context) {
  const auto entered = databases_.Enter();
  const auto& entry = CopiedEntry(FromText(context.getParams().getName()));
  const auto marks = entry.replicated->Marks();
  auto out = context.getResults().initMarks(static_cast<uint32_t>(marks.size()));
  for (uint32_t i = 0; i < out.size(); ++i) {
    out[i].setEpoch(marks[i].position.epoch);
    out[i].setSequence(marks[i].position.sequence);
    out[i].setDigestHigh(marks[i].digest_high);
    out[i].setDigestLow(marks[i].digest_low);
  }
  return kj::READY_NOW;
}

kj::Promise<void> DatabaseServer::checkFile(CheckFileContext context) {
  const auto entered = databases_.Enter();
  const auto& entry = CopiedEntry(FromText(context.getParams().getName()));
  return checker_.Run(entry.replicated->FileCheck())
      .then([context](const absl::Status& status) mutable {
        const absl::string_view problem = status.message();
        context.getResults().setProblem(kj::heapString(problem.data(), problem.size()));
      });
}

kj::Promise<void> DatabaseServer::lookAtRecords(LookAtRecordsContext context) {
  const auto entered = databases_.Enter();
  const auto params = context.getParams();
  const auto& entry = VolatileEntry(FromText(params.getName()));
  const absl::Status status = LookAtRecords(
      {entry.driver->store(), entry.driver->directory(), entry.driver->options().local},
      params.getKeys(), context.getResults());
  if (!status.ok()) return ToException(status);
  return kj::READY_NOW;
}

kj::Promise<void> DatabaseServer::hotRecords(HotRecordsContext context) {
  const auto entered = databases_.Enter();
  std::vector<std::pair<std::string, database::HotKeys::Entry>> all;
  for (const auto& [id, entry] : databases_.entries()) {
    if (entry.driver == nullptr) continue;
    for (auto& hot : entry.driver->directory().HotKeysReport(databases_.Now())) {
      all.emplace_back(entry.info.name, std::move(hot));
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.second.moves > b.second.moves; });
  all.resize(std::min(all.size(), kHotRecordsMax));
  auto records = context.getResults().initRecords(static_cast<uint32_t>(all.size()));
  for (uint32_t i = 0; i < records.size(); ++i) {
    records[i].setDatabase(all[i].first.c_str());
    records[i].setKey(ToData(all[i].second.key));
    records[i].setMoves(all[i].second.moves);
  }
  return kj::READY_NOW;
}

kj::Promise<void> DatabaseServer::recovery(RecoveryContext context) {
  const auto entered = databases_.Enter();
  std::vector<const database::NodeDatabases::Entry*> unsettled;
  for (const auto& [id, entry] : databases_.entries()) {
    if (!entry.IsSettled()) unsettled.push_back(&entry);
  }
  auto results = context.getResults();
  results.setEpoch(databases_.epoch().value_or(Epoch(0)).value());
  auto out = results.initDatabases(static_cast<uint32_t>(unsettled.size()));
  for (uint32_t i = 0; i < out.size(); ++i) {
    const database::NodeDatabases::Entry& entry = *unsettled[i];
    if (entry.driver != nullptr) {
      WriteProgress(entry.info.name, entry.driver->GetProgress(), databases_.Now(), out[i]);
      continue;
    }
    out[i].setDatabase(entry.info.name.c_str());
    out[i].setState(entry.replicated->GetStatistics().state.c_str());
  }
  return kj::READY_NOW;
}

std::vector<CounterLine> DatabaseServer::Counters() {
  const auto entered = databases_.Enter();
  const auto& counters = databases_.counters();
  return {
      {"database.packets_received", counters.packets_received, "packets for databases"},
      {"database.packets_refused", counters.packets_refused, "packets that made no sense"},
      {"database.packets_sent", counters.packets_sent, "packets to nodes and clients"},
      {"database.client_requests", counters.client_requests, "requests of clients"},
      {"database.migrations", counters.migrations,
       "records that came because a client wanted them"},
      {"database.attaches", counters.attaches, "databases that were opened"},
  };
}

void DatabaseServer::OnAttached(const database::DatabaseInfo& info) {
  baselines_.erase(info.id);
  context_.logger.Notice("attached", absl::StrCat("Database ", info.name, " is attached"),
                         {{"database", info.name}});
}

// A master daemon that does not answer forbids nothing.
kj::Promise<absl::Status> DatabaseServer::MayAttach(const std::string& name) {
  auto master =
      context_.bootstrap({kThisNode, ServiceId::kMaster, InstanceNumber(0)}).castAs<wire::Master>();
  return context_.io.provider->getTimer()
      .timeoutAfter(kTunableWait, kj::Promise<capnp::Response<wire::Master::ListTunablesResults>>(
                                      master.listTunablesRequest().send()))
      .then(
          [name](capnp::Response<wire::Master::ListTunablesResults>&& reply) -> absl::Status {
            const auto& tunable =
                config::TunableTable()[static_cast<size_t>(config::Tunable::kAllowClientDBAttach)];
            for (const auto line : reply.getTunables()) {
              if (FromText(line.getName()) != tunable.name || line.getValue() != 0) continue;
              return absl::FailedPreconditionError(
                  absl::StrCat("database ", name, " cannot be attached: the tunable ", tunable.name,
                               " of this node is 0, as administrators set it to detach databases"));
            }
            return absl::OkStatus();
          },
          [](kj::Exception&&) { return absl::OkStatus(); });
}

void DatabaseServer::OnSettled(Epoch epoch) {
  auto request = ClusterService().settledRequest();
  request.setEpoch(epoch.value());
  tasks_.add(request.send().ignoreResult());
}

void DatabaseServer::OnTrouble(const absl::Status& status) {
  if (const auto text = repeats_.Tell(status.message(), databases_.Now())) {
    context_.logger.Warning("database", *text);
  }
}

void DatabaseServer::taskFailed(kj::Exception&& exception) { OnTrouble(ToStatus(exception)); }

namespace {

absl::StatusOr<uint64_t> MemoryLimit(int mebibytes) {
  if (mebibytes == 0) return store::MemoryFor(HostMemoryBytes());
  const int most = store::kMemoryMax >> 20;
  if (mebibytes > 0 && mebibytes <= most) return static_cast<uint64_t>(mebibytes) << 20;
  return absl::InvalidArgumentError(absl::StrCat("volatile database memory = ", mebibytes,
                                                 " in ctdb.conf: use a number of MiB from 1 to ",
                                                 most, ", or 0 for what suits the host"));
}

}  // namespace

absl::Status AddDatabaseDaemon(Program& program, const NodeIdentity& identity,
                               TransportLoop* transport, const config::Tunables& tunables) {
  database::NodeDatabases::Options options;
  options.local = identity.local;
  options.volatile_directory =
      program.config().GetString("database", "volatile database directory");
  CTDB_ASSIGN_OR_RETURN(options.memory_bytes, MemoryLimit(program.config().GetInteger(
                                                  "database", "volatile database memory")));
  options.persistent_directory =
      program.config().GetString("database", "persistent database directory");
  const int hash_size = static_cast<int>(tunables.Get(config::Tunable::kDatabaseHashSize));
  const int max_dead = static_cast<int>(tunables.Get(config::Tunable::kDatabaseMaxDead));
  options.open_replicated = [mirror = replica::TdbMirrorOpener(hash_size)](const auto& place) {
    return replica::OpenReplica(place, mirror);
  };
  const auto urgent = UrgentThread(program.config(), program.logger().WithTag("databased"));
  options.open_tdb = store::TdbOpener(hash_size, max_dead, urgent);
  options.sequence_interval = absl::Milliseconds(tunables.Get(config::Tunable::kSeqnumInterval));
  options.vacuum.interval = absl::Seconds(tunables.Get(config::Tunable::kVacuumInterval));
  std::function<absl::StatusOr<UniqueFd>()> connect;
  if (transport != nullptr) connect = [transport] { return transport->ConnectInProcess(); };
  return program.AddDaemonThread(
      {.name = "databased",
       .service = ServiceId::kDatabase,
       .connect = std::move(connect),
       .make = [options, transport](DaemonContext& context) -> capnp::Capability::Client {
         return kj::heap<DatabaseServer>(context, options, transport);
       }},
      urgent);
}

}  // namespace ctdb::daemon
