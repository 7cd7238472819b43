// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/codec.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include <cstring>
#include <utility>

#include "lib/protocol/bytes_text.h"
#include "lib/protocol/packet.h"

namespace ctdb::samba {
namespace {

void Write(const NodeMessage& message, wire::ProxyItem::Builder out) {
  auto to = out.initMessage();
  to.setMessageSrvid(message.srvid.value());
  to.setMessageData(ToData(message.data));
}

void Write(const NodeControl& control, wire::ProxyItem::Builder out) {
  auto to = out.initControl();
  to.setRequest(control.request);
  to.setOpcode(static_cast<uint32_t>(control.opcode));
  to.setSrvid(control.srvid.value());
  to.setFlags(control.flags);
  to.setData(ToData(control.data));
}

void Write(const NodeReply& reply, wire::ProxyItem::Builder out) {
  auto to = out.initReply();
  to.setReplyTo(reply.request);
  to.setStatus(reply.status);
  to.setReplyData(ToData(reply.data));
  to.setError(ToData(reply.error));
}

void Write(const NodeTunnel& tunnel, wire::ProxyItem::Builder out) {
  auto to = out.initTunnel();
  to.setTunnelId(tunnel.tunnel);
  to.setTunnelFlags(tunnel.flags);
  to.setTunnelRequest(tunnel.reqid.value());
  to.setTunnelData(ToData(tunnel.data));
}

absl::StatusOr<NodeItem> Read(wire::ProxyItem::Reader in) {
  switch (in.which()) {
    case wire::ProxyItem::MESSAGE: {
      const auto from = in.getMessage();
      return NodeMessage{ChannelId(from.getMessageSrvid()), FromData(from.getMessageData())};
    }
    case wire::ProxyItem::CONTROL: {
      const auto from = in.getControl();
      return NodeControl{from.getRequest(), static_cast<Opcode>(from.getOpcode()),
                         ChannelId(from.getSrvid()), from.getFlags(), FromData(from.getData())};
    }
    case wire::ProxyItem::REPLY: {
      const auto from = in.getReply();
      return NodeReply{from.getReplyTo(), from.getStatus(), FromData(from.getReplyData()),
                       FromData(from.getError())};
    }
    case wire::ProxyItem::TUNNEL: {
      const auto from = in.getTunnel();
      return NodeTunnel{from.getTunnelId(), from.getTunnelFlags(), ReqId(from.getTunnelRequest()),
                        FromData(from.getTunnelData())};
    }
  }
  return absl::UnimplementedError("another node's proxy sent an item of an unknown kind");
}

}  // namespace

std::string EncodeItem(const NodeItem& item) {
  capnp::MallocMessageBuilder message;
  auto root = message.initRoot<wire::ProxyItem>();
  std::visit([&](const auto& one) { Write(one, root); }, item);
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asBytes();
  return std::string(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
}

absl::StatusOr<NodeItem> DecodeItem(absl::string_view bytes) {
  const size_t words = bytes.size() / sizeof(capnp::word);
  auto aligned = kj::heapArray<capnp::word>(words);
  if (words > 0) std::memcpy(aligned.begin(), bytes.data(), words * sizeof(capnp::word));
  absl::StatusOr<NodeItem> item = absl::InternalError("nothing was read");
  const absl::Status status = ReadPayload([&] {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = kTraversalFactor * words + 1024;
    options.nestingLimit = kNestingMax;
    capnp::FlatArrayMessageReader reader(aligned, options);
    item = Read(reader.getRoot<wire::ProxyItem>());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return item;
}

void EncodeChunk(const Chunk& chunk, wire::ProxyChunk::Builder out) {
  out.setRun(chunk.run);
  out.setToRun(chunk.to_run);
  out.setAcknowledged(chunk.acknowledged);
  out.setSequence(chunk.sequence);
  out.setOldest(chunk.oldest);
  out.setBegins(chunk.begins);
  out.setEnds(chunk.ends);
  out.setBytes(ToData(chunk.bytes));
}

absl::StatusOr<Chunk> DecodeChunk(wire::ProxyChunk::Reader in) {
  if (in.getRun() == 0 || in.getBytes().size() > PeerLink::kChunkBytesMax ||
      (in.getSequence() != 0 && in.getOldest() > in.getSequence())) {
    return absl::InvalidArgumentError("another node's Samba proxy sent a chunk that is none");
  }
  Chunk chunk;
  chunk.run = in.getRun();
  chunk.to_run = in.getToRun();
  chunk.acknowledged = in.getAcknowledged();
  chunk.sequence = in.getSequence();
  chunk.oldest = in.getOldest();
  chunk.begins = in.getBegins();
  chunk.ends = in.getEnds();
  chunk.bytes = FromData(in.getBytes());
  return chunk;
}

}  // namespace ctdb::samba
