// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// election: decides who leads.
//
// A node that knows of no leader waits a random time, asks whether it would be elected (a trial,
// which disturbs nobody), and then for votes. A vote is a promise to a ballot that survives a
// restart: it is on disk before it is sent. What a leader needs is decided by the rule:
//
//   majority  votes of a majority of the configured nodes. The leader acts only during its lease:
//             `lease` from the moment it sent a beat that a majority has answered. Who answers a
//             beat votes for nobody else for a little longer than that, so an old leader has
//             stopped before a new one can be elected, and nobody needs to be told.
//             What it grants outlasts its lease: so nobody stops serving during an election.
//   lock      the cluster lock (TakeLock). Whoever holds it leads, and steps down when it is lost.
//
// Sources: Lamport, "Paxos made simple" (2001) for ballots; Ongaro, "Consensus: bridging theory and
// practice" (2014), 4.2.3, 6.4.1 and 9.6 for leases, trials (pre-vote) and loyalty to a leader that
// works. docs/decisions/0009-ballots-leases-epochs.md has the reasoning.
//
//   Ownership:  copies what it is told.
//   Threading:  not thread-safe.
//   Errors:     none; late, foreign and repeated inputs are ignored.
//   Blocking:   never.
//   Limits:     every call is at most O(nodes log nodes).
//
// Example:
//   Election election(options, promised, seed, now);
//   election.OnTick(now);
//   Election::Output output = election.TakeOutput();

#ifndef LIB_CLUSTER_ELECTION_H_
#define LIB_CLUSTER_ELECTION_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/base/random.h"
#include "lib/cluster/engine.h"
#include "lib/cluster/message.h"

namespace ctdb::cluster {

// What the cluster lock answered (spec: one character of the helper), or that it was lost.
enum class LockAnswer { kTaken, kContended, kTimedOut, kFailed, kLost };

class Election {
 public:
  enum class Rule { kMajority, kLock };

  struct Options {
    NodeNumber local;
    Rule rule = Rule::kMajority;
    // Two nodes, majority rule: whoever lost the other one may go on alone. When only the link
    // between them is lost, both do.
    bool continues_alone = false;
    absl::Duration beat_interval = absl::Milliseconds(50);
    // Longer: an election after a crash takes longer. Shorter: a busy leader stops more easily.
    absl::Duration lease = absl::Milliseconds(300);
    // How long grants outlast the lease. Longer: a node that is gone is waited for longer. Shorter
    // than an election: all nodes stop serving during each of them.
    absl::Duration overhang = absl::Milliseconds(300);
    // How much longer a promise is than a lease: room for clocks that run at different speeds.
    double clock_margin = 0.1;
    // Candidates wait a random time up to this much, and a bit more for each node. Longer: fewer
    // candidates at the same time.
    absl::Duration spread = absl::Milliseconds(100);
    absl::Duration spread_per_node = absl::Milliseconds(1);
    // An attempt without an answer ends after this.
    absl::Duration attempt_limit = absl::Milliseconds(300);
    // A leader whose beats do not arrive for this long is given up although its node is up.
    absl::Duration leader_timeout = absl::Seconds(5);
    // Between two attempts to get the cluster lock.
    absl::Duration lock_retry = absl::Seconds(1);
  };

  struct Output {
    struct Send {
      NodeNumber to;
      EngineMessage message;
    };
    std::vector<Send> sends;        // At once, in this order.
    std::optional<Ballot> persist;  // To disk; then OnPersisted(). One at a time.
    bool take_lock = false;         // Answered by OnLock().
    bool release_lock = false;      // Whatever is held or being taken; not answered.
    std::vector<Engine::LeaderChanged> events;
  };

  // `promised`: what was persisted last by this node, 0 if nothing ever was.
  Election(const Options& options, Ballot promised, uint64_t seed, Instant now);

  void SetNodes(std::vector<NodeNumber> nodes, std::vector<NodeNumber> next, Instant now);
  // `connected`: sorted, without this node.
  void SetConnected(const std::vector<NodeNumber>& connected, Instant now);
  void SetMayLead(bool may_lead, absl::string_view why, Instant now);
  void SetGrants(const std::vector<NodeNumber>& nodes, Engine::Grants kind, Instant now);
  void SetLeaderTimeout(absl::Duration timeout) { options_.leader_timeout = timeout; }
  void Leave(Instant now);

  void OnVoteRequest(NodeNumber from, const VoteRequest& request, Instant now);
  void OnVoteReply(NodeNumber from, const VoteReply& reply, Instant now);
  void OnBeat(NodeNumber from, const Beat& beat, Instant now);
  void OnBeatReply(NodeNumber from, const BeatReply& reply, Instant now);
  void OnResign(NodeNumber from, const Resign& resign, Instant now);
  // That node, which is not connected, has ended, and its clients had stopped by `as_of`: as of
  // then nothing that was granted to it counts. Whether that is news.
  bool OnParted(NodeNumber node, Instant as_of, Instant now);
  void OnPersisted(Ballot ballot, Instant now);
  // `why`: for logs, when it is not kTaken.
  void OnLock(LockAnswer answer, absl::string_view why, Instant now);
  void OnTick(Instant now);

  Output TakeOutput();
  Instant NextDeadline() const;

