// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// network: links between processes, like those of lib/transport: one per pair of nodes, in order,
// with a notice at each end when it comes and goes, and everything that can go wrong with them.
//
// A process that ends takes its links down at once. A cut in either direction says nothing: packets
// vanish, and each end notices after a while, if the cut lasts. When a cut is healed, the link goes
// down and comes up anew. A clogged direction delivers nothing for a while and then all of it.
//
//   Ownership:  refers to the world, the trace and the processes.
//   Threading:  not thread-safe.
//   Errors:     none; what is sent without a link is lost.
//   Blocking:   never.
//   Limits:     memory: packets on their way.
//
// Example:
//   Network network(world, trace);
//   network.Add(process);
//   network.Send(NodeNumber(0), NodeNumber(1), message);
//   network.Cut(NodeNumber(0), NodeNumber(1));

#ifndef LIB_SIM_NETWORK_H_
#define LIB_SIM_NETWORK_H_

#include <algorithm>
#include <functional>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/sim/message.h"
#include "lib/sim/process.h"
#include "lib/sim/trace.h"
#include "lib/sim/world.h"

namespace ctdb::sim {

class Network final : public Actor {
 public:
  struct Options {
    absl::Duration delay_least = absl::Microseconds(50);
    absl::Duration delay_mean = absl::Microseconds(200);
    // A packet in `tail_share` takes up to this much longer.
    absl::Duration delay_tail = absl::ZeroDuration();
    double tail_share = 0;
    double loss = 0;
    double duplicate = 0;
    double reorder = 0;  // Packets that may overtake others.
    // How long an end does not notice that the link is dead.
    absl::Duration notice_least = absl::Seconds(2);
    absl::Duration notice_most = absl::Seconds(15);
    absl::Duration dial_most = absl::Milliseconds(500);  // Between two attempts to connect.
  };

  Network(World& world, Trace& trace) : world_(world), trace_(trace) {}

  // In the order of their numbers, from 0 on, and before anything happens.
  void Add(Process& process);
  void SetOptions(const Options& options) { options_ = options; }

  void Send(NodeNumber from, NodeNumber to, const Message& message);
  // To be called after the process was started, and before it crashes.
  void OnStarted(NodeNumber node);
  void OnCrashing(NodeNumber node);

  // One direction; nothing gets through from now on.
  void Cut(NodeNumber from, NodeNumber to);
  void Heal(NodeNumber from, NodeNumber to);
  void Clog(NodeNumber from, NodeNumber to, absl::Duration duration);
  // Both ends lose the link, almost at once, as when a firewall rejects it.
  void Reset(NodeNumber a, NodeNumber b);
  void HealAll();
  bool IsCut(NodeNumber from, NodeNumber to) const { return PathOf(from, to).is_cut; }
  // Whether this end thinks that there is a link.
  bool HasLink(NodeNumber at, NodeNumber peer) const { return PathOf(at, peer).is_up; }

  // Called for whatever is sent, lost or not.
  void SetObserver(std::function<void(NodeNumber from, const Message&)> observer) {
    observer_ = std::move(observer);
  }

  // Sent so far, by kind.
  const MessageCounts& sent() const { return sent_; }

  void OnEvent(uint64_t what) override;

 private:
  // One direction, and the end that sends in it.
  struct Path {
    bool is_up = false;  // As the sender knows.
    bool is_cut = false;
    Instant clogged_until{};
    Instant last_arrival{};
  };
  // Of two nodes; stands at the lower one's place.
  struct Pair {
    uint64_t link = 0;  // Counts their links.
    bool is_dialing = false;
  };
  enum class Step : uint64_t { kArrive, kConnect, kNoticeLoss, kReset };
  struct Transit {
    Step step = Step::kArrive;
    NodeNumber from;
    NodeNumber to;
    uint64_t link = 0;  // Which link of this pair it belongs to.
    Message message;
  };

  size_t Index(NodeNumber from, NodeNumber to) const {
    return from.value() * processes_.size() + to.value();
  }
  const Path& PathOf(NodeNumber from, NodeNumber to) const { return paths_[Index(from, to)]; }
  Path& PathOf(NodeNumber from, NodeNumber to) { return paths_[Index(from, to)]; }
  Pair& PairOf(NodeNumber a, NodeNumber b) { return pairs_[Index(std::min(a, b), std::max(a, b))]; }
  uint64_t LinkOf(NodeNumber a, NodeNumber b) { return PairOf(a, b).link; }
  bool IsClean(NodeNumber a, NodeNumber b) const {
    return !PathOf(a, b).is_cut && !PathOf(b, a).is_cut;
  }
  absl::Duration Delay();
  void Schedule(Instant at, Transit transit);
  void SchedulePacket(NodeNumber from, NodeNumber to, const Message& message);
  void Arrive(const Transit& transit);
  void Connect(NodeNumber a, NodeNumber b);
  void DialLater(NodeNumber a, NodeNumber b);
  // This end learns that the link is gone.
  void TakeDown(NodeNumber at, NodeNumber peer, absl::string_view why);

  World& world_;
  Trace& trace_;
  Options options_;
  std::vector<Process*> processes_;
  std::vector<Path> paths_;
  std::vector<Pair> pairs_;
  std::vector<Transit> transits_;
  std::vector<uint32_t> free_;  // Places in transits_.
  MessageCounts sent_{};
  std::function<void(NodeNumber, const Message&)> observer_;
};

}  // namespace ctdb::sim

#endif  // LIB_SIM_NETWORK_H_
