// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// node: one run of a simulated cluster service. It owns the state machines and does for them what a
// driver does: hands them inputs, carries out their outputs in order, and ticks them.
//
// The engine gets each input first, then membership, as in lib/cluster/io/cluster_driver.h; run
// states advance as in lib/daemon/services/cluster_server.h. Another state machine joins in four
// places: as a member, in Handle() and OnPacket() for what is its own, in NextDeadline(), and in
// Settle().
//
//   Ownership:  owns the state machines; refers to what they act on.
//   Threading:  not thread-safe.
//   Errors:     what no driver may see is kept in problem().
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   SimNode node(options, {world, network, disk, lock, trace}, now);
//   node.Handle(LinkNotice{NodeNumber(1), true, ""}, now);

#ifndef LIB_SIM_NODE_H_
#define LIB_SIM_NODE_H_

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/builtin_engine.h"
#include "lib/cluster/membership.h"
#include "lib/sim/disk.h"
#include "lib/sim/lock_service.h"
#include "lib/sim/network.h"
#include "lib/sim/process.h"
#include "lib/sim/trace.h"

namespace ctdb::sim {

class SimNode final : public Program {
 public:
  // For proofs that checkers see it: changes what a node is about to send.
  using Tamper = std::function<void(Message& message)>;
  // The same, for what membership learns from the engine.
  using WrapEngine = std::function<std::unique_ptr<cluster::Engine>(cluster::Engine& engine)>;

  struct Options {
    cluster::BuiltinEngine::Options engine;
    cluster::Membership::Options membership;
    std::vector<cluster::ListedNode> nodes;
    Tamper tamper;
    WrapEngine wrap_engine;
  };
  struct Parts {
    World& world;
    Network& network;
    Disk& disk;
    LockService& lock;
    Trace& trace;
  };

  SimNode(const Options& options, const Parts& parts, Instant now);

  void Handle(const Input& input, Instant now) override;
  void Tick(Instant now) override;
  Instant NextDeadline() const override;
  // The process is about to end on purpose.
  void Leave(Instant now);

  const cluster::BuiltinEngine& engine() const { return engine_; }
  const cluster::Membership& membership() const { return membership_; }
  // Empty, or which promise of a state machine to its driver was broken.
  std::string problem() const;

 private:
  void OnPacket(const Packet& packet, Instant now);
  // Carries out what the state machines want.
  void Settle(Instant now);
  void Pump(Instant now);
  void Apply(const cluster::BuiltinEngine::Output& output);
  void NoteChanges();
  void Send(NodeNumber to, Message message);

  const NodeNumber local_;
  const Tamper tamper_;
  Parts parts_;
  cluster::BuiltinEngine engine_;
  const std::unique_ptr<cluster::Engine> wrapped_;  // Null, or what membership sees of it.
  cluster::Membership membership_;
  std::set<NodeNumber> linked_;  // As the transport says.
  uint64_t noted_ = 0;           // The last change that is in the trace.
  uint64_t lock_attempt_ = 0;
  std::string problem_;
};

}  // namespace ctdb::sim

#endif  // LIB_SIM_NODE_H_
