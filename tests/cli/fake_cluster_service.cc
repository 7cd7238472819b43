// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/cli/fake_cluster_service.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "lib/base/status_kj.h"
#include "tests/cli/fake_daemon.h"

namespace ctdb::cli {
namespace {

using Server = wire::Cluster::Server;

class FakeSubscription final : public wire::Subscription::Server {};

class FakeClusterService final : public FakeDaemon<wire::Cluster> {
 public:
  using FakeDaemon::FakeDaemon;

  kj::Promise<void> ping(wire::DaemonControl::Server::PingContext context) override {
    if (model().pings-- <= 0) return Failure("connection lost");
    return FakeDaemon::ping(context);
  }
  kj::Promise<void> overview(OverviewContext context) override;

  kj::Promise<void> stop(StopContext context) override { return Change(context, "stop", 32, true); }
  kj::Promise<void> continue_(ContinueContext context) override {
    return Change(context, "continue", 32, false);
  }
  kj::Promise<void> disable(DisableContext context) override {
    return Change(context, "disable", 4, true);
  }
  kj::Promise<void> enable(EnableContext context) override {
    return Change(context, "enable", 4, false);
  }
  kj::Promise<void> ban(BanContext context) override {
    return Change(context, absl::StrCat("ban ", context.getParams().getSeconds()), 8, true);
  }
  kj::Promise<void> unban(UnbanContext context) override {
    return Change(context, "unban", 8, false);
  }
  kj::Promise<void> setRoles(SetRolesContext context) override {
    if (Fails("setRoles")) return Failure("it cannot");
    const auto roles = context.getParams();
    if (roles.getSetsLead()) model().nodes[node_].may_lead = roles.getLead();
    if (roles.getSetsHome()) model().nodes[node_].may_be_home = roles.getHome();
    return kj::READY_NOW;
  }
  kj::Promise<void> recover(RecoverContext context) override {
    if (Fails("recover")) return Failure("it cannot");
    if (!model().ignores_requests) ++model().epoch;
    return Told(absl::StrCat("recover ", context.getParams().getReason().cStr()));
  }
  kj::Promise<void> nodesFile(NodesFileContext context) override {
    if (Fails("nodesFile")) return Failure("it cannot");
    Fill(context.getResults().initFile(), model().files);
    Fill(context.getResults().initInUse(), model().in_use);
    return kj::READY_NOW;
  }
  kj::Promise<void> prepareNodes(PrepareNodesContext) override {
    return Fails("prepareNodes") ? Failure("it cannot") : Told("prepareNodes");
  }
  kj::Promise<void> commitNodes(CommitNodesContext) override {
    return Fails("commitNodes") ? Failure("it cannot") : Told("commitNodes");
  }
  kj::Promise<void> why(WhyContext context) override;
  kj::Promise<void> subscribe(SubscribeContext context) override;

