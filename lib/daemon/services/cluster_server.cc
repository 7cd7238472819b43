// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/cluster_server.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "capnp/transport.capnp.h"
#include "lib/base/status_kj.h"
#include "lib/base/status_macros.h"
#include "lib/cluster/codec.h"

namespace ctdb::daemon {
namespace {

constexpr absl::Duration kBadPacketLogPause = absl::Seconds(1);
// Longer than any lease.
constexpr absl::Duration kListsPause = absl::Seconds(1);
// More is no longer a matter of how long packets take.
constexpr absl::Duration kClockDifferenceMax = absl::Seconds(2);

std::string Text(capnp::Text::Reader text) { return std::string(text.begin(), text.size()); }

double Seconds(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }

void WriteNodesFile(const std::vector<cluster::ListedNode>& nodes, wire::NodesFile::Builder out) {
  auto list = out.initNodes(static_cast<uint32_t>(nodes.size()));
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    list[i].setNode(nodes[i].number.value());
    list[i].setAddress(nodes[i].address.c_str());
    list[i].setDeleted(nodes[i].is_deleted);
  }
}

// The first difference between two lists, for people; "" when there is none.
std::string Difference(wire::NodesFile::Reader theirs,
                       const std::vector<cluster::ListedNode>& ours) {
  const auto nodes = theirs.getNodes();
  const auto describe = [](bool is_deleted, const std::string& address) {
    return is_deleted ? std::string("deleted") : address;
  };
  for (uint32_t i = 0; i < std::max<size_t>(nodes.size(), ours.size()); ++i) {
    const std::string there =
        i < nodes.size() ? describe(nodes[i].getDeleted(), Text(nodes[i].getAddress())) : "missing";
    const std::string here =
        i < ours.size() ? describe(ours[i].is_deleted, ours[i].address) : "missing";
    if (there != here) return absl::StrCat("node ", i, " is ", there, " there and ", here, " here");
  }
  return "";
}

LogLevel LevelOf(cluster::ChangeKind kind) {
  return kind == cluster::ChangeKind::kWarning ? LogLevel::kWarning : LogLevel::kNotice;
}

}  // namespace

ClusterServer::ClusterServer(DaemonContext& context, Options options)
    : ControlServer(context),
      options_(std::move(options)),
      driver_(options_.setup.driver, context.endpoint, context.io.provider->getTimer(), worker_,
              *this),
      feed_(membership().changes()) {
  if (options_.setup.lock_command.has_value()) {
    lock_ = kj::heap<cluster::LockDriver>(
        context.io.unixEventPort, *options_.setup.lock_command, cluster::LockClient::Options(),
        [this](const cluster::LockClient::Answer& answer) { OnLockAnswer(answer); },
        [this](absl::string_view line) { context_.logger.Notice("cluster_lock", line); });
    driver_.SetLock(this);
  }
  if (!options_.setup.risk.empty()) context_.logger.Warning("risk", options_.setup.risk);
  membership().SetRunState(cluster::RunState::kFirstRecovery, driver_.Now());
  driver_.Pump();
}

ClusterServer::~ClusterServer() noexcept = default;

kj::Promise<void> ClusterServer::Leave() {
  const Instant now = driver_.Now();
  membership().SetRunState(cluster::RunState::kShutdown, now);
  driver_.Pump();
  kj::Promise<void> left = kj::READY_NOW;
  if (!HasLeft()) {
    auto pair = kj::newPromiseAndFulfiller<void>();
    left_ = kj::mv(pair.fulfiller);
    left = pair.promise.exclusiveJoin(context_.io.provider->getTimer().afterDelay(kLeaveLimit));
  }
  return left.then([this]() -> kj::Promise<void> {
    driver_.engine().Leave(driver_.Now());
    driver_.Pump();
    if (lock_.get() == nullptr) return kj::READY_NOW;
    lock_->Release();
    return lock_->WhenFree().exclusiveJoin(
        context_.io.provider->getTimer().afterDelay(kLeaveLimit));
  });
}

