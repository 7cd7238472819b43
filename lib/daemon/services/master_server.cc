// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/master_server.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/status_kj.h"
#include "lib/config/render.h"
#include "lib/config/tunable_table.h"

namespace ctdb::daemon {
namespace {

double Seconds(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }

// Cap'n Proto wants text that ends in a zero byte.
std::string Text(absl::string_view text) { return std::string(text); }

}  // namespace

MasterServer::MasterServer(DaemonContext& context, Options options)
    : ControlServer(context), options_(std::move(options)) {
  if (!options_.on_own_change) return;
  follower_ = kj::heap<ClusterFollower>([this] { return ClusterService(); },
                                        context.io.provider->getTimer(),
                                        [this](wire::Change::Reader change) {
                                          const NodeNumber local = context_.endpoint.address().node;
                                          if (NodeNumber(change.getNode()) == local)
                                            options_.on_own_change(change);
                                        });
}

wire::Cluster::Client MasterServer::ClusterService() {
  return context_.bootstrap({kThisNode, ServiceId::kCluster, InstanceNumber(0)})
      .castAs<wire::Cluster>();
}

kj::Promise<void> MasterServer::overview(OverviewContext context) {
  auto overview = context.getResults().initOverview();
  overview.setNode(context_.endpoint.address().node.value());
  overview.setRunState(options_.run_state());
  overview.setProcessModel(options_.process_model.c_str());
  overview.setStartTime(Seconds(context_.start_time));
  overview.setCurrentTime(Seconds(absl::Now()));
  const std::vector<ProcessStatus> processes = options_.processes();
  auto list = overview.initProcesses(static_cast<uint32_t>(processes.size()));
  for (uint32_t i = 0; i < processes.size(); ++i) {
    const ProcessStatus& process = processes[i];
    list[i].setName(process.name.c_str());
    list[i].setPid(process.pid);
    list[i].setState(process.state.c_str());
    list[i].setStartTime(Seconds(process.start_time));
    list[i].setRestartCount(process.restart_count);
    list[i].setLastExit(process.last_exit.c_str());
    list[i].setInMaster(process.is_in_master);
  }
  return kj::READY_NOW;
}

kj::Promise<void> MasterServer::config(ConfigContext context) {
  const std::vector<config::OptionRow> rows = config::OptionRows(options_.config, options_.paths);
  auto list = context.getResults().initOptions(static_cast<uint32_t>(rows.size()));
  for (uint32_t i = 0; i < rows.size(); ++i) {
    const config::OptionRow& row = rows[i];
    list[i].setSection(Text(row.section).c_str());
    list[i].setName(Text(row.option).c_str());
    list[i].setValue(row.value.c_str());
    list[i].setDefaultValue(row.default_value.c_str());
    list[i].setOrigin(row.origin.c_str());
    list[i].setUnit(Text(row.unit).c_str());
    list[i].setReloadable(row.reloadable);
    list[i].setDocumentation(Text(row.doc).c_str());
  }
  return kj::READY_NOW;
}

kj::Promise<void> MasterServer::listTunables(ListTunablesContext context) {
  const auto table = config::TunableTable();
  auto list = context.getResults().initTunables(static_cast<uint32_t>(table.size()));
  for (uint32_t i = 0; i < table.size(); ++i) {
    list[i].setName(Text(table[i].name).c_str());
    list[i].setValue(options_.tunables.Get(table[i].id));
    list[i].setDefaultValue(table[i].default_value);
    list[i].setUnit(Text(table[i].unit).c_str());
    list[i].setMeaning(Text(table[i].doc).c_str());
  }
  return kj::READY_NOW;
}

kj::Promise<void> MasterServer::setTunable(SetTunableContext context) {
  const auto name = context.getParams().getName();
  const uint32_t value = context.getParams().getValue();
  const absl::Status status =
      options_.tunables.Set(absl::string_view(name.begin(), name.size()), value);
  if (!status.ok()) return ToException(status);
  context_.logger.Notice("tunable_set", absl::StrCat("Set tunable ", name.cStr(), " to ", value),
                         {{"name", name.cStr()}, {"value", value}});
  // The services whom it may concern hear of it.
  auto request = ClusterService().tunableChangedRequest();
  request.setName(name);
  request.setValue(value);
  request.send().ignoreResult().detach([](kj::Exception&&) {});
  return kj::READY_NOW;
}

}  // namespace ctdb::daemon
