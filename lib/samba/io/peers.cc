// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/io/peers.h"

#include <algorithm>
#include <string>
#include <utility>

#include "lib/base/status_kj.h"
#include "lib/protocol/packet.h"
#include "lib/samba/session/codec.h"

namespace ctdb::samba {

Peers::Peers(Endpoint& endpoint, kj::Timer& timer, uint64_t run, Listener& listener,
             absl::Duration absent_after)
    : endpoint_(endpoint),
      listener_(listener),
      run_(run),
      absent_after_(absent_after),
      timer_(timer, [this] { OnDue(); }),
      tasks_(*this) {
  endpoint_.AddObserver(this);
  endpoint_.OnPacket(PacketKind::kData,
                     [this](const Envelope& envelope, Bytes frame) { OnPacket(envelope, frame); });
}

Peers::~Peers() noexcept {
  endpoint_.RemoveObserver(this);
  endpoint_.OnPacket(PacketKind::kData, {});
}

void Peers::taskFailed(kj::Exception&& exception) { listener_.OnTrouble(ToStatus(exception)); }

PeerLink& Peers::LinkTo(NodeNumber node) { return links_.try_emplace(node, run_).first->second; }

void Peers::Send(NodeNumber node, const NodeItem& item) {
  const absl::Status status = LinkTo(node).Send(EncodeItem(item));
  if (!status.ok()) return listener_.OnTrouble(status);
  ScheduleFlush();
}

void Peers::Drop(NodeNumber node) { LinkTo(node).Drop(); }

void Peers::OnNodeUp(NodeNumber node) {
  LinkTo(node).Resend();
  ScheduleFlush();
}

void Peers::ResendAll() {
  for (auto& [node, link] : links_) link.Resend();
  ScheduleFlush();
}

// What a queue had no room for the link's own timer sends again: at once would only add to it.
void Peers::OnUndeliverable(const Endpoint::Undeliverable& report) {
  if (report.kind != PacketKind::kData || report.destination.service != ServiceId::kSambaProxy ||
      report.reason != UndeliverableReason::kNoSuchService) {
    return;
  }
  const NodeNumber node = report.destination.node;
  const Instant since = absent_since_.emplace(node, timer_.Now()).first->second;
  if (timer_.Now() < After(since, absent_after_)) return;
  LinkTo(node).Drop();
  listener_.OnNodeRestarted(node);
}

void Peers::OnPacket(const Envelope& envelope, Bytes frame) {
  const NodeNumber from = envelope.source.node;
  if (envelope.source.service != ServiceId::kSambaProxy || from == endpoint_.address().node) {
    return listener_.OnTrouble(
        absl::PermissionDeniedError("only Samba proxies of other nodes talk to this one"));
  }
  absl::StatusOr<Chunk> chunk = absl::InternalError("nothing was read");
  const absl::Status status = ReadPayload([&] {
    PacketReader reader(frame);
    chunk = DecodeChunk(reader.payload().getAs<wire::ProxyChunk>());
    return chunk.status();
  });
  if (!status.ok()) return listener_.OnTrouble(status);
  absent_since_.erase(from);
  PeerLink& link = LinkTo(from);
  const std::vector<std::string> items = link.OnChunk(*std::move(chunk));
  if (link.TakeRestarted()) listener_.OnNodeRestarted(from);
  for (const std::string& bytes : items) {
    const absl::StatusOr<NodeItem> item = DecodeItem(bytes);
    item.ok() ? listener_.OnNodeItem(from, *item) : listener_.OnTrouble(item.status());
  }
  ScheduleFlush();
}

// After everything else that is ready in this turn: one acknowledgement for all of it.
void Peers::ScheduleFlush() {
  if (is_flush_scheduled_) return;
  is_flush_scheduled_ = true;
  tasks_.add(kj::evalLater([this] { Flush(); }));
}

void Peers::Flush() {
  is_flush_scheduled_ = false;
  if (!endpoint_.is_connected()) return;  // OnConnected() comes back to it.
  Instant next = kNever;
  for (auto& [node, link] : links_) {
    const Envelope envelope =
        endpoint_.To({node, ServiceId::kSambaProxy, InstanceNumber(0)}, PacketKind::kData);
    for (const Chunk& chunk : link.TakeOutput(timer_.Now())) {
      // What is not sent now is sent again.
      endpoint_
          .Send(envelope,
                [&](capnp::AnyPointer::Builder payload) {
                  EncodeChunk(chunk, payload.initAs<wire::ProxyChunk>());
                })
          .IgnoreError();
    }
    next = std::min(next, link.NextDeadline());
  }
  timer_.Set(next);
}

void Peers::OnDue() {
  for (auto& [node, link] : links_) link.OnTick(timer_.Now());
  Flush();
}

}  // namespace ctdb::samba