 private:
  FakeMembership& model() { return cluster_.membership; }
  bool Fails(const std::string& method) {
    return model().failing.count(absl::StrCat(node_, ": ", method)) > 0;
  }
  static kj::Promise<void> Failure(absl::string_view why) {
    return ToException(absl::UnavailableError(why));
  }
  template <typename Context>
  kj::Promise<void> Change(Context context, const std::string& what, uint32_t flag, bool set);
  void Fill(wire::NodesFile::Builder file,
            const std::map<uint32_t, FakeMembership::NodesFile>& files);
  void Fill(wire::Change::Builder change, size_t index);
  kj::Promise<void> SendFrom(wire::ChangeListener::Client listener, size_t index);
};

// Nothing but errors.
class AbsentService final : public wire::Cluster::Server {
 public:
  kj::Promise<void> overview(OverviewContext) override {
    return ToException(absl::UnavailableError("no such service"));
  }
};

kj::Promise<void> FakeClusterService::overview(OverviewContext context) {
  if (Fails("overview")) return Failure("it cannot");
  auto overview = context.getResults().initOverview();
  overview.setNode(node_);
  auto reports = overview.initNodes(model().nodes.size());
  std::vector<uint32_t> members;
  const bool visible = model().overviews_until_visible[node_]-- <= 0;
  for (uint32_t i = 0; i < model().nodes.size(); ++i) {
    const FakeMembership::Node& node = model().nodes[i];
    reports[i].setAddress(absl::StrCat("10.7.0.", i + 1).c_str());
    reports[i].setFlags(visible ? node.flags : 0);
    reports[i].setKnown(node.known);
    reports[i].setActive(node.active);
    auto state = reports[i].initState();
    state.setNode(i);
    state.setMayNotLead(!node.may_lead);
    state.setMayNotBeHome(!node.may_be_home);
    state.setRunState(model().run_state);
    auto reasons = state.initReasons(node.reasons.size());
    for (size_t r = 0; r < node.reasons.size(); ++r) {
      reasons[r].setFlag(node.reasons[r].first);
      reasons[r].setText(node.reasons[r].second.c_str());
    }
    if (node.active) members.push_back(i);
  }
  auto view = overview.initView();
  view.setEpoch(model().epoch);
  view.setSettled(model().settled);
  if (model().epoch != 0) {
    view.setMembers(kj::arrayPtr(members.data(), members.size()));
    view.setHomes(kj::arrayPtr(members.data(), members.size()));
  }
  overview.setLeaderKnown(model().leader.has_value());
  overview.setLeader(model().leader.value_or(0));
  overview.setServing(model().settled);
  overview.setWaitingFor(model().waiting_for.c_str());
  overview.setEngine("builtin");
  overview.setRule("majority");
  overview.setClusterLock(model().cluster_lock.c_str());
  auto warnings = overview.initWarnings(model().warnings.size());
  for (size_t i = 0; i < model().warnings.size(); ++i) {
    warnings.set(i, model().warnings[i].c_str());
  }
  overview.setLastChange(kNow - 600);
  overview.setChangeSeconds(model().change_seconds);
  return kj::READY_NOW;
}

template <typename Context>
kj::Promise<void> FakeClusterService::Change(Context context, const std::string& what,
                                             uint32_t flag, bool set) {
  if (Fails(what.substr(0, what.find(' ')))) return Failure("it cannot");
  if (!model().ignores_requests) {
    uint32_t& flags = model().nodes[node_].flags;
    flags = set ? flags | flag : flags & ~flag;
    context.getResults().setChanged(true);
  }
  return Told(absl::StrCat(what, " ", context.getParams().getReason().cStr()));
}

void FakeClusterService::Fill(wire::NodesFile::Builder file,
                              const std::map<uint32_t, FakeMembership::NodesFile>& files) {
  FakeMembership::NodesFile lines = {"10.7.0.1", "10.7.0.2", "10.7.0.3"};
  if (const auto found = files.find(node_); found != files.end()) lines = found->second;
  auto nodes = file.initNodes(lines.size());
  for (uint32_t i = 0; i < lines.size(); ++i) {
    nodes[i].setNode(i);
    nodes[i].setDeleted(lines[i] == "#");
    nodes[i].setAddress(lines[i] == "#" ? "0.0.0.0" : lines[i].c_str());
  }
}

void FakeClusterService::Fill(wire::Change::Builder change, size_t index) {
  const FakeMembership::Change& from = model().history[index];
  change.setSequence(index + 1);
  change.setTime(from.time);
  change.setKind(from.kind);
  change.setNode(from.node);
  change.setText(from.text.c_str());
  change.setCause(from.cause);
}

kj::Promise<void> FakeClusterService::why(WhyContext context) {
  std::vector<size_t> chain;
  for (size_t i = model().history.size(); i > 0 && chain.empty(); --i) {
    if (model().history[i - 1].node == context.getParams().getNode()) chain.push_back(i);
  }
  while (!chain.empty() && model().history[chain.back() - 1].cause != 0) {
    chain.push_back(model().history[chain.back() - 1].cause);
  }
  auto changes = context.getResults().initChanges(chain.size());
  for (size_t i = 0; i < chain.size(); ++i) Fill(changes[i], chain[i] - 1);
  return kj::READY_NOW;
}

kj::Promise<void> FakeClusterService::subscribe(SubscribeContext context) {
  context.getResults().setSubscription(kj::heap<FakeSubscription>());
  // Starts behind the answer and goes on by itself.
  SendFrom(context.getParams().getListener(), context.getParams().getAfter())
      .attach(thisCap())
      .detach([](kj::Exception&&) {});
  return kj::READY_NOW;
}

// At most two at a time, each call after the answer to the one before.
kj::Promise<void> FakeClusterService::SendFrom(wire::ChangeListener::Client listener,
                                               size_t index) {
  if (index >= model().history.size()) return kj::READY_NOW;
  const size_t count = std::min<size_t>(2, model().history.size() - index);
  auto request = listener.changedRequest();
  request.setMissed(std::exchange(model().missed, 0));
  auto changes = request.initChanges(count);
  for (size_t i = 0; i < count; ++i) Fill(changes[i], index + i);
  return request.send().ignoreResult().then([this, listener, next = index + count]() mutable {
    return SendFrom(kj::mv(listener), next);
  });
}

}  // namespace

capnp::Capability::Client MakeFakeClusterService(FakeCluster& cluster, NodeNumber node) {
  if (!cluster.membership.answers) return kj::heap<AbsentService>();
  return kj::heap<FakeClusterService>(cluster, node);
}

}  // namespace ctdb::cli
