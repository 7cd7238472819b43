// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// election_fixture: one Election with a clock in hand. Ballots are written "round.node", and what
// it wants as words: "persist 1.0, ask 1.0 > 1, beat 1.0 > 2".

#ifndef TESTS_CLUSTER_ELECTION_FIXTURE_H_
#define TESTS_CLUSTER_ELECTION_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/cluster/election.h"

namespace ctdb::cluster {

inline constexpr Instant kStart{std::chrono::hours(1)};
inline constexpr absl::Duration kTick = absl::Nanoseconds(1);

inline NodeNumber Node(int node) { return NodeNumber(static_cast<uint32_t>(node)); }
inline std::vector<NodeNumber> NodeList(const std::vector<int>& nodes) {
  std::vector<NodeNumber> list;
  for (int node : nodes) list.push_back(Node(node));
  return list;
}
inline Ballot At(uint64_t round, int node) { return MakeBallot(round, Node(node)); }
inline std::string Text(Ballot ballot) {
  return absl::StrCat(RoundOf(ballot), ".", NodeOf(ballot).value());
}

class ElectionWorld {
 public:
  // Of node 0 among so many.
  explicit ElectionWorld(int nodes, Election::Options options = {}, Ballot promised = Ballot())
      : options_(options), election_(options, promised, /*seed=*/1, kStart) {
    std::vector<int> all;
    for (int node = 0; node < nodes; ++node) {
      all.push_back(node);
      if (node > 0) others_.push_back(Node(node));
    }
    SetNodes(all);
  }

  void SetNodes(const std::vector<int>& nodes, const std::vector<int>& next = {}) {
    election_.SetNodes(NodeList(nodes), NodeList(next), now_);
    Check();
  }
  void Connect(const std::vector<int>& nodes) {
    election_.SetConnected(NodeList(nodes), now_);
    Check();
  }
  void MayLead(bool may_lead) {
    election_.SetMayLead(may_lead, "it was told so", now_);
    Check();
  }
  void Leave() {
    election_.Leave(now_);
    Check();
  }
  void Pass(absl::Duration time) { PassTo(After(now_, time)); }
  void PassTo(Instant then) {
    now_ = then;
    election_.OnTick(now_);
    Check();
  }
  void PassToDeadline() {
    ASSERT_NE(election_.NextDeadline(), kNever);
    PassTo(std::max(now_, election_.NextDeadline()));
  }
  // Only the clock; nothing runs here meanwhile.
  void Sleep(absl::Duration time) { now_ = After(now_, time); }

  void Trial(int from, Ballot ballot) {
    election_.OnVoteRequest(Node(from), {true, ballot, 5}, now_);
    Check();
  }
  void Ask(int from, Ballot ballot) {
    election_.OnVoteRequest(Node(from), {false, ballot, 5}, now_);
    Check();
  }
  void TrialReply(int from, Ballot ballot, bool is_granted, Ballot highest = Ballot()) {
    election_.OnVoteReply(Node(from), {true, ballot, is_granted, highest, 5}, now_);
    Check();
  }
  void Vote(int from, Ballot ballot, bool is_granted, Ballot highest = Ballot()) {
    election_.OnVoteReply(Node(from), {false, ballot, is_granted, highest, 5}, now_);
    Check();
  }
  void Beat(int from, Ballot ballot, SenderTime echo = 0, absl::Duration grant = {}) {
    election_.OnBeat(Node(from), {ballot, 5, echo, absl::ToInt64Nanoseconds(grant)}, now_);
    Check();
  }
  void Extend(int from, Ballot ballot, SenderTime echo, absl::Duration grant) {
    election_.OnBeat(Node(from), {ballot, 5, echo, absl::ToInt64Nanoseconds(grant), true}, now_);
    Check();
  }
  // An answer to the beat that was sent at `beat`, given at `sent` on the clock of `from`.
  void Answer(int from, Ballot ballot, Instant beat, SenderTime sent) {
    election_.OnBeatReply(Node(from), {ballot, true, ballot, Clock(beat), sent}, now_);
    Check();
  }
  void Refuse(int from, Ballot ballot, Ballot highest) {
    election_.OnBeatReply(Node(from), {ballot, false, highest, Clock(now_), 0}, now_);
    Check();
  }
  void Resigned(int from, Ballot ballot) {
    election_.OnResign(Node(from), {ballot}, now_);
    Check();
  }
  void Parted(int node, Instant as_of) {
    election_.OnParted(Node(node), as_of, now_);
    Check();
  }
  // A granted vote that says whom nothing is left of what they were granted.
  void VoteWithParted(int from, Ballot ballot, absl::Duration released,
                      const std::vector<int>& parted) {
    election_.OnVoteReply(
        Node(from),
        {false, ballot, true, ballot, 5, absl::ToInt64Nanoseconds(released), NodeList(parted)},
        now_);
    Check();
  }
  void Persisted(Ballot ballot) {
    election_.OnPersisted(ballot, now_);
    Check();
  }
  void Lock(LockAnswer answer, absl::string_view why = "") {
    election_.OnLock(answer, why, now_);
    Check();
  }

