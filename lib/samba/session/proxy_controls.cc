// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Where a control goes: to a handler here, or to another node's proxy.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/samba/control.h"
#include "lib/samba/session/handlers.h"
#include "lib/samba/session/proxy.h"

namespace ctdb::samba {

void Proxy::HandleControl(ClientId client, const PacketHeader& header,
                          const ControlRequest& request) {
  const Asker asker{.client = client,
                    .node = options_.own,
                    .request = 0,
                    .reqid = header.reqid,
                    .wants_reply = (request.flags & kControlNoReply) == 0};
  const std::vector<NodeNumber> nodes = cluster_.Destinations(header.destnode);
  if (IsGroupOfNodes(header.destnode)) {
    // CN-26: nobody is told what became of it.
    Asker silent = asker;
    silent.wants_reply = false;
    const ControlInfo* const control = FindControl(request.opcode);
    const bool is_direct = control != nullptr && control->control_class == ControlClass::kDirect;
    for (const NodeNumber node : nodes) {
      if (node == options_.own) {
        RunControl(silent, request);
      } else if (!is_direct) {
        Forward(silent, node, request);
      }
    }
    return;
  }
  if (nodes.empty()) return Answer(asker, Failure("ctdb_control to disconnected node"));
  if (nodes[0] == options_.own) return RunControl(asker, request);
  Forward(asker, nodes[0], request);
}

void Proxy::RunControl(const Asker& asker, const ControlRequest& request) {
  const ControlInfo* control = FindControl(request.opcode);
  if (control == nullptr || control->control_class == ControlClass::kObsolete) {
    return Answer(asker, Failure());
  }
  if (control->control_class == ControlClass::kObsoleteAnswered) return Answer(asker, {});
  if (control->control_class == ControlClass::kNode) {
    return Answer(asker, Failure(absl::StrCat(control->name, " is not for clients")));
  }
  if (control->control_class == ControlClass::kDirect && !asker.is_local()) {
    return Answer(asker, Failure(absl::StrCat(control->name, " is for a node's own clients")));
  }
  const absl::Status status = CheckControlRequest(request.opcode, request.data);
  if (!status.ok()) {
    outlet_.Log(LogLevel::kWarning, status.message());
    return Answer(asker, Failure());
  }
  const Handler handler = FindHandler(request.opcode);
  if (handler == nullptr) {
    return Answer(asker, Failure(absl::StrCat(control->name,
                                              " is not supported over this socket: use \"ctdb\"")));
  }
  handler(*this, asker, request);
}

// MS-15: no answer about a process but from its node, or because that has left.
void Proxy::Forward(const Asker& asker, NodeNumber node, const ControlRequest& request) {
  NodeControl control{0, request.opcode, request.srvid, request.flags, std::string(request.data)};
  if (!asker.wants_reply) return outlet_.ToNode(node, control);
  if (forwarded_.size() >= kPendingMax) {
    return Answer(asker, Failure("too many controls wait for other nodes"));
  }
  control.request = ++last_request_;
  const bool is_liveness =
      request.opcode == Opcode::kProcessExists || request.opcode == Opcode::kCheckPidSrvid;
  forwarded_[control.request] = {asker, node};
  ++statistics_.node_packets_sent;
  outlet_.ToNode(node, control);
  if (is_liveness) return;
  Later(absl::Seconds(Tunable("ControlTimeout")), [this, id = control.request] {
    const auto found = forwarded_.find(id);
    if (found == forwarded_.end()) return;
    const Asker waiting = found->second.asker;
    forwarded_.erase(found);
    ++statistics_.control_timeouts;
    Answer(waiting, Failure("ctdb_control timed out"));
  });
}

void Proxy::FailForwarded(NodeNumber node, absl::string_view why) {
  std::vector<Asker> waiting;
  for (auto it = forwarded_.begin(); it != forwarded_.end();) {
    if (it->second.node != node) {
      ++it;
      continue;
    }
    waiting.push_back(it->second.asker);
    it = forwarded_.erase(it);
  }
  for (const Asker& asker : waiting) Answer(asker, Failure(why));
}

}  // namespace ctdb::samba
