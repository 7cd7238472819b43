// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// builtin_engine: the engine that needs nothing installed: keepalives over the transport
// (peer_watch.h) and votes or the cluster lock (election.h).
//
//   Ownership:  copies what it is told.
//   Threading:  not thread-safe.
//   Errors:     none; late, foreign and repeated inputs are ignored.
//   Blocking:   never.
//   Limits:     those of its parts.
//
// Example:
//   BuiltinEngine engine(options, now);
//   engine.OnLinkUp(NodeNumber(1), now);
//   engine.OnMessage(NodeNumber(1), message, now);
//   BuiltinEngine::Output output = engine.TakeOutput();
//   for (auto& send : output.sends) Send(send.to, send.message);

#ifndef LIB_CLUSTER_BUILTIN_ENGINE_H_
#define LIB_CLUSTER_BUILTIN_ENGINE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/cluster/election.h"
#include "lib/cluster/engine.h"
#include "lib/cluster/peer_watch.h"

namespace ctdb::cluster {

class BuiltinEngine final : public Engine {
 public:
  struct Options {
    PeerWatch::Options watch;
    Election::Options election;
    uint64_t incarnation = 1;  // New at every start, not 0.
    // What a guardian of this run will say when the run has ended; 0: it has none.
    uint64_t parting_token = 0;
    Ballot promised;  // As persisted last; 0 if nothing ever was.
    uint64_t seed = 0;
  };
  struct Output {
    std::vector<Election::Output::Send> sends;  // At once, in this order.
    std::optional<Ballot> persist;              // To disk; then OnPersisted(). One at a time.
    bool take_lock = false;                     // Answered by OnLock().
    bool release_lock = false;                  // Comes before take_lock.
  };

  BuiltinEngine(const Options& options, Instant now);

  void SetWatchOptions(const PeerWatch::Options& options, Instant now);
  void SetLeaderTimeout(absl::Duration timeout) { election_.SetLeaderTimeout(timeout); }

  void OnLinkUp(NodeNumber peer, Instant now);
  void OnLinkDown(NodeNumber peer, absl::string_view why, Instant now);
  void OnMessage(NodeNumber from, const EngineMessage& message, Instant now);
  // Another packet of the cluster service of that node arrived.
  void OnHeard(NodeNumber from, Instant now);
  // Somebody says that a run of that node has ended and that its clients have stopped. It counts
  // if `token` is the newest run's. He was there at `as_of`, and no later run serves before he is
  // gone.
  void OnParting(NodeNumber peer, uint64_t token, Instant as_of, Instant now);
  void OnPersisted(Ballot ballot, Instant now);
  void OnLock(LockAnswer answer, absl::string_view why, Instant now);
  Output TakeOutput();

  void SetNodes(std::vector<NodeNumber> nodes, std::vector<NodeNumber> next, Instant now) override;
  void SetMayLead(bool may_lead, absl::string_view why, Instant now) override;
  void SetGrants(const std::vector<NodeNumber>& nodes, Grants kind, Instant now) override;
  void Leave(Instant now) override;
  void OnTick(Instant now) override;
  Instant NextDeadline() const override;
  std::vector<Event> TakeEvents() override;
  bool HasQuorum() const override { return election_.HasQuorum(); }
  bool Leads(Instant now) const override { return election_.Leads(now); }
  std::optional<NodeNumber> leader() const override { return election_.leader(); }
  Ballot ballot() const override { return election_.ballot(); }
  Instant ServesUntil() const override { return election_.ServesUntil(); }
  Instant GrantedUntil(NodeNumber node) const override { return election_.GrantedUntil(node); }
  const std::vector<NodeNumber>& connected() const override { return watch_.up(); }
  std::string WaitingFor(Instant now) const override { return election_.WaitingFor(now); }

  // Empty, or which rule is broken. For tests and the simulator.
  std::string CheckInvariants() const { return election_.CheckInvariants(); }

 private:
  struct Parting {
    uint64_t token = 0;
    Instant as_of;
  };

  // Of nodes whose last words have all been heard.
  void TakePartings(Instant now);
  // Passes on what the watch found, and takes what the election wants.
  void Settle(Instant now);

  const NodeNumber local_;
  PeerWatch watch_;
  Election election_;
  std::map<NodeNumber, Parting> partings_;  // Of nodes that a link exists to.
  Output output_;
  std::vector<Event> events_;
};

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_BUILTIN_ENGINE_H_