  // To where it leads, elected by node 1, before the first answer to a beat.
  void BeElected() {
    PassToDeadline();
    const Ballot ballot = At(RoundOf(highest_) + 1, 0);
    TrialReply(1, ballot, true);
    Persisted(ballot);
    Vote(1, ballot, true);
    EXPECT_EQ(election_.leader(), Node(0));
    GrantAll();
    since_ = now_;
    TakeAll();
  }
  // Everybody may serve, as far as the leader goes.
  void GrantAll() { election_.SetGrants(others_, Engine::Grants::kGive, now_); }
  // To where it may act: node 1 has answered the first beat.
  void Lead() {
    BeElected();
    Answer(1, election_.ballot(), now_, 1000);
    EXPECT_TRUE(Leads());
    TakeAll();
  }
  void PassAbstention() { PassTo(After(kStart, Promise())); }

  std::string Output() {
    const Election::Output output = election_.TakeOutput();
    std::vector<std::string> words;
    if (output.persist.has_value()) words.push_back("persist " + Text(*output.persist));
    if (output.release_lock) words.push_back("release lock");
    if (output.take_lock) words.push_back("take lock");
    for (const auto& send : output.sends) {
      words.push_back(absl::StrCat(Word(send.message), " > ", send.to.value()));
    }
    for (const auto& event : output.events) events_.push_back(Word(event));
    sends_ = output.sends;
    return absl::StrJoin(words, ", ");
  }
  std::string Events() {
    for (const auto& event : election_.TakeOutput().events) events_.push_back(Word(event));
    return absl::StrJoin(std::exchange(events_, {}), ", ");
  }
  void TakeAll() {
    Output();
    Events();
  }
  // The newest beat to the node among what Output() has seen last.
  cluster::Beat SentBeat(int to) const {
    cluster::Beat found;
    for (const auto& send : sends_) {
      const auto* beat = std::get_if<cluster::Beat>(&send.message);
      if (beat != nullptr && send.to == Node(to)) found = *beat;
    }
    return found;
  }

  bool Leads() const { return election_.Leads(now_); }
  std::string WaitingFor() const { return election_.WaitingFor(now_); }
  absl::Duration Promise() const { return options_.lease * (1 + options_.clock_margin); }
  static SenderTime Clock(Instant now) { return now.time_since_epoch().count(); }
  absl::Duration UntilDeadline() const { return ToAbsl(election_.NextDeadline() - now_); }
  absl::Duration SpreadMax() const { return options_.spread + 7 * options_.spread_per_node; }
  const Election& election() const { return election_; }
  Election& election() { return election_; }
  const Election::Options& options() const { return options_; }
  Instant now() const { return now_; }
  Instant since() const { return since_; }
  // What the next election must be above.
  void set_highest(Ballot highest) { highest_ = highest; }

 private:
  void Check() { EXPECT_EQ(election_.CheckInvariants(), ""); }
  static std::string Word(const EngineMessage& message) {
    if (const auto* request = std::get_if<VoteRequest>(&message)) {
      return absl::StrCat(request->is_trial ? "try " : "ask ", Text(request->ballot));
    }
    if (const auto* vote = std::get_if<VoteReply>(&message)) {
      return absl::StrCat(vote->is_trial ? "would " : "vote ", vote->is_granted ? "yes " : "no ",
                          Text(vote->ballot));
    }
    if (const auto* beat = std::get_if<cluster::Beat>(&message)) {
      return absl::StrCat("beat ", Text(beat->ballot));
    }
    if (const auto* reply = std::get_if<BeatReply>(&message)) {
      return reply->is_accepted
                 ? absl::StrCat("follow ", Text(reply->ballot))
                 : absl::StrCat("refuse ", Text(reply->ballot), " for ", Text(reply->highest));
    }
    if (const auto* resign = std::get_if<Resign>(&message)) {
      return absl::StrCat("resign ", Text(resign->ballot));
    }
    return "alive";
  }
  static std::string Word(const Engine::LeaderChanged& event) {
    const std::string who =
        event.leader.has_value() ? absl::StrCat("leader ", event.leader->value()) : "no leader";
    return absl::StrCat(who, " ", Text(event.ballot), event.why.empty() ? "" : ": ", event.why);
  }

  const Election::Options options_;
  Instant now_ = kStart;
  Instant since_ = kStart;
  Ballot highest_;
  std::vector<NodeNumber> others_;
  Election election_;
  std::vector<std::string> events_;
  std::vector<Election::Output::Send> sends_;
};

}  // namespace ctdb::cluster

#endif  // TESTS_CLUSTER_ELECTION_FIXTURE_H_
