// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/faults.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace ctdb::sim {
namespace {

constexpr struct {
  Fault fault;
  absl::string_view name;
} kNames[] = {
    {kDelay, "delay"},        {kLoss, "loss"},          {kDuplicate, "duplicate"},
    {kReorder, "reorder"},    {kCutLinks, "cut"},       {kPartition, "partition"},
    {kClog, "clog"},          {kCrash, "crash"},        {kPause, "pause"},
    {kDrift, "drift"},        {kSlowDisk, "disk"},      {kLockSlow, "lock-slow"},
    {kLockHang, "lock-hang"}, {kLockLies, "lock-lies"}, {kAdmin, "admin"},
};

constexpr absl::Duration kNow = absl::ZeroDuration();

// Short ones are more frequent.
absl::Duration Skewed(World& world, absl::Duration least, absl::Duration most) {
  const double share = world.random().Fraction();
  return least + (most - least) * (share * share);
}

}  // namespace

absl::StatusOr<FaultSet> ParseFaults(absl::string_view text) {
  if (text == "none") return FaultSet{0};
  if (text == "all") return kAllFaults;
  FaultSet faults = 0;
  for (absl::string_view word : absl::StrSplit(text, ',')) {
    const auto* known = std::find_if(std::begin(kNames), std::end(kNames),
                                     [&](const auto& entry) { return entry.name == word; });
    if (known == std::end(kNames)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", word, "\" is not a fault: use none, all or some of ", FaultNames(kAllFaults)));
    }
    faults |= known->fault;
  }
  return faults;
}

std::string FaultNames(FaultSet faults) {
  std::vector<absl::string_view> names;
  for (const auto& entry : kNames) {
    if ((faults & entry.fault) != 0) names.push_back(entry.name);
  }
  return names.empty() ? "none" : absl::StrJoin(names, ",");
}

FaultSet DrawFaults(FaultSet faults, Random& random) {
  FaultSet drawn = 0;
  while (drawn == 0 && faults != 0) {
    for (const auto& entry : kNames) {
      if ((faults & entry.fault) != 0 && random.Below(5) < 3) drawn |= entry.fault;
    }
  }
  return drawn;
}

void Faults::Start() { Plan(kNow, absl::Seconds(5), Step::kBeginTrouble); }

void Faults::Stop() {
  BeginCalm();
  is_over_ = true;
  cluster_.network().HealAll();
  for (NodeNumber node : cluster_.nodes()) {
    cluster_.process(node).Resume();
    cluster_.Start(node);
  }
}

void Faults::OnEvent(uint64_t what) {
  const Step step = static_cast<Step>(what & 0xff);
  const NodeNumber a(static_cast<uint32_t>(what >> 8 & 0xffff));
  const NodeNumber b(static_cast<uint32_t>(what >> 24 & 0xffff));
  const bool is_repair = step == Step::kHeal || step == Step::kStart || step == Step::kResume;
  if (is_over_ || (what >> 40 != phase_ && !is_repair)) return;
  Run(step, a, b);
}

void Faults::Run(Step step, NodeNumber a, NodeNumber b) {
  switch (step) {
    case Step::kBeginTrouble:
      return BeginTrouble();
    case Step::kBeginCalm:
      return BeginCalm();
    case Step::kSwizzle:
      return Swizzle();
    case Step::kFlap:
      return Flap();
    case Step::kPartition:
      return Partition();
    case Step::kClog: {
      const auto [from, to] = AnyLink();
      cluster_.network().Clog(from, to,
                              Skewed(cluster_.world(), absl::Milliseconds(50), absl::Seconds(4)));
      return Plan(kNow, absl::Seconds(3), Step::kClog);
    }
    case Step::kCrash:
      return Crash();
    case Step::kPause:
      return Pause();
    case Step::kLock:
      return TroubleLock();
    case Step::kCut:
      return cluster_.network().Cut(a, b);
    case Step::kHeal:
      return cluster_.network().Heal(a, b);
    case Step::kStart:
      return cluster_.Start(a);
    case Step::kResume:
      return cluster_.process(a).Resume();
  }
}

