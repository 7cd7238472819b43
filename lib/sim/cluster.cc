// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/sim/cluster.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::sim {

Cluster::Cluster(const Options& options)
    : options_(options),
      world_(options.seed),
      trace_(options.trace_lines),
      network_(world_, trace_),
      lock_(world_, trace_),
      starter_(*this) {
  network_.SetOptions(options.network);
  lock_.SetOptions(options.lock);
  for (int i = 0; i < options.nodes + options.spares; ++i) {
    const NodeNumber node(static_cast<uint32_t>(i));
    nodes_.push_back(node);
    if (i < options.nodes) SetListed(node, true);
    hosts_.push_back(std::make_unique<Host>(*this, node));
    hosts_.back()->disk.SetOptions(options.disk);
    hosts_.back()->guardian.SetOptions(options.guardian);
    network_.Add(process(node));
    lock_.Add(process(node));
  }
  TakeOverNodesFile();
  for (const auto& host : hosts_) {
    for (NodeNumber peer : nodes_) {
      if (peer != host->process.number()) host->guardian.AddPeer(process(peer));
    }
  }
  for (NodeNumber node : nodes_) {
    if (!IsListed(node)) continue;
    world_.In(world_.Between(absl::ZeroDuration(), options.start_spread), starter_, node.value());
  }
}

void Cluster::Crash(NodeNumber node) {
  if (!process(node).is_running()) return;
  trace_.Add(world_.now(), absl::StrCat("node ", node.value(), " crashes"));
  network_.OnCrashing(node);
  disk(node).OnCrash();
  const cluster::Membership& membership = this->node(node)->membership();
  Guardian::Remains remains{.token = hosts_[node.value()]->parting_token};
  if (membership.Serves(process(node).LocalNow())) {
    remains.epoch = membership.view()->epoch;
    remains.serve_until = process(node).clock().World(membership.ServesUntil());
  }
  process(node).Crash();
  lock_.OnCrash(node);
  hosts_[node.value()]->guardian.OnCrash(remains);
}

void Cluster::End(NodeNumber node) {
  if (!process(node).is_running() || process(node).is_paused()) return;
  trace_.Add(world_.now(), absl::StrCat("node ", node.value(), " leaves"));
  this->node(node)->Leave(process(node).LocalNow());
  Crash(node);
}

void Cluster::Start(NodeNumber node) {
  if (process(node).is_running() || !IsListed(node)) return;
  Host& host = *hosts_[node.value()];
  if (world_.Chance(0.5)) host.guardian.End();
  host.is_start_due = host.guardian.is_alive();
  if (host.is_start_due) return;
  host.guardian.OnStart();
  trace_.Add(world_.now(), absl::StrCat("node ", node.value(), " starts"));
  process(node).Start();
  network_.OnStarted(node);
}

void Cluster::Reboot(NodeNumber node) {
  if (process(node).is_running()) return;
  process(node).SetClock(DrawClock());
  hosts_[node.value()]->guardian.OnReboot();
}

bool Cluster::IsListed(NodeNumber node) const {
  return node.value() < nodes_file_.size() && !nodes_file_[node.value()].is_deleted;
}

void Cluster::SetListed(NodeNumber node, bool is_listed) {
  // Numbers are the places in the list.
  while (nodes_file_.size() <= node.value()) {
    const auto place = static_cast<uint32_t>(nodes_file_.size());
    nodes_file_.push_back({NodeNumber(place), absl::StrCat("10.0.0.", place), true});
  }
  nodes_file_[node.value()].is_deleted = !is_listed;
}

void Cluster::SetObserver(std::function<void(NodeNumber)> observer) {
  for (const auto& host : hosts_) host->process.SetObserver(observer);
}

Clock Cluster::DrawClock() {
  Clock clock;
  // It shows for how long the host has been up.
  clock.offset =
      world_.Between(absl::Seconds(5), absl::Minutes(1)) - ToAbsl(world_.now().time_since_epoch());
  const int64_t most = options_.drift_ppm;
  clock.drift_ppm = static_cast<int64_t>(world_.random().Below(2 * most + 1)) - most;
  return clock;
}

std::unique_ptr<Program> Cluster::MakeNode(NodeNumber node, Instant now) {
  SimNode::Options options;
  options.engine.watch = options_.watch;
  options.engine.election = options_.election;
  options.engine.election.local = node;
  options.engine.incarnation = world_.random().Next() | 1;
  if (options_.has_guardians) options.engine.parting_token = world_.random().Next() | 1;
  hosts_[node.value()]->parting_token = options.engine.parting_token;
  options.membership = options_.membership;
  options.membership.local = node;
  options.membership.incarnation = options.engine.incarnation;
  options.engine.promised = disk(node).kept();
  options.engine.seed = world_.random().Next();
  const auto is_in_use = [&](const cluster::ListedNode& listed) {
    return listed.number == node && !listed.is_deleted;
  };
  // A node that is new has no other list.
  options.nodes = std::any_of(nodes_in_use_.begin(), nodes_in_use_.end(), is_in_use) ? nodes_in_use_
                                                                                     : nodes_file_;
  options.tamper = options_.tamper;
  options.wrap_engine = options_.wrap_engine;
  return std::make_unique<SimNode>(
      options, SimNode::Parts{world_, network_, disk(node), lock_, trace_}, now);
}

}  // namespace ctdb::sim
