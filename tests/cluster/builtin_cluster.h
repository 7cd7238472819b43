// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// builtin_cluster: some built-in engines with what is around them: links, disks, a cluster lock,
// and one clock. Deterministic; every step is followed by its checks.

#ifndef TESTS_CLUSTER_BUILTIN_CLUSTER_H_
#define TESTS_CLUSTER_BUILTIN_CLUSTER_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/cluster/builtin_engine.h"
#include "tests/cluster/contract_cluster.h"

namespace ctdb::cluster {

class BuiltinCluster final : public ContractCluster {
 public:
  struct Options {
    Election::Rule rule = Election::Rule::kMajority;
    bool continues_alone = false;
    // Of every message on its way.
    absl::Duration delay = absl::ZeroDuration();
    // Of every write, and of every answer of the lock.
    absl::Duration disk_delay = absl::Milliseconds(2);
  };

  BuiltinCluster(int nodes, const Options& options);

  int size() const override { return static_cast<int>(nodes_.size()); }
  Instant now() const override { return now_; }
  void Pass(absl::Duration time) override;
  Engine* engine(int node) override { return builtin(node); }
  void Cut(int one, int other) override;
  void Join(int one, int other) override;
  void Pause(int node) override;
  void Resume(int node) override;
  void Crash(int node) override;
  void Restart(int node) override;

  BuiltinEngine* builtin(int node) { return At(node).engine.get(); }
  // From now on nothing arrives, and nobody notices.
  void Mute(int from, int to) { muted_.insert({from, to}); }
  void Unmute(int from, int to) { muted_.erase({from, to}); }
  // Only the cluster service ends and starts; the links of its host stay.
  void RestartService(int node);
  // The holder is told that it does not hold the lock any more.
  void LoseLock();
  std::optional<int> lock_holder() const { return lock_holder_; }
  // All events of the node so far: "up 1, leader 2, no leader, down 1".
  std::string Events(int node) { return At(node).events; }
  void ForgetEvents() {
    for (TestNode& node : nodes_) node.events.clear();
  }

 private:
  struct TestNode {
    std::unique_ptr<BuiltinEngine> engine;
    bool is_paused = false;
    uint64_t incarnation = 0;
    Ballot persisted;
    std::string events;
  };
  // Happens at a node, unless that one has been restarted since.
  struct Happening {
    int node = 0;
    uint64_t incarnation = 0;
    int from = -1;  // Of a message.
    EngineMessage message;
    std::optional<Ballot> persisted;
    std::optional<LockAnswer> lock;
  };

  TestNode& At(int node) { return nodes_[static_cast<size_t>(node)]; }
  bool Runs(const TestNode& node) const { return node.engine != nullptr && !node.is_paused; }
  bool IsLinked(int one, int other) {
    return At(one).engine != nullptr && At(other).engine != nullptr &&
           cuts_.count(std::minmax(one, other)) == 0;
  }
  void Boot(int node);
  void TellLink(int one, int other, bool is_up);
  void Later(absl::Duration delay, Happening happening);
  // What has happened at a node that stood still comes when it runs again.
  Instant NextTime() const;
  void DoAllDue();
  void Do(const Happening& happening);
  // Takes what each engine wants; then the checks.
  void Settle();
  void Take(int node);
  void TakeLockOutput(int node, const BuiltinEngine::Output& output);

  const Options options_;
  Instant now_{std::chrono::hours(1)};
  std::vector<TestNode> nodes_;
  std::set<std::pair<int, int>> cuts_;
  std::set<std::pair<int, int>> muted_;
  std::multimap<Instant, Happening> happenings_;
  std::optional<int> lock_holder_;
  SafetyCheck safety_;
};

}  // namespace ctdb::cluster

#endif  // TESTS_CLUSTER_BUILTIN_CLUSTER_H_
