// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/guardian/will.h"

#include "lib/protocol/address.h"

namespace ctdb::guardian {
namespace {

std::string Text(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

}  // namespace

void WriteWill(const Will& will, wire::Will::Builder out) {
  out.setNode(will.node.value());
  out.setAddress(will.address);
  out.setPort(will.port);
  out.setPartingToken(will.parting_token);
  out.setVolatileDirectory(will.volatile_directory);
  auto peers = out.initPeers(static_cast<uint32_t>(will.peers.size()));
  for (uint32_t i = 0; i < will.peers.size(); ++i) {
    peers[i].setNode(will.peers[i].node.value());
    peers[i].setAddress(will.peers[i].address);
  }
}

absl::StatusOr<Will> ReadWill(wire::Will::Reader in) {
  Will will{.node = NodeNumber(in.getNode()),
            .address = Text(in.getAddress()),
            .port = in.getPort(),
            .parting_token = in.getPartingToken(),
            .volatile_directory = Text(in.getVolatileDirectory()),
            .peers = {}};
  const bool is_complete = !will.address.empty() && !will.volatile_directory.empty();
  if (will.parting_token != 0 && !is_complete) {
    return absl::InvalidArgumentError("a will without an address or a directory");
  }
  if (in.getPeers().size() > kNodesMax) {
    return absl::InvalidArgumentError("a will for too many nodes");
  }
  for (const auto peer : in.getPeers()) {
    will.peers.push_back({NodeNumber(peer.getNode()), Text(peer.getAddress())});
  }
  return will;
}

}  // namespace ctdb::guardian
