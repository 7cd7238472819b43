// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/cluster/builtin_cluster.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace ctdb::cluster {
namespace {

NodeNumber Number(int node) { return NodeNumber(static_cast<uint32_t>(node)); }

std::string Word(const Engine::Event& event) {
  if (const auto* up = std::get_if<Engine::PeerUp>(&event)) {
    return absl::StrCat("up ", up->node.value());
  }
  if (const auto* down = std::get_if<Engine::PeerDown>(&event)) {
    return absl::StrCat("down ", down->node.value());
  }
  const auto& changed = std::get<Engine::LeaderChanged>(event);
  return changed.leader.has_value() ? absl::StrCat("leader ", changed.leader->value())
                                    : "no leader";
}

}  // namespace

BuiltinCluster::BuiltinCluster(int nodes, const Options& options)
    : options_(options), nodes_(static_cast<size_t>(nodes)) {
  for (int node = 0; node < nodes; ++node) Boot(node);
  for (int one = 0; one < nodes; ++one) {
    for (int other = 0; other < one; ++other) TellLink(one, other, /*is_up=*/true);
  }
}

void BuiltinCluster::Boot(int number) {
  TestNode& node = At(number);
  ++node.incarnation;
  BuiltinEngine::Options options;
  options.election.local = Number(number);
  options.election.rule = options_.rule;
  options.election.continues_alone = options_.continues_alone;
  options.incarnation = node.incarnation;
  options.promised = node.persisted;
  options.seed = static_cast<uint64_t>(number) * 1000 + node.incarnation;
  node.engine = std::make_unique<BuiltinEngine>(options, now_);
  node.is_paused = false;
  std::vector<NodeNumber> all;
  for (int other = 0; other < size(); ++other) all.push_back(Number(other));
  node.engine->SetNodes(all, {}, now_);
}

void BuiltinCluster::Pass(absl::Duration time) {
  const Instant until = ctdb::After(now_, time);
  Settle();
  DoAllDue();
  while (NextTime() <= until) {
    now_ = std::max(now_, NextTime());
    DoAllDue();
    if (testing::Test::HasFailure()) return;  // What follows would only repeat it.
  }
  now_ = until;
}

Instant BuiltinCluster::NextTime() const {
  Instant next = kNever;
  for (const TestNode& node : nodes_) {
    if (Runs(node)) next = std::min(next, node.engine->NextDeadline());
  }
  for (const auto& [time, happening] : happenings_) {
    const TestNode& node = nodes_[static_cast<size_t>(happening.node)];
    if (!node.is_paused) return std::min(next, time);
  }
  return next;
}

void BuiltinCluster::DoAllDue() {
  // An exchange of messages without delay ends after a few; a thousand are an endless one.
  for (int step = 0; step < 1000; ++step) {
    auto it = happenings_.begin();
    while (it != happenings_.end() && At(it->second.node).is_paused) ++it;
    if (it == happenings_.end() || it->first > now_) break;
    const Happening happening = it->second;
    happenings_.erase(it);
    Do(happening);
    Settle();
    ASSERT_LT(step, 999) << "messages without end";
  }
  for (TestNode& node : nodes_) {
    if (!Runs(node) || node.engine->NextDeadline() > now_) continue;
    node.engine->OnTick(now_);
    Settle();
    EXPECT_GT(node.engine->NextDeadline(), now_) << "a tick that leads to nothing";
  }
}

void BuiltinCluster::Do(const Happening& happening) {
  TestNode& node = At(happening.node);
  const bool is_message = happening.from >= 0;
  if (node.engine == nullptr) return;
  if (is_message) {
    if (!IsLinked(happening.from, happening.node)) return;
    node.engine->OnMessage(Number(happening.from), happening.message, now_);
    return;
  }
  if (node.incarnation != happening.incarnation) return;
  if (happening.persisted.has_value()) {
    node.persisted = std::max(node.persisted, *happening.persisted);
    node.engine->OnPersisted(*happening.persisted, now_);
  }
  if (happening.lock.has_value()) {
    LockAnswer answer = *happening.lock;
    if (answer == LockAnswer::kTaken) {
      if (lock_holder_.value_or(happening.node) != happening.node) answer = LockAnswer::kContended;
      if (answer == LockAnswer::kTaken) lock_holder_ = happening.node;
    }
    node.engine->OnLock(answer, answer == LockAnswer::kTaken ? "" : "test", now_);
  }
}

void BuiltinCluster::Settle() {
  for (int node = 0; node < size(); ++node) Take(node);
  safety_.AfterStep(*this);
}