void Faults::Plan(absl::Duration least, absl::Duration most, Step step, NodeNumber a,
                  NodeNumber b) {
  cluster_.world().In(cluster_.world().Between(least, most), *this,
                      phase_ << 40 | static_cast<uint64_t>(b.value()) << 24 |
                          static_cast<uint64_t>(a.value()) << 8 | static_cast<uint64_t>(step));
}

NodeNumber Faults::AnyNode() {
  return cluster_.nodes()[cluster_.world().random().Below(cluster_.nodes().size())];
}

std::pair<NodeNumber, NodeNumber> Faults::AnyLink() {
  const auto size = static_cast<uint32_t>(cluster_.size());
  const NodeNumber from = AnyNode();
  const auto step = static_cast<uint32_t>(1 + cluster_.world().random().Below(size - 1));
  return {from, NodeNumber((from.value() + step) % size)};
}

void Faults::BeginTrouble() {
  ++phase_;
  cluster_.trace().Add(cluster_.world().now(), "trouble begins");
  SetOptions(/*is_trouble=*/true);
  const bool has_peers = cluster_.size() > 1;
  if (Has(kCutLinks) && has_peers) {
    Plan(kNow, absl::Seconds(5), Step::kSwizzle);
    Plan(kNow, absl::Seconds(5), Step::kFlap);
  }
  if (Has(Fault::kPartition) && has_peers) Plan(kNow, absl::Seconds(5), Step::kPartition);
  if (Has(Fault::kClog) && has_peers) Plan(kNow, absl::Seconds(5), Step::kClog);
  if (Has(Fault::kCrash)) Plan(kNow, absl::Seconds(5), Step::kCrash);
  if (Has(Fault::kPause)) Plan(kNow, absl::Seconds(5), Step::kPause);
  if (Has(kLockSlow) || Has(kLockLies)) Plan(kNow, absl::Seconds(5), Step::kLock);
  Plan(absl::Seconds(5), absl::Seconds(40), Step::kBeginCalm);
}

void Faults::BeginCalm() {
  ++phase_;
  cluster_.trace().Add(cluster_.world().now(), "calm begins");
  SetOptions(/*is_trouble=*/false);
  for (NodeNumber from : cluster_.nodes()) {
    for (NodeNumber to : cluster_.nodes()) {
      if (from != to && cluster_.network().IsCut(from, to)) {
        Plan(kNow, absl::Seconds(3), Step::kHeal, from, to);
      }
    }
  }
  Plan(absl::Seconds(3), absl::Seconds(20), Step::kBeginTrouble);
}

void Faults::SetOptions(bool is_trouble) {
  World& world = cluster_.world();
  Network::Options network;
  absl::Duration slack;
  if (is_trouble && Has(kDelay)) {
    network.delay_mean = Skewed(world, absl::Milliseconds(1), absl::Milliseconds(60));
    network.delay_tail = Skewed(world, kNow, absl::Seconds(2));
    network.tail_share = 0.1 * world.random().Fraction();
    slack = Skewed(world, kNow, absl::Milliseconds(100));
  }
  if (is_trouble && Has(kLoss)) network.loss = 0.2 * world.random().Fraction();
  if (is_trouble && Has(kDuplicate)) network.duplicate = 0.2 * world.random().Fraction();
  if (is_trouble && Has(kReorder)) network.reorder = 0.3 * world.random().Fraction();
  cluster_.network().SetOptions(network);
  LockService::Options lock;
  if (is_trouble && Has(kLockSlow)) {
    lock.answer_most = Skewed(world, kNow, absl::Seconds(4));
    lock.free_most = absl::Seconds(3);
  }
  if (is_trouble && Has(kLockHang)) {
    lock.hang = 0.5 * world.random().Fraction();
    lock.fail = 0.3 * world.random().Fraction();
  }
  cluster_.lock().SetOptions(lock);
  for (NodeNumber node : cluster_.nodes()) {
    cluster_.process(node).SetTimerSlack(slack);
    Disk::Options disk = cluster_.disk(node).options();
    disk.most = is_trouble && Has(kSlowDisk) && world.Chance(0.5)
                    ? Skewed(world, absl::Milliseconds(5), absl::Seconds(3))
                    : Disk::Options().most;
    cluster_.disk(node).SetOptions(disk);
  }
}

