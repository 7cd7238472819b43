// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/io/cluster_driver.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/io/boot_time.h"
#include "lib/base/status_kj.h"
#include "lib/cluster/codec.h"
#include "lib/cluster/io/ballot_file.h"
#include "lib/protocol/packet.h"

namespace ctdb::cluster {
namespace {

constexpr absl::Duration kPersistRetry = absl::Seconds(1);
// The longest that the timer sleeps: whoever is told of nothing still looks now and then.
constexpr absl::Duration kSleepMax = absl::Seconds(1);

BuiltinEngine::Options WithPromise(BuiltinEngine::Options options, Ballot promised) {
  options.promised = promised;
  return options;
}

}  // namespace

ClusterDriver::ClusterDriver(const Options& options, Endpoint& endpoint, kj::Timer& timer,
                             Worker& worker, Listener& listener)
    : ballot_path_(options.ballot_path),
      local_(options.membership.local),
      endpoint_(endpoint),
      timer_(timer),
      worker_(worker),
      listener_(listener),
      engine_(WithPromise(options.engine, options.promised), Now()),
      membership_(engine_, options.membership, options.nodes, Now()),
      tasks_(*this) {
  endpoint_.AddObserver(this);
  endpoint_.OnPacket(PacketKind::kData,
                     [this](const Envelope& envelope, Bytes frame) { OnPacket(envelope, frame); });
  tasks_.add(TimerLoop());
}

ClusterDriver::~ClusterDriver() noexcept {
  endpoint_.OnPacket(PacketKind::kData, [](const Envelope&, Bytes) {});
  endpoint_.RemoveObserver(this);
}

Instant ClusterDriver::Now() { return BootTime(); }

absl::Time ClusterDriver::WallTime(Instant instant) {
  return absl::Now() - ToAbsl(Now() - instant);
}

void ClusterDriver::OnLock(LockAnswer answer, absl::string_view why) {
  engine_.OnLock(answer, why, Now());
  Pump();
}

void ClusterDriver::OnNodesChanged() {
  for (NodeNumber node : linked_) engine_.OnLinkUp(node, Now());
  Pump();
}

void ClusterDriver::Pump() {
  membership_.Advance(Now());
  BuiltinEngine::Output wanted = engine_.TakeOutput();
  for (const auto& send : wanted.sends) Send(send.to, send.message);
  Membership::Output said = membership_.TakeOutput();
  for (const auto& send : said.sends) Send(send.to, send.message);
  if (wanted.persist.has_value()) {
    ++counters_.elections;
    Persist(*wanted.persist);
  }
  if (wanted.release_lock && lock_ != nullptr) lock_->Release();
  if (wanted.take_lock && lock_ != nullptr) lock_->Take();
  SetGroups();
  uint64_t missed = 0;
  const std::vector<Change> changes = membership_.changes().After(told_, &missed);
  told_ = membership_.changes().last();
  for (const Change& change : changes) listener_.OnChange(change);
  for (NodeNumber node : said.compare_nodes) listener_.OnCompareNodes(node);
  listener_.OnPumped();
  const Instant next = std::min(engine_.NextDeadline(), membership_.NextDeadline());
  if (next < armed_ && wake_.get() != nullptr && wake_->isWaiting()) wake_->fulfill();
}

void ClusterDriver::taskFailed(kj::Exception&& exception) {
  listener_.OnTrouble(ToStatus(exception));
}

void ClusterDriver::OnConnected() {
  active_.clear();
  leader_.clear();
  Pump();
}

void ClusterDriver::OnDisconnected(const absl::Status& why) {
  const Instant now = Now();
  for (NodeNumber node : std::exchange(linked_, {})) {
    engine_.OnLinkDown(node, absl::StrCat("this node's transport ended: ", why.message()), now);
  }
  Pump();
}

void ClusterDriver::OnUndeliverable(const Endpoint::Undeliverable& report) {
  if (report.kind != PacketKind::kData || report.destination.service != ServiceId::kCluster) return;
  if (report.reason == UndeliverableReason::kNoSuchService ||
      report.reason == UndeliverableReason::kNoSuchInstance) {
    engine_.OnLinkDown(report.destination.node, "its cluster service does not run", Now());
    Pump();
  }
}

void ClusterDriver::OnEndpointGone(const Address& address) {
  if (address.service != ServiceId::kCluster || address.node == local_) return;
  engine_.OnLinkDown(address.node, "its cluster service ended", Now());
  Pump();
}

void ClusterDriver::OnNodeUp(NodeNumber node) {
  linked_.push_back(node);
  engine_.OnLinkUp(node, Now());
  Pump();
}

void ClusterDriver::OnNodeDown(NodeNumber node) {
  std::erase(linked_, node);
  engine_.OnLinkDown(node, "", Now());
  Pump();
}

void ClusterDriver::OnNodeParted(NodeNumber node, uint64_t token, Instant as_of) {
  engine_.OnParting(node, token, as_of, Now());
  Pump();
}

void ClusterDriver::OnPacket(const Envelope& envelope, Bytes frame) {
  if (envelope.source.service != ServiceId::kCluster || envelope.source.node == local_) return;
  ++counters_.packets_received;
  absl::StatusOr<ClusterMessage> message = absl::InternalError("nothing was read");
  const absl::Status status = ReadPayload([&] {
    PacketReader reader(frame);
    message = DecodeMessage(reader.payload().getAs<wire::ClusterPacket>());
    return message.status();
  });
  const NodeNumber from = envelope.source.node;
  const Instant now = Now();
  if (!status.ok()) {
    if (absl::IsUnimplemented(status)) {  // Of a newer version; it lives, whatever it says.
      engine_.OnHeard(from, now);
      return Pump();
    }
    ++counters_.packets_refused;
    listener_.OnBadPacket(envelope.source, status);
    return;
  }
  // The service over there was gone while the link stayed, and is back.
  if (std::find(linked_.begin(), linked_.end(), from) != linked_.end()) {
    engine_.OnLinkUp(from, now);
  }
  if (const auto* for_engine = std::get_if<EngineMessage>(&*message)) {
    engine_.OnMessage(from, *for_engine, now);
  } else {
    engine_.OnHeard(from, now);
    membership_.OnMessage(from, std::get<MembershipMessage>(*message), now);
  }
  Pump();
}

kj::Promise<void> ClusterDriver::TimerLoop() {
  const Instant now = Now();
  armed_ = std::min({engine_.NextDeadline(), membership_.NextDeadline(), After(now, kSleepMax)});
  auto woken = kj::newPromiseAndFulfiller<void>();
  wake_ = kj::mv(woken.fulfiller);
  const auto pause = std::max<int64_t>((armed_ - now).count(), 0);
  return timer_.afterDelay(pause * kj::NANOSECONDS)
      .exclusiveJoin(kj::mv(woken.promise))
      .then([this] {
        const Instant now = Now();
        const absl::Duration late = ToAbsl(now - armed_);
        if (late > kLateTick) ++counters_.late_ticks;
        counters_.latest_tick = std::max(counters_.latest_tick, late);
        armed_ = Instant::min();  // No wake-up is needed until the timer is armed again.
        engine_.OnTick(now);
        membership_.OnTick(now);
        Pump();
        return TimerLoop();
      });
}

void ClusterDriver::Persist(Ballot ballot) {
  tasks_.add(worker_.Run([path = ballot_path_, ballot] { return StoreBallot(path, ballot); })
                 .then([this, ballot](absl::Status status) -> kj::Promise<void> {
                   if (status.ok()) {
                     engine_.OnPersisted(ballot, Now());
                     Pump();
                     return kj::READY_NOW;
                   }
                   listener_.OnTrouble(status);
                   return timer_
                       .afterDelay(absl::ToInt64Nanoseconds(kPersistRetry) * kj::NANOSECONDS)
                       .then([this, ballot] { Persist(ballot); });
                 }));
}

template <typename Message>
void ClusterDriver::Send(NodeNumber to, const Message& message) {
  ++counters_.packets_sent;
  const Envelope envelope =
      endpoint_.To({to, ServiceId::kCluster, InstanceNumber(0)}, PacketKind::kData);
  // Without a transport there is nobody to talk to; what is lost is said again.
  endpoint_
      .Send(envelope,
            [&](capnp::AnyPointer::Builder payload) {
              EncodeMessage(message, payload.initAs<wire::ClusterPacket>());
            })
      .IgnoreError();
}

void ClusterDriver::SetGroups() {
  if (!endpoint_.is_connected()) return;
  const auto& view = membership_.view();
  const std::vector<NodeNumber> active =
      view.has_value() ? view->members : std::vector<NodeNumber>();
  std::vector<NodeNumber> leader;
  if (engine_.leader().has_value()) leader.push_back(*engine_.leader());
  if (active != active_ && endpoint_.SetGroup(kActiveNodes, active).ok()) active_ = active;
  if (leader != leader_ && endpoint_.SetGroup(kLeaderNode, leader).ok()) leader_ = leader;
}

}  // namespace ctdb::cluster
