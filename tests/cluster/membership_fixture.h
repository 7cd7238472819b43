// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// membership_fixture: the Membership of node 0 with a clock, an engine and the other nodes in hand.
// Epochs are written "round.leader/counter", and what it sends as words:
// "view 1.0/0 [0 1] > 1, state > 2".

#ifndef TESTS_CLUSTER_MEMBERSHIP_FIXTURE_H_
#define TESTS_CLUSTER_MEMBERSHIP_FIXTURE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/cluster/membership.h"
#include "tests/cluster/election_fixture.h"
#include "tests/cluster/fake_engine.h"

namespace ctdb::cluster {

inline constexpr Instant kLongFromNow = kStart + std::chrono::hours(1000);

inline std::string Text(Epoch epoch) {
  return absl::StrCat(Text(BallotOf(epoch)), "/", CounterOf(epoch));
}
inline std::string Text(const std::vector<NodeNumber>& nodes) {
  return absl::StrCat(
      "[",
      absl::StrJoin(nodes, " ",
                    [](std::string* out, NodeNumber node) { absl::StrAppend(out, node.value()); }),
      "]");
}
inline std::string Text(const View& view) {
  return absl::StrCat(Text(view.epoch), " ", Text(view.members),
                      view.homes == view.members ? "" : absl::StrCat(" homes ", Text(view.homes)),
                      view.is_settled ? " settled" : "");
}
inline std::vector<ListedNode> ListOf(int nodes) {
  std::vector<ListedNode> list;
  for (int i = 0; i < nodes; ++i) list.push_back({Node(i), absl::StrCat("10.0.0.", i), false});
  return list;
}

// Of nodes that were all there before.
inline View ViewOf(Epoch epoch, int leader, const std::vector<int>& members,
                   bool is_settled = false) {
  return {.epoch = epoch,
          .leader = Node(leader),
          .members = NodeList(members),
          .homes = NodeList(members),
          .joined = std::vector<Epoch>(members.size(), epoch),
          .is_settled = is_settled};
}

class MembershipWorld {
 public:
  explicit MembershipWorld(int nodes, const Membership::Options& options = {})
      : options_(options),
        engine_(options.local),
        membership_(engine_, options, ListOf(nodes), kStart) {
    for (int i = 1; i < nodes; ++i) {
      NodeState& state = others_[i];
      state.node = Node(i);
      state.incarnation = 100 + static_cast<uint64_t>(i);
      state.run_state = RunState::kRunning;
      state.nodes_digest = membership_.own().nodes_digest;
      state.cluster_lock = options.cluster_lock;
      for (int j = 0; j < nodes; ++j) {
        if (j != i) state.connected.push_back(Node(j));
      }
    }
    membership_.SetRunState(RunState::kFirstRecovery, now_);
    membership_.SetHealthy(true, "it works", now_);
    Advance();
  }

  void Advance() {
    membership_.Advance(now_);
    Check();
  }
  void Connect(const std::vector<int>& nodes) {
    for (int node : nodes) engine_.BringUp(Node(node));
    Advance();
  }
  void Disconnect(int node, const std::string& why = "the link was lost") {
    engine_.BringDown(Node(node), why);
    Advance();
  }
  // What the other node says about itself; the test changes it at will, then lets it Say() so.
  NodeState& other(int node) { return others_[node]; }
  void Say(int node) {
    ++other(node).version;
    other(node).follows = engine_.leader().has_value() ? engine_.ballot() : Ballot();
    Receive(node, other(node));
  }
  void Join(const std::vector<int>& nodes) {
    Connect(nodes);
    for (int node : nodes) Say(node);
  }
  // The other node has taken over this node's view, and its services have adapted to it.
  void Confirm(const std::vector<int>& nodes) {
    for (int node : nodes) {
      other(node).adopted = other(node).settled = membership_.own().adopted;
      other(node).former_view.reset();
      Say(node);
    }
  }
  void Receive(int from, const MembershipMessage& message) {
    membership_.OnMessage(Node(from), message, now_);
    Check();
  }
  void ReceiveView(int from, Epoch epoch, const std::vector<int>& members,
                   bool is_settled = false) {
    Receive(from, ViewOf(epoch, from, members, is_settled));
  }
  void Elect(int node, uint64_t round) {
    engine_.Elect(Node(node), At(round, node), "it was elected");
    engine_.serves_until = kLongFromNow;
    Advance();
    // Those who are here hear of it, and say so.
    for (auto& [other, state] : others_) {
      if (state.version > 0 && membership_.Describe(Node(other)).is_connected) Say(other);
    }
  }
  // Leads all nodes, in a view that is settled.
  void LeadAll() {
    std::vector<int> all;
    for (const auto& [node, state] : others_) all.push_back(node);
    Join(all);
    Elect(0, 1);
    Confirm(all);
    EXPECT_TRUE(view().is_settled);
    Sent();
    Changes();
  }
  void Pass(absl::Duration time) { PassTo(After(now_, time)); }
  void PassTo(Instant then) {
    now_ = then;
    membership_.OnTick(now_);
    Check();
  }
  // Tick by tick, as a driver does; with an end, because of what is repeated.
  void Run(absl::Duration time) {
    const Instant until = After(now_, time);
    for (int ticks = 0; membership_.NextDeadline() <= until; ++ticks) {
      ASSERT_LT(ticks, 10000) << "ticks that lead to nothing";
      PassTo(std::max(now_, membership_.NextDeadline()));
    }
    PassTo(until);
  }
  template <typename Function>
  auto Do(Function function) {
    auto result = function(membership_);
    Check();
    return result;
  }

