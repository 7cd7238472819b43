// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// How recovery grows with the cluster, in virtual time: a node of N is gone, and the others find
// out who has what, with the same number of records on each node. What each step costs is a rough
// measurement of the real ones; what counts is that nothing grows.

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/database/placement.h"
#include "lib/recovery/inquiry.h"
#include "lib/recovery/rebuild.h"
#include "lib/recovery/reporter.h"

namespace ctdb::recovery {
namespace {

using database::Placement;
using database::Slot;
using database::SlotOf;
using database::SlotSet;

constexpr database::DatabaseId kDatabase(7);
constexpr uint32_t kRecordsPerNode = 10'000;
constexpr absl::Duration kFlight = absl::Microseconds(100);  // Of a message.
// Of a message at either end: 100,000 in a second go from a client through two transports to
// another client (docs/benchmarks.md), on two processors.
constexpr absl::Duration kHandling = absl::Microseconds(5);
constexpr absl::Duration kPerEntry = absl::Nanoseconds(300);    // Of each record in it.
constexpr absl::Duration kPerScanned = absl::Nanoseconds(200);  // Record,
constexpr absl::Duration kPerLookup = absl::Nanoseconds(500);   // and of one that is looked up.
constexpr size_t kMessageBytes = 600;                           // A survey's slots are most of it.
constexpr size_t kEntryBytes = 64;

class ScaledCluster {
 public:
  struct Outcome {
    absl::Duration time;
    // To and from it. With those to itself: of three nodes it says half of all to itself, of a
    // hundred nearly nothing.
    uint64_t bytes_of_leader = 0;
    uint64_t bytes_of_busiest = 0;
    uint64_t scans_of_busiest = 0;  // Records that it looked at, for each that it has.
    uint64_t decided = 0;
  };

  explicit ScaledCluster(uint32_t nodes) : survivors_(nodes - 1) {
    for (uint32_t i = 0; i + 1 < nodes; ++i) members_.emplace_back(i);
    std::vector<NodeNumber> all = members_;
    all.emplace_back(nodes - 1);
    before_ = Placement(all);
    after_ = Placement(members_);
  }

  Outcome Run() {
    const cluster::View view{.epoch = Epoch(2),
                             .leader = members_[0],
                             .members = members_,
                             .homes = members_,
                             .joined = std::vector<Epoch>(members_.size(), Epoch(1))};
    for (uint32_t i = 0; i < members_.size(); ++i) {
      Node& node = survivors_[i];
      const NodeNumber number(i);
      node.rebuild = std::make_unique<Rebuild>(Rebuild::Options{number, kDatabase});
      node.reporter = std::make_unique<Reporter>(Reporter::Options{number, kDatabase});
      for (uint32_t n = 0; n < kRecordsPerNode; ++n) node.keys.push_back(KeyOf(i, n));
      node.inquiry = std::make_unique<Inquiry>(Inquiry::Options{number, kDatabase});
      node.inquiry->OnView(view);
      node.reporter->OnView(view);
      node.rebuild->OnView(view, MovedTo(number), now_);
    }
    // What the node that is gone owned, its home has to find again.
    const auto gone = static_cast<uint32_t>(members_.size());
    for (uint32_t n = 0; n < kRecordsPerNode; ++n) {
      const std::string key = KeyOf(gone, n);
      const NodeNumber home = *after_.HomeOf(SlotOf(key));
      if (before_.HomeOf(SlotOf(key)) == home) {
        survivors_[home.value()].inquiry->OnUndecided(
            {key, database::Directory::Undecided::Why::kOwnerGone, NodeNumber(gone), {}, {}}, now_);
      }
    }
    for (uint32_t i = 0; i < members_.size(); ++i) Drain(i);
    while (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.at;
      event.act();
      Drain(event.node);
    }
    return Judge();
  }

 private:
  struct Node {
    std::unique_ptr<Rebuild> rebuild;
    std::unique_ptr<Inquiry> inquiry;
    std::unique_ptr<Reporter> reporter;
    std::vector<std::string> keys;
    Instant loop_free{};    // When its event loop,
    Instant worker_free{};  // and its helper threads have done what they were given.
    Instant finder_free{};
    uint64_t bytes = 0;
    uint64_t scanned = 0;
    uint64_t decided = 0;
  };
  struct Event {
    Instant at;
    uint64_t order;
    uint32_t node;
    std::function<void()> act;
    bool operator<(const Event& other) const {
      return std::tie(at, order) > std::tie(other.at, other.order);
    }
  };

  static std::string KeyOf(uint32_t node, uint32_t number) {
    return absl::StrCat("record ", node, "/", number);
  }
  SlotSet MovedTo(NodeNumber node) const {
    SlotSet moved;
    for (uint32_t slot = 0; slot < database::kSlots; ++slot) {
      const Slot one(slot);
      if (after_.HomeOf(one) == node && before_.HomeOf(one) != node) moved.set(slot);
    }
    return moved;
  }
  void At(Instant at, uint32_t node, std::function<void()> act) {
    events_.push({at, ++order_, node, std::move(act)});
  }

  // Whatever the node's cores want done.
  void Drain(uint32_t number) {
    Node& node = survivors_[number];
    Reporter::Output reports = node.reporter->TakeOutput();
    for (const Send& send : reports.sends) Deliver(number, send);
    for (const auto& scan : reports.scans) Scan(number, scan);
    for (const auto& lookup : reports.lookups) LookUp(number, lookup);
    Rebuild::Output rebuilt = node.rebuild->TakeOutput();
    for (const Send& send : rebuilt.sends) Deliver(number, send);
    node.decided += rebuilt.reported.size();
    Inquiry::Output inquired = node.inquiry->TakeOutput(now_);
    for (const Send& send : inquired.sends) Deliver(number, send);
    node.decided += inquired.decided.size();
    if (!rebuilt.ready.empty() || !inquired.decided.empty()) {
      finished_ = std::max(finished_, std::max(now_, node.loop_free));
    }
  }

