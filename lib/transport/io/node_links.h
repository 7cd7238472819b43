// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// node_links: keeps one link to every other node: accepts those with higher numbers, dials those
// with lower ones, greets both, and tells router, endpoints and log what changes.
//
//   Ownership:  owns the listening socket; the ports belong to the switch.
//   Threading:  belongs to the loop's thread.
//   Errors:     at start those of the listening socket; later ones end one link and are kept for
//               status.
//   Blocking:   never.
//   Limits:     one link per node, TransportLoop::Limits::greeting_count_max on the way in.

#ifndef LIB_TRANSPORT_IO_NODE_LINKS_H_
#define LIB_TRANSPORT_IO_NODE_LINKS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lib/transport/dialer.h"
#include "lib/transport/io/switch.h"

namespace ctdb {

class NodeLinks : public Switch::LinkOwner {
 public:
  NodeLinks(const TransportLoop::Options& options, Switch& packet_switch, logging::Logger logger);

  // InvalidArgument unless the list has the local node, each number and address once.
  absl::Status SetNodes(std::vector<TransportNode> nodes, Instant now);

  // One connection that waits at the node port.
  void Accept(UniqueFd fd, Instant now);

  // Dials whom it is time to dial.
  void OnTick(Instant now);
  // When OnTick() is due.
  Instant NextDial() const;

  // The time of the events that follow.
  void SetNow(Instant now) { now_ = now; }

  std::vector<NodeStatus> Status(Instant now) const;

  void OnConnectDone(Port& port) override;
  void OnNodeGreeting(Port& port, Bytes frame) override;
  void OnLinkClosed(Port& port, const absl::Status& why) override;

 private:
  struct Peer {
    TransportNode node;
    Dialer dialer;
    PortNumber port;  // 0: none.
    std::string logged_error;
  };

  void Dial(Peer& peer, Instant now);
  void OnHello(Port& port, const NodeHello& hello);
  void OnGuardian(Port& port, const NodeHello& hello);
  void OnParting(Port& port, const Parting& parting);
  Welcome OwnWelcome() const;
  void OnWelcome(Port& port, const Welcome& welcome);
  void Establish(Port& port, Peer& peer, const std::string& software);
  void Fail(Peer& peer, absl::string_view why);
  std::string DescribeState(const Peer& peer, Instant now) const;
  const std::string& local_address() const;
  Peer* FindPeer(NodeNumber node);

  const TransportLoop::Options& options_;
  Switch& switch_;
  logging::Logger logger_;
  std::vector<TransportNode> nodes_;
  std::map<NodeNumber, Peer> peers_;  // All others that are not deleted.
  Instant now_{};
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_IO_NODE_LINKS_H_