kj::Promise<void> ClusterServer::overview(OverviewContext context) {
  const Instant now = driver_.Now();
  auto out = context.getResults().initOverview();
  out.setNode(membership().own().node.value());
  const auto& nodes = membership().nodes();
  auto list = out.initNodes(static_cast<uint32_t>(nodes.size()));
  for (uint32_t i = 0; i < nodes.size(); ++i) WriteNode(nodes[i], list[i]);
  if (const auto& view = membership().view(); view.has_value()) {
    cluster::EncodeView(*view, out.initView());
    out.setLastChange(Seconds(driver_.WallTime(membership().view_since())));
    const auto settled = membership().settled_at();
    out.setChangeSeconds(settled.has_value()
                             ? absl::ToDoubleSeconds(ToAbsl(*settled - membership().view_since()))
                             : -1);
  }
  const auto leader = driver_.engine().leader();
  out.setLeaderKnown(leader.has_value());
  out.setLeader(leader.value_or(NodeNumber(0)).value());
  out.setActing(driver_.engine().Leads(now));
  out.setServing(membership().Serves(now));
  out.setWaitingFor(driver_.engine().WaitingFor(now).c_str());
  out.setEngine("builtin");
  out.setRule(options_.setup.rule.c_str());
  out.setClusterLock(membership().own().cluster_lock.c_str());
  std::vector<std::string> warnings = membership().Warnings(list_differences_);
  for (const auto& [node, difference] : clock_differences_) warnings.push_back(difference);
  if (!options_.setup.risk.empty()) warnings.push_back(options_.setup.risk);
  auto texts = out.initWarnings(static_cast<uint32_t>(warnings.size()));
  for (uint32_t i = 0; i < warnings.size(); ++i) texts.set(i, warnings[i].c_str());
  return kj::READY_NOW;
}

// What administrators order this node to do.
template <typename Context>
kj::Promise<void> ClusterServer::Order(Context context,
                                       bool (cluster::Membership::*order)(absl::string_view,
                                                                          Instant)) {
  const std::string reason = Text(context.getParams().getReason());
  context.getResults().setChanged((membership().*order)(reason, driver_.Now()));
  driver_.Pump();
  return kj::READY_NOW;
}

kj::Promise<void> ClusterServer::stop(StopContext context) {
  return Order(context, &cluster::Membership::Stop);
}

kj::Promise<void> ClusterServer::continue_(ContinueContext context) {
  return Order(context, &cluster::Membership::Continue);
}

kj::Promise<void> ClusterServer::disable(DisableContext context) {
  return Order(context, &cluster::Membership::Disable);
}

kj::Promise<void> ClusterServer::enable(EnableContext context) {
  return Order(context, &cluster::Membership::Enable);
}

kj::Promise<void> ClusterServer::ban(BanContext context) {
  const auto params = context.getParams();
  if (params.getSeconds() == 0) {
    return ToException(absl::InvalidArgumentError("a ban needs a time of at least one second"));
  }
  const std::string reason = Text(params.getReason());
  context.getResults().setChanged(
      membership().Ban(absl::Seconds(params.getSeconds()), reason, driver_.Now()));
  driver_.Pump();
  return kj::READY_NOW;
}

kj::Promise<void> ClusterServer::unban(UnbanContext context) {
  return Order(context, &cluster::Membership::Unban);
}

kj::Promise<void> ClusterServer::setRoles(SetRolesContext context) {
  const auto params = context.getParams();
  const cluster::NodeState& own = membership().own();
  membership().SetRoles(params.getSetsLead() ? params.getLead() : own.may_lead,
                        params.getSetsHome() ? params.getHome() : own.may_be_home, driver_.Now());
  driver_.Pump();
  return kj::READY_NOW;
}

kj::Promise<void> ClusterServer::setHealth(SetHealthContext context) {
  const auto params = context.getParams();
  context.getResults().setChanged(
      membership().SetHealthy(params.getHealthy(), Text(params.getReason()), driver_.Now()));
  driver_.Pump();
  return kj::READY_NOW;
}

kj::Promise<void> ClusterServer::why(WhyContext context) {
  const std::vector<cluster::Change> chain =
      membership().changes().Why(NodeNumber(context.getParams().getNode()));
  auto list = context.getResults().initChanges(static_cast<uint32_t>(chain.size()));
  for (uint32_t i = 0; i < chain.size(); ++i) WriteChange(chain[i], list[i]);
  return kj::READY_NOW;
}

