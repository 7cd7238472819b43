// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// peers: the links to the proxies of all other nodes, over this proxy's endpoint.
//
//   Ownership:  endpoint, timer and listener outlive it.
//   Threading:  belongs to the event loop's thread.
//   Errors:     what another node sends wrongly is told to the listener and passed over.
//   Blocking:   never.
//   Limits:     those of PeerLink, for each node.
//
// Example:
//   Peers peers(endpoint, timer, run, listener);
//   peers.Send(node, NodeMessage{srvid, data});

#ifndef LIB_SAMBA_IO_PEERS_H_
#define LIB_SAMBA_IO_PEERS_H_

#include <kj/async.h>
#include <kj/timer.h>

#include <map>

#include "absl/status/status.h"
#include "lib/base/io/deadline_timer.h"
#include "lib/samba/session/node_item.h"
#include "lib/samba/session/peer_link.h"
#include "lib/transport/io/endpoint.h"

namespace ctdb::samba {

class Peers : private Endpoint::Observer, private kj::TaskSet::ErrorHandler {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnNodeItem(NodeNumber from, const NodeItem& item) = 0;
    // Whatever it was asked is not answered: it is another process now, or there is none.
    virtual void OnNodeRestarted(NodeNumber node) = 0;
    virtual void OnTrouble(const absl::Status& status) = 0;
  };

  // A node whose transport says for so long that there is no proxy serves no Samba. One that is
  // alive and has lost its transport is back in less than a second.
  static constexpr absl::Duration kAbsentAfter = absl::Seconds(5);

  // `run`: greater than that of any proxy of this node before.
  Peers(Endpoint& endpoint, kj::Timer& timer, uint64_t run, Listener& listener,
        absl::Duration absent_after = kAbsentAfter);
  ~Peers() noexcept override;

  void Send(NodeNumber node, const NodeItem& item);
  void Drop(NodeNumber node);

 private:
  void taskFailed(kj::Exception&& exception) override;
  void OnConnected() override { ResendAll(); }
  void OnNodeUp(NodeNumber node) override;
  void OnUndeliverable(const Endpoint::Undeliverable& report) override;
  void OnPacket(const Envelope& envelope, Bytes frame);
  void ResendAll();
  PeerLink& LinkTo(NodeNumber node);
  void ScheduleFlush();
  void Flush();
  void OnDue();

  Endpoint& endpoint_;
  Listener& listener_;
  const uint64_t run_;
  const absl::Duration absent_after_;
  std::map<NodeNumber, PeerLink> links_;
  std::map<NodeNumber, Instant> absent_since_;  // Nodes that have no proxy now.
  bool is_flush_scheduled_ = false;
  DeadlineTimer timer_;
  kj::TaskSet tasks_;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_IO_PEERS_H_
