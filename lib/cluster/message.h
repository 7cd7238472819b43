// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// message: what the cluster services of different nodes say to each other, as values. codec.h
// turns them into packets (capnp/cluster.capnp) and back.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     checked by codec.h.

#ifndef LIB_CLUSTER_MESSAGE_H_
#define LIB_CLUSTER_MESSAGE_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/ids.h"
#include "lib/cluster/ballot.h"
#include "lib/cluster/node_state.h"

namespace ctdb::cluster {

// A point on the clock of the node that sent it; comes back in answers, means nothing elsewhere.
using SenderTime = int64_t;

// The sender lives. To every node that a link exists to, each keepalive interval.
struct Alive {
  uint64_t incarnation = 0;       // New at every start of the cluster service.
  std::vector<NodeNumber> hears;  // Whose keepalives arrive at the sender, sorted.
  // Whoever says it speaks for a run that has ended, and for its clients; 0: nobody will.
  uint64_t parting_token = 0;

  friend bool operator==(const Alive&, const Alive&) = default;
};

// May the sender lead? A trial only asks what the answer would be and binds nobody.
struct VoteRequest {
  bool is_trial = false;
  Ballot ballot;
  SenderTime sent = 0;

  friend bool operator==(const VoteRequest&, const VoteRequest&) = default;
};

struct VoteReply {
  bool is_trial = false;
  Ballot ballot;
  bool is_granted = false;
  Ballot highest;  // That the voter knows of.
  SenderTime sent = 0;
  // How long the former leader's grants may still last: it has released the voter from a promise
  // that would have lasted so long.
  int64_t released_nanoseconds = 0;
  // Whom nothing is left of what they have granted, sorted: they have parted since.
  std::vector<NodeNumber> parted = {};

  friend bool operator==(const VoteReply&, const VoteReply&) = default;
};

// The sender leads. It lets the receiver serve for `grant`, counted from the moment `echo` on the
// receiver's own clock: however long the beat was on its way, the grant ends when the leader
// thinks.
struct Beat {
  Ballot ballot;
  SenderTime sent = 0;
  SenderTime echo = 0;  // `sent` of the receiver's last reply; 0: it has not replied yet.
  int64_t grant_nanoseconds = 0;
  bool only_extends = false;  // Who does not serve any more when this arrives does not begin.

  friend bool operator==(const Beat&, const Beat&) = default;
};

struct BeatReply {
  Ballot ballot;  // Of the beat.
  bool is_accepted = false;
  Ballot highest;       // That the receiver knows of.
  SenderTime echo = 0;  // `sent` of the beat.
  SenderTime sent = 0;

  friend bool operator==(const BeatReply&, const BeatReply&) = default;
};

// The sender does not lead any more; nobody needs to wait for its lease to end.
struct Resign {
  Ballot ballot;

  friend bool operator==(const Resign&, const Resign&) = default;
};

using EngineMessage = std::variant<Alive, VoteRequest, VoteReply, Beat, BeatReply, Resign>;

// The leader asks a node to ban itself. Refused when the epoch is older than the node's.
struct BanOrder {
  Epoch epoch;
  uint32_t seconds = 0;
  std::string reason;

  friend bool operator==(const BanOrder&, const BanOrder&) = default;
};

// Somebody blames a node; the leader counts.
struct BlameReport {
  NodeNumber node;
  uint32_t credits = 1;
  std::string reason;

  friend bool operator==(const BlameReport&, const BlameReport&) = default;
};

using MembershipMessage = std::variant<NodeState, View, BanOrder, BlameReport>;

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_MESSAGE_H_