  bool HasQuorum() const { return options_.rule == Rule::kLock || IsMajority(Present()); }
  bool Leads(Instant now) const;
  std::optional<NodeNumber> leader() const { return leader_; }
  Ballot ballot() const { return ballot_; }
  Instant ServesUntil() const;
  Instant GrantedUntil(NodeNumber node) const;
  std::string WaitingFor(Instant now) const;

  // Empty, or which rule is broken. For tests and the simulator.
  std::string CheckInvariants() const;

 private:
  // Follows a leader, or knows of none and waits until candidacy_at_.
  struct Following {};
  struct TakingLock {};
  struct Trying {  // Asks whether it would be elected.
    Ballot ballot;
    std::set<NodeNumber> granted;
    Instant until;
  };
  struct Standing {  // Asks for votes.
    Ballot ballot;
    bool is_persisted = false;
    std::set<NodeNumber> granted;
    Instant until;
    Instant inherited_until = Instant::min();  // Of what former leaders may have granted.
    std::set<NodeNumber> parted = {};          // Whom that is nothing for, as all voters say.
  };
  struct Follower {
    std::optional<Instant> answered;  // When the newest beat that it answered was sent.
    SenderTime echo = 0;              // When it sent the reply that the grant counts from.
    absl::Duration grant;
    Instant grant_ends = Instant::min();     // Of that grant, should it be given.
    Instant granted_until = Instant::min();  // Of those that were given.
    bool needs_beat = true;                  // At once, not at the next interval.
  };
  struct Leading {
    Instant since;
    Instant inherited_until;      // Former leaders may have granted until then.
    std::set<NodeNumber> parted;  // But not to these.
    Instant next_beat;
    Instant lease_until;
    std::map<NodeNumber, Follower> followers;
    std::set<NodeNumber> grants;
    Engine::Grants kind = Engine::Grants::kExtend;
    // What this node grants itself: its lease; by the lock rule, which has none, for a while from
    // each beat on, so that its clients stop when it is killed.
    Instant serves_until;
    Instant extended_until;  // By a former leader's grant, and by that since.
  };
  using State = std::variant<Following, TakingLock, Trying, Standing, Leading>;
  // A promise that is being written, and to whom it will be told.
  struct PendingVote {
    Ballot ballot;
    NodeNumber candidate;
    SenderTime sent = 0;
  };

  static constexpr Instant kLongAgo = Instant::min();

  static size_t Majority(const std::vector<NodeNumber>& nodes) { return nodes.size() / 2 + 1; }
  static size_t CountOf(const std::vector<NodeNumber>& nodes, const std::set<NodeNumber>& granted);
  static bool HasMajority(const std::vector<NodeNumber>& nodes,
                          const std::set<NodeNumber>& granted);
  bool IsMember(NodeNumber node) const;
  bool IsMajority(const std::set<NodeNumber>& granted) const;
  bool CanBeElected() const;
  std::set<NodeNumber> Present() const;  // The connected nodes and this one.
  // By the lock rule nothing tells how much of the lease is left.
  absl::Duration LongestGrant() const { return options_.lease + options_.overhang; }
  bool HasPromised(Instant now) const { return now < promised_until_; }
  SenderTime Clock(Instant now) const { return now.time_since_epoch().count(); }
  absl::Duration WithMargin(absl::Duration duration) const {
    return duration * (1 + options_.clock_margin);
  }
  absl::Duration RandomSpread();

  void SetLeader(std::optional<NodeNumber> leader, Ballot ballot, absl::string_view why);
  void LoseLeader(absl::string_view why, Instant now);
  void StepDown(absl::string_view why, Instant now);
  void WaitForCandidacy(Instant earliest);
  void ResumeCandidacy(Instant now);
  void StartAttempt(Instant now);
  void Stand(Instant now);
  void Persist(Ballot ballot);
  void BeginLeading(const Standing& standing, Instant now);
  void RenewLease(Instant now);
  void SendBeats(bool to_all, Instant now);
  void SendToConnected(const EngineMessage& message);
  void See(Ballot ballot);
  absl::Duration ReleasedFor(Instant now) const;

  Options options_;
  const Instant started_;
  Random random_;
  std::vector<NodeNumber> nodes_;
  std::vector<NodeNumber> next_nodes_;  // Empty unless the list is being changed.
  std::set<NodeNumber> connected_;
  bool has_met_others_ = false;
  bool may_lead_ = true;
  bool has_left_ = false;
  bool holds_lock_ = false;

  State state_ = Following{};
  std::optional<NodeNumber> leader_;
  Ballot ballot_;    // Of the leader known last.
  Ballot highest_;   // Seen anywhere.
  Ballot promised_;  // On disk.
  std::optional<Ballot> persisting_;
  std::optional<PendingVote> pending_vote_;
  // No vote for another leader before this: a promise to the present one, or one that this node
  // may have given before it was restarted.
  Instant promised_until_;
  Instant loyal_until_;   // The same, but for those whom their leader has released from it.
  Instant served_until_;  // As a follower.
  Instant last_beat_;     // From the leader.
  // Whom no leader that this node knows of, by its beats or by a vote, can have granted anything
  // that still counts.
  std::set<NodeNumber> parted_;
  Instant candidacy_at_;
  std::string lock_trouble_;  // Why the lock was not to be had last time.
  Output output_;
};

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_ELECTION_H_