kj::Promise<void> ClusterServer::subscribe(SubscribeContext context) {
  auto params = context.getParams();
  const uint64_t run = membership().own().incarnation;
  const bool is_of_this_run = params.getRun() == 0 || params.getRun() == run;
  auto subscription = feed_.Subscribe(params.getListener(), is_of_this_run ? params.getAfter() : 0);
  if (!subscription.ok()) return ToException(subscription.status());
  context.getResults().setRun(run);
  context.getResults().setSubscription(*std::move(subscription));
  return kj::READY_NOW;
}

kj::Promise<void> ClusterServer::follow(FollowContext context) {
  auto subscription = view_feed_.Subscribe(context.getParams().getListener());
  if (!subscription.ok()) return ToException(subscription.status());
  context.getResults().setSubscription(*std::move(subscription));
  return kj::READY_NOW;
}

kj::Promise<void> ClusterServer::settled(SettledContext context) {
  membership().OnSettled(Epoch(context.getParams().getEpoch()), driver_.Now());
  driver_.Pump();
  return kj::READY_NOW;
}

kj::Promise<void> ClusterServer::nodesFile(NodesFileContext context) {
  return worker_.Run(options_.load_nodes).then([this, context](auto nodes) mutable {
    if (!nodes.ok()) kj::throwFatalException(ToException(nodes.status()));
    WriteNodesFile(*nodes, context.getResults().initFile());
    WriteNodesFile(membership().nodes(), context.getResults().initInUse());
  });
}

kj::Promise<void> ClusterServer::prepareNodes(PrepareNodesContext context) {
  return worker_.Run(options_.load_nodes).then([this](auto nodes) {
    absl::Status status = nodes.status();
    prepared_at_ = driver_.Now();
    if (status.ok()) status = membership().PrepareNodes(*std::move(nodes), prepared_at_);
    if (!status.ok()) kj::throwFatalException(ToException(status));
    driver_.OnNodesChanged();
    return ReloadTransport();
  });
}

kj::Promise<void> ClusterServer::commitNodes(CommitNodesContext context) {
  // Until somebody leads by both lists, and leases by the old one alone are over, that one counts.
  const Instant now = driver_.Now();
  const auto leader = driver_.engine().leader();
  const bool is_led =
      leader.has_value() && (*leader != membership().own().node || driver_.engine().Leads(now));
  if (!is_led || now < After(prepared_at_, kListsPause)) {
    return ToException(absl::FailedPreconditionError(
        "no node leads by both nodes lists yet; the new one cannot count alone before that"));
  }
  membership().CommitNodes(driver_.Now());
  list_differences_.clear();
  driver_.OnNodesChanged();
  return kj::READY_NOW;
}

kj::Promise<void> ClusterServer::blame(BlameContext context) {
  const auto params = context.getParams();
  membership().Blame(NodeNumber(params.getNode()), params.getCredits(), Text(params.getReason()),
                     driver_.Now());
  driver_.Pump();
  return kj::READY_NOW;
}

kj::Promise<void> ClusterServer::recover(RecoverContext context) {
  const std::string reason = Text(context.getParams().getReason());
  if (!membership().BeginEpoch(reason, driver_.Now())) {
    const auto leader = driver_.engine().leader();
    return ToException(absl::FailedPreconditionError(
        leader.has_value() && *leader != membership().own().node
            ? absl::StrCat("only the leader can begin an epoch: ask node ", leader->value())
            : "no node leads the cluster at the moment"));
  }
  driver_.Pump();
  return kj::READY_NOW;
}

kj::Promise<void> ClusterServer::tunableChanged(TunableChangedContext context) {
  const auto params = context.getParams();
  const absl::Status status = options_.tunables.Set(Text(params.getName()), params.getValue());
  if (!status.ok()) return ToException(status);
  const auto seconds = [this](config::Tunable tunable) {
    return absl::Seconds(options_.tunables.Get(tunable));
  };
  driver_.engine().SetWatchOptions(WatchOptions(options_.tunables), driver_.Now());
  membership().SetBans(options_.tunables.Get(config::Tunable::kEnableBans) != 0,
                       seconds(config::Tunable::kRecoveryBanPeriod),
                       seconds(config::Tunable::kRecoveryGracePeriod));
  driver_.Pump();
  return kj::READY_NOW;
}