  void Deliver(uint32_t from, const Send& send) {
    const auto* report = std::get_if<Report>(&send.message);
    const size_t entries =
        report == nullptr ? std::get<Survey>(send.message).keys.size() : report->entries.size();
    const uint64_t bytes = kMessageBytes + entries * kEntryBytes;
    const absl::Duration cost = kHandling + static_cast<double>(entries) * kPerEntry;
    const uint32_t to = send.to.value();
    const Instant sent = Spend(survivors_[from].loop_free, now_, cost);
    survivors_[from].bytes += bytes;
    survivors_[to].bytes += bytes;
    // The receiver's event loop takes one after the other.
    At(After(sent, kFlight), to, [this, from, to, cost, message = send.message] {
      const Instant handled = Spend(survivors_[to].loop_free, now_, cost);
      At(handled, to, [this, from, to, message] {
        if (const auto* survey = std::get_if<Survey>(&message)) {
          survivors_[to].reporter->OnSurvey(NodeNumber(from), *survey);
        } else {
          const auto& report = std::get<Report>(message);
          if (report.round == kSlotsRound) {
            survivors_[to].rebuild->OnReport(NodeNumber(from), report, now_);
          } else {
            survivors_[to].inquiry->OnReport(NodeNumber(from), report, now_);
          }
        }
      });
    });
  }

  void Scan(uint32_t number, const Reporter::Output::Scan& scan) {
    Node& node = survivors_[number];
    size_t next = 0;
    EXPECT_TRUE(scan.cursor.empty() || absl::SimpleAtoi(scan.cursor, &next));
    const size_t begin = next;
    std::vector<Reporter::ScannedRecord> found;
    for (size_t bytes = 0; next < node.keys.size() && bytes < scan.bytes_max; ++next) {
      const std::string& key = node.keys[next];
      if (!scan.slots.test(SlotOf(key).value())) continue;
      bytes += EntryBytes(key);
      found.push_back({key, {Epoch(1), 1}, NodeNumber(number)});
    }
    const bool is_end = next == node.keys.size();
    node.scanned += next - begin;
    const Instant done =
        Spend(node.worker_free, now_, static_cast<double>(next - begin) * kPerScanned);
    At(done, number, [this, number, ticket = scan.ticket, found = std::move(found), next, is_end] {
      survivors_[number].reporter->OnScanned(ticket, found, absl::StrCat(next), is_end);
    });
  }

  // Nobody has a copy of what the node that is gone owned.
  void LookUp(uint32_t number, const Reporter::Output::Lookup& lookup) {
    const Instant done = Spend(survivors_[number].finder_free, now_,
                               static_cast<double>(lookup.keys.size()) * kPerLookup);
    At(done, number, [this, number, ticket = lookup.ticket] {
      survivors_[number].reporter->OnLookedUp(ticket, {});
    });
  }

  static Instant Spend(Instant& free, Instant now, absl::Duration cost) {
    free = After(std::max(free, now), cost);
    return free;
  }

  Outcome Judge() const {
    Outcome outcome{.time = ToAbsl(finished_ - Instant{})};
    outcome.bytes_of_leader = survivors_[0].bytes;
    for (const Node& node : survivors_) {
      EXPECT_TRUE(node.rebuild->IsIdle() && node.inquiry->IsIdle());
      outcome.bytes_of_busiest = std::max(outcome.bytes_of_busiest, node.bytes);
      outcome.scans_of_busiest =
          std::max<uint64_t>(outcome.scans_of_busiest, node.scanned / node.keys.size());
      outcome.decided += node.decided;
    }
    return outcome;
  }

  std::vector<NodeNumber> members_;
  std::vector<Node> survivors_;
  Placement before_;
  Placement after_;
  Instant now_{};
  Instant finished_{};
  uint64_t order_ = 0;
  std::priority_queue<Event> events_;
};

TEST(RecoveryScaleTest, NeitherTimeNorAnybodysTrafficGrowsWithTheCluster) {
  std::map<uint32_t, ScaledCluster::Outcome> outcomes;
  std::printf("nodes  time       leader's bytes  busiest node's  passes over its records\n");
  for (const uint32_t nodes : {3, 5, 10, 20, 50, 100}) {
    const ScaledCluster::Outcome outcome = ScaledCluster(nodes).Run();
    std::printf("%5u  %-9s %15llu %15llu  %llu\n", nodes,
                absl::FormatDuration(outcome.time).c_str(),
                static_cast<unsigned long long>(outcome.bytes_of_leader),
                static_cast<unsigned long long>(outcome.bytes_of_busiest),
                static_cast<unsigned long long>(outcome.scans_of_busiest));
    // Of each record that the lost node was home of or owned, something is known now.
    EXPECT_GE(outcome.decided, kRecordsPerNode);
    outcomes[nodes] = outcome;
  }
  const ScaledCluster::Outcome& small = outcomes[3];
  for (const auto& [nodes, outcome] : outcomes) {
    EXPECT_LE(outcome.time, 1.5 * small.time) << nodes << " nodes";
    EXPECT_LE(outcome.bytes_of_leader, 1.5 * static_cast<double>(small.bytes_of_leader)) << nodes;
    EXPECT_LE(outcome.bytes_of_busiest, 1.5 * static_cast<double>(small.bytes_of_busiest)) << nodes;
    EXPECT_LE(outcome.scans_of_busiest, 4u) << nodes << " nodes";
  }
}

}  // namespace
}  // namespace ctdb::recovery
