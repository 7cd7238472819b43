// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// node_item: what proxies of different nodes tell each other. Between two of them items arrive in
// the order in which they were sent, each once (lib/samba/session/peer_link.h).
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     those of the link.
//
// Example:
//   outlet.ToNode(node, NodeMessage{srvid, std::string(data)});

#ifndef LIB_SAMBA_SESSION_NODE_ITEM_H_
#define LIB_SAMBA_SESSION_NODE_ITEM_H_

#include <cstdint>
#include <string>
#include <variant>

#include "lib/base/ids.h"
#include "lib/samba/constants.h"
#include "lib/samba/opcode.h"

namespace ctdb::samba {

// For everyone who has registered the srvid on the node that gets it.
struct NodeMessage {
  ChannelId srvid = {};
  std::string data;
  friend bool operator==(const NodeMessage&, const NodeMessage&) = default;
};

// A client's control, to be answered by this node.
struct NodeControl {
  uint64_t request = 0;  // 0: there is to be no answer.
  Opcode opcode = {};
  ChannelId srvid = {};
  uint32_t flags = 0;
  std::string data;
  friend bool operator==(const NodeControl&, const NodeControl&) = default;
};

struct NodeReply {
  uint64_t request = 0;
  int32_t status = 0;
  std::string data;
  std::string error;
  friend bool operator==(const NodeReply&, const NodeReply&) = default;
};

struct NodeTunnel {
  uint64_t tunnel = 0;
  uint32_t flags = 0;
  ReqId reqid = {};
  std::string data;
  friend bool operator==(const NodeTunnel&, const NodeTunnel&) = default;
};

using NodeItem = std::variant<NodeMessage, NodeControl, NodeReply, NodeTunnel>;

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_NODE_ITEM_H_