std::vector<CounterLine> ClusterServer::Counters() {
  const cluster::DriverCounters& counters = driver_.counters();
  return {
      {"cluster.packets_sent", counters.packets_sent, "packets sent to other cluster services"},
      {"cluster.packets_received", counters.packets_received, "packets that came from them"},
      {"cluster.packets_refused", counters.packets_refused, "packets that made no sense"},
      {"cluster.votes", counters.elections, "times that this node voted or stood for election"},
      {"cluster.late_ticks", counters.late_ticks, "times that it was woken more than 10 ms late"},
      {"cluster.latest_tick_us",
       static_cast<uint64_t>(absl::ToInt64Microseconds(counters.latest_tick)),
       "how late the latest of these was, in microseconds"},
      {"cluster.subscribers", feed_.subscriber_count(), "who wants to hear of changes"},
  };
}

void ClusterServer::OnChange(const cluster::Change& change) {
  context_.logger.Log(
      LevelOf(change.kind), "cluster", change.text,
      {{"node", change.node.value()}, {"before", change.before}, {"after", change.after}});
  if (change.kind == cluster::ChangeKind::kConnection && change.after == "CONNECTED") {
    WatchPeer(change.node);
  }
  AdvanceRunState();
  feed_.Deliver();
  if (left_.get() != nullptr && HasLeft()) left_->fulfill();
}

void ClusterServer::OnCompareNodes(NodeNumber node) {
  PeerService(node)
      .nodesFileRequest()
      .send()
      .then([this, node](auto reply) {
        const std::string difference = Difference(reply.getInUse(), membership().nodes());
        if (difference.empty()) return;
        list_differences_[node] = absl::StrCat("The nodes list of node ", node.value(),
                                               " differs from this node's: ", difference);
        context_.logger.Warning("nodes_list", list_differences_[node]);
      })
      .detach([](kj::Exception&&) {});
}

void ClusterServer::OnPumped() {
  const Instant until = membership().ServesUntil();
  const int64_t boottime = until == Instant::min() ? 0 : until.time_since_epoch().count();
  view_feed_.Tell({membership().view(), boottime});
}

void ClusterServer::OnTrouble(const absl::Status& status) {
  context_.logger.Error("cluster_trouble", status.message());
}

void ClusterServer::OnBadPacket(const Address& source, const absl::Status& status) {
  // Counted always, logged now and then: a broken node must not fill the log.
  if (absl::Now() - last_bad_packet_logged_ < kBadPacketLogPause) return;
  last_bad_packet_logged_ = absl::Now();
  context_.logger.Warning("bad_packet", absl::StrCat("Ignored a packet from ", ToString(source),
                                                     ": ", status.message()));
}

wire::Cluster::Client ClusterServer::PeerService(NodeNumber node) {
  return context_.bootstrap({node, ServiceId::kCluster, InstanceNumber(0)}).castAs<wire::Cluster>();
}

void ClusterServer::WatchPeer(NodeNumber node) {
  // Once there is a session, the transport over there tells at once when its other end is gone.
  const absl::Time sent = absl::Now();
  PeerService(node)
      .pingRequest()
      .send()
      .then([this, node, sent](auto reply) {
        CompareClocks(node, absl::UnixEpoch() + absl::Seconds(reply.getTime()), absl::Now() - sent);
      })
      .detach([](kj::Exception&&) {});
}

void ClusterServer::CompareClocks(NodeNumber node, absl::Time theirs, absl::Duration round_trip) {
  const absl::Duration ahead = theirs - absl::Now() + round_trip / 2;
  clock_differences_.erase(node);
  if (absl::AbsDuration(ahead) < kClockDifferenceMax + round_trip) return;
  clock_differences_[node] = absl::StrCat(
      "The clock of node ", node.value(), " is ",
      absl::FormatDuration(absl::Trunc(absl::AbsDuration(ahead), absl::Milliseconds(100))),
      ahead > absl::ZeroDuration() ? " ahead of" : " behind",
      " this node's. The cluster does not care, but logs and clients do: let NTP set both");
  context_.logger.Warning("clock", clock_differences_[node]);
}

