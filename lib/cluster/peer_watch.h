// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// peer_watch: decides which peers are up, from links that come and go and from what is heard.
//
// A peer is up while there is a link to it, something was heard from it lately, and it says that
// it hears this node. Link loss counts at once; silence counts after `silence_limit`. Whoever
// slept himself blames nobody for it: when two inputs lie further apart than the watch could have
// been idle, all peers get that time as credit (BUG-103).
//
//   Ownership:  copies the peer list.
//   Threading:  not thread-safe; const methods may run concurrently with each other.
//   Errors:     none; unknown peers are ignored.
//   Blocking:   never.
//   Limits:     every call is O(peers).
//
// Example:
//   PeerWatch watch(options, local, now);
//   watch.SetPeers({NodeNumber(1), NodeNumber(2)}, now);
//   watch.OnLinkUp(NodeNumber(1), now);
//   watch.OnHeard(NodeNumber(1), now);
//   for (const PeerWatch::Change& change : watch.TakeChanges()) ...

#ifndef LIB_CLUSTER_PEER_WATCH_H_
#define LIB_CLUSTER_PEER_WATCH_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/message.h"

namespace ctdb::cluster {

class PeerWatch {
 public:
  struct Options {
    // Between two keepalives. Shorter: more packets.
    absl::Duration interval = absl::Seconds(1);
    // Longer: a dead host is noticed later. Shorter: a host that is busy or paused for a moment
    // counts as dead; must be more than interval + longest pause + delay on the way.
    absl::Duration silence_limit = absl::Milliseconds(2500);
  };

  struct Change {
    NodeNumber node;
    bool is_up = false;
    std::string why;  // "the link was lost: connection reset"

    friend bool operator==(const Change&, const Change&) = default;
  };

  // `parting_token`: see Alive.
  PeerWatch(const Options& options, uint64_t incarnation, uint64_t parting_token, Instant now);

  void SetOptions(const Options& options, Instant now);
  // All nodes but this one. Those that are not in it any more go down.
  void SetPeers(const std::vector<NodeNumber>& peers, Instant now);

  void OnLinkUp(NodeNumber peer, Instant now);
  void OnLinkDown(NodeNumber peer, absl::string_view why, Instant now);
  // Anything arrived from the peer.
  void OnHeard(NodeNumber peer, Instant now);
  // `hears_us`: whether this node is in its list.
  void OnAlive(NodeNumber peer, const Alive& alive, bool hears_us, Instant now);
  void OnTick(Instant now);

  // What this node has to say now, to all peers with a link, when `due` is set; once.
  bool TakeKeepalive(Alive* alive);
  std::vector<Change> TakeChanges();
  Instant NextDeadline() const;

  const std::vector<NodeNumber>& up() const { return up_; }
  // Those with a link, up or not, sorted.
  std::vector<NodeNumber> Linked() const;
  // For how long nothing was heard from the peer; zero for one without a link.
  absl::Duration Silence(NodeNumber peer, Instant now) const;
  bool HasLink(NodeNumber peer) const;
  // Of the newest run that was heard of; 0: none.
  uint64_t PartingToken(NodeNumber peer) const;

 private:
  struct Peer {
    bool has_link = false;
    bool is_heard = false;  // Within the limit.
    bool hears_us = false;
    bool is_up = false;
    uint64_t incarnation = 0;  // 0: not known yet.
    uint64_t parting_token = 0;
    Instant last_heard{};
  };

  // Gives all peers the time in which this node was not there to listen.
  void CreditOwnPause(Instant now);
  void KeepaliveSoon(Instant now);
  void Hear(Peer& peer, Instant now);
  void Update(NodeNumber node, Peer& peer, absl::string_view why);

  Options options_;
  const uint64_t incarnation_;
  const uint64_t parting_token_;
  std::map<NodeNumber, Peer> peers_;
  std::vector<NodeNumber> up_;
  Instant last_input_;
  Instant next_keepalive_;
  Instant soonest_keepalive_ = Instant::min();
  std::vector<Change> changes_;
};

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_PEER_WATCH_H_
