// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// change: the history of a cluster as one node saw it: what happened, in order, each with the
// change that led to it. Subscribers, logs and `ctdb why` all read it.
//
//   Ownership:  ChangeLog owns its entries.
//   Threading:  not thread-safe.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     ChangeLog::kKept entries, the oldest go first; sequences tell that some are gone.
//
// Example:
//   uint64_t lost = log.Add({.kind = ChangeKind::kConnection, .node = peer, .text = why}, now);
//   log.Add({.kind = ChangeKind::kView, .node = local, .text = text, .cause = lost}, now);
//   for (const Change& change : log.Why(peer)) Print(change.text);

#ifndef LIB_CLUSTER_CHANGE_H_
#define LIB_CLUSTER_CHANGE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "lib/base/ids.h"
#include "lib/base/instant.h"

namespace ctdb::cluster {

// The values are those of `ChangeKind` in capnp/cluster.capnp.
enum class ChangeKind : uint16_t {
  kUnknown = 0,
  kConnection = 1,
  kFlags = 2,
  kRunState = 3,
  kLeader = 4,
  kView = 5,
  kSettled = 6,
  kNodesList = 7,
  kOrder = 8,
  kWarning = 9,
  kParted = 10,
};

struct Change {
  uint64_t sequence = 0;  // From 1 on, without gaps.
  Instant at{};
  ChangeKind kind = ChangeKind::kUnknown;
  NodeNumber node;     // Whom it is about.
  std::string before;  // "OK"
  std::string after;   // "DISCONNECTED"
  std::string text;    // A sentence.
  uint64_t cause = 0;  // The sequence of the change that led to this one; 0: none known.
};

class ChangeLog {
 public:
  static constexpr size_t kKept = 1000;
  static constexpr size_t kChainMax = 16;

  // Takes it over with the next sequence, which is returned.
  uint64_t Add(Change change, Instant now);

  const std::deque<Change>& kept() const { return kept_; }
  uint64_t last() const { return last_; }
  // Those after the sequence that are still kept; `missed`: how many are not.
  std::vector<Change> After(uint64_t sequence, uint64_t* missed) const;
  // The change that led to the present state of the node, its cause, the cause of that, and so on.
  std::vector<Change> Why(NodeNumber node) const;

 private:
  const Change* Find(uint64_t sequence) const;

  std::deque<Change> kept_;
  uint64_t last_ = 0;
  std::map<NodeNumber, uint64_t> latest_;  // By node, of what changed its state.
};

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_CHANGE_H_
