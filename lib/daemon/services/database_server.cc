// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/database_server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_kj.h"
#include "lib/base/status_macros.h"
#include "lib/daemon/services/transport_setup.h"

namespace ctdb::daemon {
namespace {

std::string Text(capnp::Text::Reader text) { return std::string(text.begin(), text.size()); }

capnp::Data::Reader Data(absl::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

std::vector<CounterLine> CountersOf(const database::DatabaseDriver& driver,
                                    const store::StoreStatistics& store) {
  const database::Directory& home = driver.directory();
  return {
      {"directory.transfers", home.transfers(), "records of this home that changed their owner"},
      {"directory.collapsed", home.collapsed(), "requests of a node that was waiting already"},
      {"owner.waiters", driver.owner().waiters(), "clients that wait for a record now"},
      {"store.evictions", store.evictions, "records moved out of memory"},
      {"store.owner_deaths", store.owner_deaths, "locks taken over from processes that died"},
  };
}

}  // namespace

DatabaseServer::DatabaseServer(DaemonContext& context,
                               const database::NodeDatabases::Options& options,
                               TransportLoop* transport)
    : ControlServer(context),
      transport_(transport),
      databases_(options, context.endpoint, context.io.provider->getTimer(), worker_, *this),
      tasks_(*this),
      follower_([this] { return ClusterService(); }, context.io.provider->getTimer(),
                [this](const NodePart& part) { databases_.OnPart(part.view, part.serve_until); }) {
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
  const auto& entry = Entry(Text(context.getParams().getName()));
  const auto store = entry.driver->store().Statistics();
  if (!store.ok()) return ToException(store.status());
  auto out = context.getResults().initStatus();
  database::WriteInfo(entry.info, out.initInfo());
  out.setIsSettled(entry.driver->IsSettled());
  out.setReadOnlyCopies("off");
  out.setRecords(store->records);
  out.setMemoryBytes(store->memory_bytes);
  out.setColdBytes(store->cold_bytes);
  const std::vector<CounterLine> lines = CountersOf(*entry.driver, *store);
  auto counters = out.initCounters(static_cast<uint32_t>(lines.size()));
  for (uint32_t i = 0; i < lines.size(); ++i) {
    counters[i].setName(lines[i].name.c_str());
    counters[i].setValue(lines[i].value);
    counters[i].setMeaning(lines[i].meaning.c_str());
  }
  const auto hot = entry.driver->directory().HotKeysReport(databases_.Now());
  auto records = out.initHotRecords(static_cast<uint32_t>(hot.size()));
  for (uint32_t i = 0; i < hot.size(); ++i) {
    records[i].setKey(Data(hot[i].key));
    records[i].setMoves(hot[i].moves);
  }
  return kj::READY_NOW;
}

kj::Promise<void> DatabaseServer::attach(AttachContext context) {
  const auto params = context.getParams();
  return databases_
      .Attach(Text(params.getName()), static_cast<database::DatabaseKind>(params.getKind()))
      .then([context](absl::StatusOr<database::DatabaseInfo> info) mutable {
        if (!info.ok()) kj::throwFatalException(ToException(info.status()));
        database::WriteInfo(*info, context.getResults().initInfo());
      });
}

kj::Promise<void> DatabaseServer::detach(DetachContext context) {
  const absl::Status status = databases_.Detach(Text(context.getParams().getName()));
  if (!status.ok()) return ToException(status);
  return kj::READY_NOW;
}

kj::Promise<void> DatabaseServer::setReadOnlyCopies(SetReadOnlyCopiesContext context) {
  return ToException(absl::UnimplementedError("read-only copies are not part of it yet"));
}

kj::Promise<void> DatabaseServer::resetDatabaseStatistics(ResetDatabaseStatisticsContext context) {
  const auto entered = databases_.Enter();
  Entry(Text(context.getParams().getName()));
  return kj::READY_NOW;
}

kj::Promise<void> DatabaseServer::locks(LocksContext context) {
  const auto entered = databases_.Enter();
  std::vector<std::pair<std::string, database::DatabaseDriver::LockWait>> waits;
  for (const auto& [id, entry] : databases_.entries()) {
    for (auto& wait : entry.driver->LockWaits()) waits.emplace_back(entry.info.name, std::move(wait));
  }
  const Instant now = databases_.Now();
  auto list = context.getResults().initLocks(static_cast<uint32_t>(waits.size()));
  for (uint32_t i = 0; i < waits.size(); ++i) {
    list[i].setDatabase(waits[i].first.c_str());
    list[i].setKey(Data(waits[i].second.key));
    list[i].setWaitedSeconds(absl::ToDoubleSeconds(ToAbsl(now - waits[i].second.since)));
    list[i].setObstacle(waits[i].second.obstacle.c_str());
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
      {"database.migrations", counters.migrations, "records that came because a client wanted them"},
      {"database.attaches", counters.attaches, "databases that were opened"},
  };
}

void DatabaseServer::OnAttached(const database::DatabaseInfo& info) {
  context_.logger.Notice("attached", absl::StrCat("Database ", info.name, " is attached"),
                         {{"database", info.name}});
}

void DatabaseServer::OnSettled(Epoch epoch) {
  auto request = ClusterService().settledRequest();
  request.setEpoch(epoch.value());
  tasks_.add(request.send().ignoreResult());
}

void DatabaseServer::OnTrouble(const absl::Status& status) {
  context_.logger.Warning("database", status.message());
}

void DatabaseServer::taskFailed(kj::Exception&& exception) { OnTrouble(ToStatus(exception)); }

absl::Status AddDatabaseDaemon(Program& program, TransportLoop* transport) {
  database::NodeDatabases::Options options;
  CTDB_ASSIGN_OR_RETURN(const NodeIdentity identity,
                        IdentifyNode(program.config(), program.paths()));
  options.local = identity.local;
  options.volatile_directory = program.config().GetString("database", "volatile database directory");
  std::function<absl::StatusOr<UniqueFd>()> connect;
  if (transport != nullptr) connect = [transport] { return transport->ConnectInProcess(); };
  return program.AddDaemonThread(
      {.name = "databased",
       .service = ServiceId::kDatabase,
       .connect = std::move(connect),
       .make = [options, transport](DaemonContext& context) -> capnp::Capability::Client {
         return kj::heap<DatabaseServer>(context, options, transport);
       }},
      UrgentThread(program.config(), program.logger().WithTag("databased")));
}

}  // namespace ctdb::daemon