void Faults::Swizzle() {
  const uint64_t count =
      1 + cluster_.world().random().Below(static_cast<uint64_t>(2 * cluster_.size()));
  for (uint64_t i = 0; i < count; ++i) {
    const auto [from, to] = AnyLink();
    Plan(kNow, absl::Seconds(4), Step::kCut, from, to);
    Plan(absl::Seconds(4), absl::Seconds(10), Step::kHeal, from, to);
  }
  Plan(absl::Seconds(5), absl::Seconds(20), Step::kSwizzle);
}

void Faults::Flap() {
  World& world = cluster_.world();
  const NodeNumber node = AnyNode();
  const bool comes_back = world.Chance(0.5);
  const double share = world.Chance(0.5) ? 1 : 0.5;
  cluster_.trace().Add(world.now(), absl::StrCat("links of node ", node.value(), " are reset"));
  for (NodeNumber peer : cluster_.nodes()) {
    if (peer == node || !world.Chance(share)) continue;
    cluster_.network().Reset(node, peer);
    if (comes_back) continue;
    for (const auto& [from, to] : {std::pair(node, peer), std::pair(peer, node)}) {
      cluster_.network().Cut(from, to);
      Plan(absl::Milliseconds(100), absl::Seconds(5), Step::kHeal, from, to);
    }
  }
  Plan(absl::Milliseconds(500), absl::Seconds(15), Step::kFlap);
}

void Faults::Partition() {
  World& world = cluster_.world();
  const uint64_t mode = world.random().Below(4);
  const NodeNumber one = AnyNode();
  std::vector<bool> side;
  for (int i = 0; i < cluster_.size(); ++i) side.push_back(world.Chance(0.5));
  const auto is_apart = [&](NodeNumber a, NodeNumber b) {
    const uint32_t distance = a < b ? b.value() - a.value() : a.value() - b.value();
    const bool are_neighbours =
        distance == 1 || distance == static_cast<uint32_t>(cluster_.size()) - 1;
    if (mode == 0) return side[a.value()] != side[b.value()];
    if (mode == 1) return a == one || b == one;
    if (mode == 2) return !are_neighbours;
    return false;  // All together again.
  };
  cluster_.trace().Add(world.now(), absl::StrCat("partition of kind ", mode));
  for (NodeNumber a : cluster_.nodes()) {
    for (NodeNumber b : cluster_.nodes()) {
      if (a == b) continue;
      if (is_apart(a, b)) {
        cluster_.network().Cut(a, b);
      } else {
        cluster_.network().Heal(a, b);
      }
    }
  }
  Plan(absl::Milliseconds(300), absl::Seconds(15), Step::kPartition);
}

void Faults::Crash() {
  World& world = cluster_.world();
  const NodeNumber node = AnyNode();
  if (cluster_.process(node).is_running()) {
    if (world.Chance(0.3)) cluster_.End(node);
    cluster_.Crash(node);
    if (world.Chance(0.3)) cluster_.Reboot(node);
    const absl::Duration down = Skewed(world, absl::Milliseconds(20), absl::Seconds(15));
    Plan(down, down, Step::kStart, node);
  }
  // Now and then several at once.
  Plan(kNow, world.Chance(0.3) ? absl::Milliseconds(200) : absl::Seconds(10), Step::kCrash);
}

void Faults::Pause() {
  World& world = cluster_.world();
  const NodeNumber node = AnyNode();
  if (cluster_.process(node).is_running() && !cluster_.process(node).is_paused()) {
    cluster_.trace().Add(world.now(), absl::StrCat("node ", node.value(), " is paused"));
    cluster_.process(node).Pause();
    const absl::Duration pause = Skewed(world, absl::Milliseconds(5), absl::Seconds(8));
    Plan(pause, pause, Step::kResume, node);
  }
  Plan(kNow, absl::Seconds(5), Step::kPause);
}

void Faults::TroubleLock() {
  World& world = cluster_.world();
  if (Has(kLockLies) && (!Has(kLockSlow) || world.Chance(0.5))) {
    cluster_.lock().Replace(world.Between(kNow, absl::Seconds(5)));
  } else {
    cluster_.lock().Lose();
  }
  Plan(absl::Seconds(1), absl::Seconds(15), Step::kLock);
}

}  // namespace ctdb::sim