void ClusterServer::OnLockAnswer(const cluster::LockClient::Answer& answer) {
  const auto limit = absl::Milliseconds(options_.tunables.Get(config::Tunable::kRecLockLatencyMs));
  if (answer.latency.has_value() && limit > absl::ZeroDuration() && *answer.latency > limit) {
    context_.logger.Warning("cluster_lock_slow",
                            absl::StrCat("The cluster lock took ",
                                         absl::FormatDuration(*answer.latency), " to answer"));
  }
  driver_.OnLock(answer.answer, answer.why);
}

void ClusterServer::AdvanceRunState() {
  // Nobody has anything to do between these states yet but the cluster service itself.
  if (membership().own().run_state != cluster::RunState::kStartup) return;
  membership().SetRunState(cluster::RunState::kRunning, driver_.Now());
  membership().SetHealthy(true, "it has started", driver_.Now());
  context_.io.provider->getTimer()
      .afterDelay(0 * kj::NANOSECONDS)
      .then([this] { driver_.Pump(); })
      .detach([](kj::Exception&&) {});
}

bool ClusterServer::HasLeft() {
  const auto& view = membership().view();
  const NodeNumber local = membership().own().node;
  return !driver_.engine().leader().has_value() || !view.has_value() ||
         std::find(view->members.begin(), view->members.end(), local) == view->members.end();
}

void ClusterServer::WriteNode(const cluster::ListedNode& node, wire::NodeReport::Builder out) {
  const cluster::Membership::Peer peer = membership().Describe(node.number);
  if (peer.state.has_value()) {
    cluster::EncodeState(*peer.state, out.initState());
  } else {
    out.initState().setNode(node.number.value());
  }
  out.setAddress(node.address.c_str());
  out.setFlags(peer.flags);
  out.setKnown(peer.state.has_value());
  const auto& view = membership().view();
  out.setActive(view.has_value() &&
                std::binary_search(view->members.begin(), view->members.end(), node.number));
}

kj::Promise<void> ClusterServer::ReloadTransport() {
  return context_.bootstrap({kThisNode, ServiceId::kTransport, InstanceNumber(0)})
      .castAs<wire::Transport>()
      .reloadRequest()
      .send()
      .ignoreResult();
}

namespace {

// The server as the program's thread may use it.
struct ClusterHandle {
  kj::Own<const kj::Executor> executor;
  ClusterServer* server = nullptr;
};

}  // namespace

absl::Status AddClusterDaemon(Program& program, const NodeIdentity& identity,
                              std::function<absl::StatusOr<UniqueFd>()> connect,
                              const config::Tunables& tunables, uint64_t parting_token) {
  ClusterServer::Options options;
  CTDB_ASSIGN_OR_RETURN(options.setup,
                        LoadClusterSetup(program.config(), program.paths(), identity, tunables));
  options.setup.driver.engine.parting_token = parting_token;
  options.tunables = tunables;
  options.load_nodes = [config = program.config(), paths = program.paths()] {
    return LoadListedNodes(config, paths);
  };
  auto handle = std::make_shared<ClusterHandle>();
  CTDB_RETURN_IF_ERROR(program.AddDaemonThread(
      {.name = "clusterd",
       .service = ServiceId::kCluster,
       .connect = std::move(connect),
       .make = [options, handle](DaemonContext& context) -> capnp::Capability::Client {
         auto server = kj::heap<ClusterServer>(context, options);
         handle->executor = kj::getCurrentThreadExecutor().addRef();
         handle->server = server.get();
         return kj::mv(server);
       }},
      UrgentThread(program.config(), program.logger().WithTag("clusterd"))));
  program.AddStopStep([handle] {
    return handle->executor->executeAsync([handle] { return handle->server->Leave(); });
  });
  return absl::OkStatus();
}

}  // namespace ctdb::daemon