  // What was sent, without the own state unless asked for.
  std::string Sent(bool with_states = false) {
    std::vector<std::string> words;
    Membership::Output output = membership_.TakeOutput();
    for (const auto& send : output.sends) {
      const bool is_state = std::holds_alternative<NodeState>(send.message);
      if (is_state && !with_states) continue;
      words.push_back(absl::StrCat(Word(send.message), " > ", send.to.value()));
    }
    for (NodeNumber node : output.compare_nodes) compared_.push_back(node);
    return absl::StrJoin(words, ", ");
  }
  std::string Compared() {
    Sent();
    return Text(std::exchange(compared_, {}));
  }
  // The texts of what has happened since the last call.
  std::string Changes() {
    uint64_t missed = 0;
    const std::vector<Change> changes = membership_.changes().After(told_, &missed);
    told_ = membership_.changes().last();
    return absl::StrJoin(changes, "\n", [](std::string* out, const Change& change) {
      absl::StrAppend(out, change.text);
    });
  }
  // Of the newest change of the kind.
  Change Newest(ChangeKind kind) const {
    Change found;
    for (const Change& change : membership_.changes().kept()) {
      if (change.kind == kind) found = change;
    }
    return found;
  }
  std::string CauseOf(const Change& change) const {
    for (const Change& other : membership_.changes().kept()) {
      if (other.sequence == change.cause) return other.text;
    }
    return "";
  }
  std::string ViewText() const {
    return membership_.view().has_value() ? Text(*membership_.view()) : "none";
  }
  std::string Flags(int node) const { return FlagText(membership_.Describe(Node(node)).flags); }
  bool Serves() const { return membership_.Serves(now_); }

  Membership& membership() { return membership_; }
  const View& view() const { return *membership_.view(); }
  const NodeState& own() const { return membership_.own(); }
  FakeEngine& engine() { return engine_; }
  const Membership::Options& options() const { return options_; }
  Instant now() const { return now_; }

 private:
  void Check() { EXPECT_EQ(membership_.CheckInvariants(), ""); }
  static std::string Word(const MembershipMessage& message) {
    if (const auto* view = std::get_if<View>(&message)) return "view " + Text(*view);
    if (const auto* order = std::get_if<BanOrder>(&message)) {
      return absl::StrCat("ban ", Text(order->epoch), " ", order->seconds, "s: ", order->reason);
    }
    if (const auto* blame = std::get_if<BlameReport>(&message)) {
      return absl::StrCat("blame ", blame->node.value(), " x", blame->credits, ": ", blame->reason);
    }
    return "state";
  }

  const Membership::Options options_;
  Instant now_ = kStart;
  FakeEngine engine_;
  Membership membership_;
  std::map<int, NodeState> others_;
  std::vector<NodeNumber> compared_;
  uint64_t told_ = 0;
};

}  // namespace ctdb::cluster

#endif  // TESTS_CLUSTER_MEMBERSHIP_FIXTURE_H_
