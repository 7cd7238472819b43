// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/cli/fake_cluster.h"

#include <kj/async-io.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/command_table.h"
#include "tests/cli/fake_cluster_service.h"
#include "tests/cli/fake_daemon.h"
#include "tests/cli/fake_database_service.h"

namespace ctdb::cli {
namespace {

class FakeMaster final : public FakeDaemon<wire::Master> {
 public:
  using FakeDaemon::FakeDaemon;

  kj::Promise<void> overview(OverviewContext context) override {
    auto overview = context.getResults().initOverview();
    overview.setNode(node_);
    overview.setRunState(wire::RunState::RUNNING);
    overview.setProcessModel("single");
    overview.setStartTime(kStart);
    overview.setCurrentTime(kNow);
    auto process = overview.initProcesses(1)[0];
    process.setName("ctdbd");
    process.setPid(4711 + node_);
    process.setState("running");
    process.setStartTime(kStart);
    process.setLastExit("");
    return kj::READY_NOW;
  }
  kj::Promise<void> config(ConfigContext context) override {
    auto option = context.getResults().initOptions(1)[0];
    option.setSection("logging");
    option.setName("log level");
    option.setValue("NOTICE");
    option.setOrigin("default");
    return kj::READY_NOW;
  }
  kj::Promise<void> listTunables(ListTunablesContext context) override {
    auto tunables = context.getResults().initTunables(3);
    tunables[0].setName("MonitorInterval");
    tunables[0].setValue(15);
    tunables[1].setName("EnableBans");
    tunables[1].setValue(1);
    tunables[2].setName("AllowClientDBAttach");
    tunables[2].setValue(cluster_.databases.clients_may_attach);
    return kj::READY_NOW;
  }
  kj::Promise<void> setTunable(SetTunableContext context) override {
    const auto parameters = context.getParams();
    return Told(
        absl::StrCat("setTunable ", parameters.getName().cStr(), " ", parameters.getValue()));
  }
};

class FakeTransport final : public FakeDaemon<wire::Transport> {
 public:
  using FakeDaemon::FakeDaemon;

  kj::Promise<void> nodes(NodesContext context) override {
    auto nodes = context.getResults().initNodes(3);
    for (uint32_t i = 0; i < 3; ++i) {
      nodes[i].setNumber(i);
      nodes[i].setAddress(absl::StrCat("10.7.0.", i + 1).c_str());
      nodes[i].setLocal(i == node_);
      nodes[i].setConnected(i != 2);
      nodes[i].setState(i == 2 ? "waiting 250 ms to dial" : "connected");
    }
    nodes[1].setBytesSent(1536);
    nodes[2].setLastError("Connection refused");
    return kj::READY_NOW;
  }
  kj::Promise<void> endpoints(EndpointsContext context) override {
    auto endpoints = context.getResults().initEndpoints(2);
    Fill(endpoints[0], ServiceId::kMaster, 1);
    Fill(endpoints[1], ServiceId::kClient, 9);
    return kj::READY_NOW;
  }

 private:
  void Fill(wire::Endpoint::Builder endpoint, ServiceId service, uint64_t instance) {
    auto address = endpoint.initAddress();
    address.setNode(node_);
    address.setService(static_cast<uint16_t>(service));
    address.setInstance(instance);
    endpoint.setSoftware("ctdb 0.1.0");
  }
};

class FakeConnection : public Connection {
 public:
  FakeConnection(FakeCluster& cluster, const Options& options)
      : Connection(options), cluster_(cluster), io_(kj::setupAsyncIo()) {}

  ~FakeConnection() noexcept override {}

  Address address() const override {
    return {NodeNumber(0), ServiceId::kClient, InstanceNumber(9)};
  }
  capnp::Capability::Client Bootstrap(const Address& address) override {
    const NodeNumber node = address.node == kThisNode ? NodeNumber(0) : address.node;
    if (address.service == ServiceId::kMaster) return kj::heap<FakeMaster>(cluster_, node);
    if (address.service == ServiceId::kCluster) return MakeFakeClusterService(cluster_, node);
    if (address.service == ServiceId::kDatabase) return MakeFakeDatabaseService(cluster_, node);
    return kj::heap<FakeTransport>(cluster_, node);
  }
  absl::Status Subscribe(ChannelId channel, std::function<void(const Message&)> receive) override {
    channel_ = channel;
    receive_ = std::move(receive);
    return absl::OkStatus();
  }
  absl::Status SendMessage(NodeNumber node, ChannelId channel, absl::string_view text) override {
    cluster_.calls.push_back(
        absl::StrCat("message to ", NodeName(node), " on ", channel.value(), ": ", text));
    undeliverable_ = node == NodeNumber(2);
    return absl::OkStatus();
  }
  absl::Status Flush() override {
    return undeliverable_ ? absl::UnavailableError("node 2 is not connected") : absl::OkStatus();
  }
  absl::Status Run(absl::Duration, std::function<bool()> until) override {
    for (const std::string& text : cluster_.messages) {
      if (until()) return absl::OkStatus();
      receive_({{NodeNumber(1), ServiceId::kClient, InstanceNumber(7)}, channel_, text});
    }
    if (until()) return absl::OkStatus();
    const bool ends = !cluster_.calls.empty() && cluster_.calls.back() == "0: shutdown";
    return ends ? absl::UnavailableError("closed") : absl::DeadlineExceededError("");
  }
  kj::Timer& timer() override { return io_.provider->getTimer(); }
  kj::WaitScope& wait_scope() override { return io_.waitScope; }

 private:
  FakeCluster& cluster_;
  kj::AsyncIoContext io_;
  ChannelId channel_;
  std::function<void(const Message&)> receive_;
  bool undeliverable_ = false;
};

class StringTerminal : public Terminal {
 public:
  StringTerminal(FakeCluster::Result& result, bool interrupted)
      : result_(result), interrupted_(interrupted) {}
  bool interrupted() override { return interrupted_; }
  void Out(absl::string_view text) override { absl::StrAppend(&result_.out, text); }
  void Err(absl::string_view text) override { absl::StrAppend(&result_.err, text); }

 private:
  FakeCluster::Result& result_;
  const bool interrupted_;
};

}  // namespace

Connector FakeCluster::connector() {
  return [this](const Connection::Options& options) -> absl::StatusOr<std::unique_ptr<Connection>> {
    if (absent) return absl::UnavailableError("Failed to connect to CTDB daemon (/s)");
    return std::unique_ptr<Connection>(new FakeConnection(*this, options));
  };
}

FakeCluster::Result FakeCluster::Run(const std::vector<std::string>& arguments) {
  Result result;
  StringTerminal terminal(result, interrupted);
  const auto invocation = ParseCommandLine(arguments, environment, CommandTable());
  if (!invocation.ok()) {
    result.exit_code = 1;
    result.err = absl::StrCat(invocation.status().message(), "\n");
    return result;
  }
  Session session(connector(), {.socket_path = "/s", .timeout = invocation->time_limit});
  Context context({*invocation, environment, CommandTable(), terminal, session});
  result.exit_code = RunCommand(context);
  return result;
}

}  // namespace ctdb::cli