void BuiltinCluster::Take(int number) {
  TestNode& node = At(number);
  if (node.engine == nullptr) return;
  EXPECT_EQ(node.engine->CheckInvariants(), "") << "node " << number;
  for (const Engine::Event& event : node.engine->TakeEvents()) {
    absl::StrAppend(&node.events, node.events.empty() ? "" : ", ", Word(event));
    const auto* changed = std::get_if<Engine::LeaderChanged>(&event);
    if (changed == nullptr || changed->leader != Number(number)) continue;
    // A leader lets everybody serve; whom it should is not the engine's to decide.
    std::vector<NodeNumber> others;
    for (int other = 0; other < size(); ++other) {
      if (other != number) others.push_back(Number(other));
    }
    node.engine->SetGrants(others, Engine::Grants::kGive, now_);
  }
  const BuiltinEngine::Output output = node.engine->TakeOutput();
  for (const auto& send : output.sends) {
    const int to = static_cast<int>(send.to.value());
    if (!IsLinked(number, to) || muted_.count({number, to}) > 0) continue;
    Happening message;
    message.node = to;
    message.from = number;
    message.message = send.message;
    Later(options_.delay, std::move(message));
  }
  if (output.persist.has_value()) {
    Happening written{number, node.incarnation, -1, {}, output.persist, {}};
    Later(options_.disk_delay, std::move(written));
  }
  TakeLockOutput(number, output);
}

void BuiltinCluster::TakeLockOutput(int number, const BuiltinEngine::Output& output) {
  if (output.release_lock) {
    if (lock_holder_ == number) lock_holder_.reset();
    std::erase_if(happenings_, [&](const auto& entry) {
      return entry.second.node == number && entry.second.lock == LockAnswer::kTaken;
    });
  }
  if (!output.take_lock) return;
  Happening taken{number, At(number).incarnation, -1, {}, {}, LockAnswer::kTaken};
  Later(options_.disk_delay, std::move(taken));
}

void BuiltinCluster::Later(absl::Duration delay, Happening happening) {
  happenings_.emplace(ctdb::After(now_, delay), std::move(happening));
}

void BuiltinCluster::TellLink(int one, int other, bool is_up) {
  for (const auto& [node, peer] : {std::pair(one, other), std::pair(other, one)}) {
    if (At(node).engine == nullptr) continue;
    if (is_up) {
      At(node).engine->OnLinkUp(Number(peer), now_);
    } else {
      At(node).engine->OnLinkDown(Number(peer), "test", now_);
    }
  }
}

void BuiltinCluster::Cut(int one, int other) {
  if (!cuts_.insert(std::minmax(one, other)).second) return;
  std::erase_if(happenings_, [&](const auto& entry) {
    const Happening& message = entry.second;
    return message.from >= 0 && std::minmax(message.from, message.node) == std::minmax(one, other);
  });
  TellLink(one, other, /*is_up=*/false);
}

void BuiltinCluster::Join(int one, int other) {
  if (cuts_.erase(std::minmax(one, other)) == 0 || !IsLinked(one, other)) return;
  TellLink(one, other, /*is_up=*/true);
}

void BuiltinCluster::Pause(int node) { At(node).is_paused = true; }

void BuiltinCluster::Resume(int node) { At(node).is_paused = false; }

void BuiltinCluster::Crash(int node) {
  Settle();
  At(node).engine.reset();
  if (lock_holder_ == node) lock_holder_.reset();
  std::erase_if(happenings_, [&](const auto& entry) {
    return entry.second.node == node || entry.second.from == node;
  });
  for (int other = 0; other < size(); ++other) {
    if (other != node && cuts_.count(std::minmax(node, other)) == 0) {
      TellLink(node, other, /*is_up=*/false);
    }
  }
}

void BuiltinCluster::Restart(int node) {
  Boot(node);
  for (int other = 0; other < size(); ++other) {
    if (other != node && IsLinked(node, other)) TellLink(node, other, /*is_up=*/true);
  }
}

void BuiltinCluster::RestartService(int node) {
  Settle();
  if (lock_holder_ == node) lock_holder_.reset();
  std::erase_if(happenings_, [&](const auto& entry) { return entry.second.node == node; });
  Boot(node);
  for (int other = 0; other < size(); ++other) {
    if (other != node && IsLinked(node, other)) {
      At(node).engine->OnLinkUp(Number(other), now_);
    }
  }
}

void BuiltinCluster::LoseLock() {
  ASSERT_TRUE(lock_holder_.has_value());
  const int node = *std::exchange(lock_holder_, std::nullopt);
  At(node).engine->OnLock(LockAnswer::kLost, "test", now_);
  Settle();
}

}  // namespace ctdb::cluster
