// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/io/database_client.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "capnp/database.capnp.h"
#include "lib/base/version.h"
#include "lib/protocol/packet.h"
#include "lib/samba/io/database_codec.h"

namespace ctdb::samba {
namespace {

Endpoint::Options WithHello(Endpoint::Options options) {
  options.hello = {absl::StrCat("smbproxyd ", kSoftwareVersion), ServiceId::kClient};
  return options;
}

}  // namespace

DatabaseClient::DatabaseClient(kj::UnixEventPort& event_port, kj::Timer& timer,
                               Endpoint::Options endpoint, OnAnswer on_answer, OnAwaited on_awaited)
    : timer_(timer),
      on_answer_(std::move(on_answer)),
      on_awaited_(std::move(on_awaited)),
      endpoint_(event_port, timer, WithHello(std::move(endpoint))),
      tasks_(*this) {
  endpoint_.AddObserver(this);
  endpoint_.OnPacket(PacketKind::kData,
                     [this](const Envelope& envelope, Bytes frame) { OnPacket(envelope, frame); });
  tasks_.add(ProbeLoop());
}

DatabaseClient::~DatabaseClient() noexcept { endpoint_.RemoveObserver(this); }

void DatabaseClient::Ask(RequestId id, const DatabaseRequest& request) {
  Pending pending{request, kThisNode, false, timer_.now(), "", 0};
  if (const auto* list = std::get_if<ListRecords>(&request)) pending.node = list->node;
  if (const auto* commit = std::get_if<CommitRecords>(&request)) pending.body = BodyOf(*commit);
  Send(id, pending);
  if (id != RequestId(0)) pending_.insert_or_assign(id, std::move(pending));
}

void DatabaseClient::Send(RequestId id, Pending& pending) {
  pending.taken = 0;
  SendNext(id, pending);
}

// The request, or the next part of its body.
void DatabaseClient::SendNext(RequestId id, Pending& pending) {
  pending.since = timer_.now();
  pending.was_sent = false;
  if (!endpoint_.is_connected()) return;  // OnConnected() does it.
  Envelope envelope =
      endpoint_.To({pending.node == kThisNode ? endpoint_.address().node : pending.node,
                    ServiceId::kDatabase, InstanceNumber(0)},
                   PacketKind::kData);
  envelope.request_id = id.value();
  const absl::Status status = endpoint_.Send(envelope, [&](capnp::AnyPointer::Builder payload) {
    const auto out = payload.initAs<wire::DatabasePacket>().initRequest();
    const auto* commit = std::get_if<CommitRecords>(&pending.request);
    if (commit == nullptr || pending.body.empty()) return EncodeRequest(pending.request, out);
    EncodeLargeCommit(*commit, pending.body, pending.taken, out);
  });
  pending.was_sent = status.ok();
  // One that no packet can carry will not fit later, either.
  if (absl::IsInvalidArgument(status)) {
    tasks_.add(kj::evalLater([this, id, status] { Fail(id, status); }));
  }
}

void DatabaseClient::Fail(RequestId id, const absl::Status& why) {
  if (pending_.erase(id) > 0) on_answer_(id, why);
}

void DatabaseClient::OnConnected() {
  for (auto& [id, pending] : pending_) Send(id, pending);
}

void DatabaseClient::OnUndeliverable(const Endpoint::Undeliverable& report) {
  const RequestId id(report.request_id);
  const auto found = pending_.find(id);
  if (report.kind != PacketKind::kData || found == pending_.end()) return;
  if (found->second.node == kThisNode) {
    found->second.was_sent = false;  // Probe() sends it again.
  } else {
    Fail(id, absl::UnavailableError("the database service of another node cannot be reached"));
  }
}

void DatabaseClient::OnPacket(const Envelope& envelope, Bytes frame) {
  if (envelope.source.service != ServiceId::kDatabase) return;
  if (envelope.source.node == endpoint_.address().node) OnServiceSeen(envelope.source.instance);
  const RequestId id(envelope.request_id);
  if (id == RequestId(0)) return OnNotice(frame);
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  DatabaseAnswer answer = absl::InternalError("the database service gave no answer");
  const absl::Status status = ReadPayload([&] {
    PacketReader reader(frame);
    const auto packet = reader.payload().getAs<wire::DatabasePacket>();
    if (packet.isAnswer()) answer = DecodeAnswer(packet.getAnswer());
    return absl::OkStatus();
  });
  if (!status.ok()) answer = status;
  if (OnBodyAnswer(id, found->second, answer)) return;
  pending_.erase(found);
  on_answer_(id, answer);
}

void DatabaseClient::OnNotice(Bytes frame) {
  std::optional<AwaitedRecord> awaited;
  const absl::Status status = ReadPayload([&] {
    PacketReader reader(frame);
    const auto packet = reader.payload().getAs<wire::DatabasePacket>();
    if (packet.isAnswer() && packet.getAnswer().isAwaited()) {
      awaited = DecodeAwaited(packet.getAnswer().getAwaited());
    }
    return absl::OkStatus();
  });
  // Whatever it is, nobody waits for it.
  if (status.ok() && awaited.has_value()) on_awaited_(*awaited);
}

// Whether it was about a part of the body, and the next one follows. That there is no room for one
// now, or that parts got lost, is no news to who waits for the commit: nothing has happened.
bool DatabaseClient::OnBodyAnswer(RequestId id, Pending& pending, DatabaseAnswer& answer) {
  const auto* failure = std::get_if<absl::Status>(&answer);
  const bool is_refused =
      failure != nullptr && !pending.body.empty() &&
      (absl::IsResourceExhausted(*failure) ||
       (absl::IsFailedPrecondition(*failure) && pending.taken < pending.body.size()));
  if (is_refused) answer = CommitOutcome{Verdict::kBusy, std::string(failure->message())};
  const auto* taken = std::get_if<BodyTaken>(&answer);
  if (taken == nullptr || pending.taken >= pending.body.size()) return taken != nullptr;
  pending.taken = std::min<size_t>(taken->bytes, pending.body.size());
  SendNext(id, pending);
  return true;
}

// What its predecessor was asked nobody will answer.
void DatabaseClient::OnServiceSeen(InstanceNumber instance) {
  const InstanceNumber before = std::exchange(service_, instance);
  if (before == instance || before == InstanceNumber(0)) return;
  for (auto& [id, pending] : pending_) {
    if (pending.node == kThisNode) Send(id, pending);
  }
}

kj::Promise<void> DatabaseClient::ProbeLoop() {
  return timer_.afterDelay(kProbeInterval).then([this] {
    Probe();
    return ProbeLoop();
  });
}

void DatabaseClient::Probe() {
  if (!endpoint_.is_connected()) return;
  std::vector<RequestId> late;
  bool is_waiting = false;
  for (auto& [id, pending] : pending_) {
    if (pending.node == kThisNode) {
      is_waiting = true;
      if (!pending.was_sent || timer_.now() - pending.since > kAskAgain) Send(id, pending);
    } else if (timer_.now() - pending.since > kPatience) {
      late.push_back(id);
    }
  }
  for (const RequestId id : late) {
    Fail(id, absl::UnavailableError("the database service of another node does not answer"));
  }
  if (!is_waiting) return;
  const Envelope envelope = endpoint_.To(
      {endpoint_.address().node, ServiceId::kDatabase, InstanceNumber(0)}, PacketKind::kData);
  endpoint_
      .Send(envelope,
            [](capnp::AnyPointer::Builder payload) {
              payload.initAs<wire::DatabasePacket>().initRequest().setMembers();
            })
      .IgnoreError();
}

}  // namespace ctdb::samba
