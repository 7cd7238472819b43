// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What NodeDatabases does with packets, and the packets that it sends.

#include <algorithm>
#include <cstring>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/database/codec.h"
#include "lib/database/io/node_databases.h"
#include "lib/protocol/bytes_text.h"
#include "lib/protocol/packet.h"
#include "lib/recovery/codec.h"
#include "lib/store/watch_channel.h"

namespace ctdb::database {
namespace {

Bytes AsBytes(const std::vector<uint64_t>& words) {
  return {reinterpret_cast<const std::byte*>(words.data()), words.size() * sizeof(uint64_t)};
}

}  // namespace

void WriteInfo(const DatabaseInfo& info, wire::DatabaseInfo::Builder out) {
  out.setId(info.id.value());
  out.setName(info.name.c_str());
  out.setKind(static_cast<wire::DatabaseKind>(info.kind));
  out.setPath(info.path.c_str());
  out.setMemoryBytes(info.memory_bytes);
  out.setEngine(static_cast<wire::DatabaseEngine>(info.engine));
  out.setTdbFlags(info.tdb_flags);
}

void NodeDatabases::QueueFrame() {
  const absl::StatusOr<Bytes> frame = writer_.Finish();
  if (!frame.ok()) return listener_.OnTrouble(frame.status());
  std::vector<uint64_t>& copy = frames_.emplace_back(frame->size() / sizeof(uint64_t));
  std::memcpy(copy.data(), frame->data(), frame->size());
}

void NodeDatabases::UseTransportThread(std::function<void()> run_handler) {
  const auto entered = Enter();
  run_handler_ = std::move(run_handler);
}

void NodeDatabases::SendQueued() {
  if (run_handler_) {
    // Its deadline may have become an earlier one.
    if (!frames_.empty() || EntriesDeadline() < transport_armed_) run_handler_();
    return;
  }
  for (; !frames_.empty(); frames_.pop_front()) {
    // Without a transport there is nobody to talk to; what is lost is said again.
    endpoint_.SendFrame(AsBytes(frames_.front())).IgnoreError();
  }
}

std::vector<uint64_t> NodeDatabases::NextFrame() {
  const auto entered = Enter();
  if (frames_.empty() && is_woken_.exchange(false)) {
    TickEntries(Now());
    CallForAttention();
  }
  if (frames_.empty()) return {};
  std::vector<uint64_t> frame = std::move(frames_.front());
  frames_.pop_front();
  return frame;
}

// Only what needs no event loop, and no disk: large values are not kept in memory alone.
bool NodeDatabases::IsQuick(wire::DatabasePacket::Reader packet) {
  switch (packet.which()) {
    case wire::DatabasePacket::RECORD:
    case wire::DatabasePacket::SURVEY:
    case wire::DatabasePacket::REPORT:
      return true;
    case wire::DatabasePacket::REPLICA: {
      // Not what reads a file's log, or all of it.
      const auto replica = packet.getReplica();
      const bool is_short =
          replica.isCommit() || replica.isOutcome() || replica.isBatch() || replica.isStored();
      return is_short && IsQuickReplica(DatabaseId(replica.getDatabase()));
    }
    case wire::DatabasePacket::REQUEST: {
      const auto request = packet.getRequest();
      if (request.isGet() || request.isUsed() || request.isSpare()) return true;
      if (request.isRead()) return IsQuickReplica(DatabaseId(request.getRead().getReadDatabase()));
      return request.isCommit() &&
             IsQuickReplica(DatabaseId(request.getCommit().getCommitDatabase()));
    }
    default:
      return false;
  }
}

bool NodeDatabases::IsQuickReplica(DatabaseId id) {
  const Entry* const entry = FindEntry(id);
  return left_to_loop_ == 0 && entry != nullptr && entry->replicated != nullptr &&
         entry->replicated->IsInMemory();
}

bool NodeDatabases::OnData(const Envelope& envelope, Bytes frame) {
  const auto entered = Enter();
  bool is_quick = false;
  absl::Status status;
  if (frame.size() <= kQuickBytesMax) {
    status = ReadPayload([&] {
      PacketReader reader(frame);
      const auto packet = reader.payload().getAs<wire::DatabasePacket>();
      is_quick = IsQuick(packet);
      if (is_quick) return Handle(envelope, packet);
      if (!packet.isRequest() || !packet.getRequest().isRead()) return absl::OkStatus();
      const absl::StatusOr<bool> read = ReadAtOnce(envelope, packet.getRequest());
      is_quick = !read.ok() || *read;
      return read.status();
    });
  }
  if (!is_quick) {
    ++left_to_loop_;
    return false;
  }
  OnHandled(envelope, status);
  CallForAttention();
  return true;
}

Instant NodeDatabases::NextDeadline() {
  const auto entered = Enter();
  return transport_armed_ = EntriesDeadline();
}

void NodeDatabases::OnDeadline(Instant now) {
  const auto entered = Enter();
  TickEntries(now);
  CallForAttention();
}

// What is left for the event loop wakes it.
void NodeDatabases::CallForAttention() {
  const bool is_new = view_.has_value() && settled_ != view_->epoch && IsSettled();
  const bool needs_attention =
      is_new || std::any_of(entries_.begin(), entries_.end(), [](const auto& entry) {
        return entry.second.driver != nullptr && entry.second.driver->HasWork();
      });
  if (needs_attention) CallEventLoop();
}

void NodeDatabases::CallEventLoop() {
  const std::lock_guard<std::mutex> lock(attention_mutex_);
  if (attention_.get() == nullptr) return;
  attention_->fulfill();
  attention_ = nullptr;
}

void NodeDatabases::Wake() {
  is_woken_ = true;
  if (run_handler_) return run_handler_();
  CallEventLoop();
}

void NodeDatabases::Send(NodeNumber to, const Message& message) {
  SendPacket(
      {to, ServiceId::kDatabase, InstanceNumber(0)}, RequestId(0),
      [&](wire::DatabasePacket::Builder packet) { EncodeMessage(message, packet.initRecord()); });
}

void NodeDatabases::Announce(const std::vector<DatabaseInfo>& infos) {
  if (!view_.has_value()) return;
  for (NodeNumber node : view_->members) {
    if (node != options_.local) Announce(infos, node);
  }
}

void NodeDatabases::Announce(const std::vector<DatabaseInfo>& infos, NodeNumber to) {
  SendPacket({to, ServiceId::kDatabase, InstanceNumber(0)}, RequestId(0),
             [&](wire::DatabasePacket::Builder packet) {
               auto list =
                   packet.initAnnouncement().initDatabases(static_cast<uint32_t>(infos.size()));
               for (uint32_t i = 0; i < list.size(); ++i) WriteInfo(infos[i], list[i]);
             });
}

// To this node's clients: those that watch records look again.
void NodeDatabases::TellView() {
  if (address_.instance == InstanceNumber(0)) return;
  Envelope envelope;
  envelope.kind = PacketKind::kMessage;
  envelope.source = address_;
  envelope.destination = {options_.local, ServiceId::kClient, InstanceNumber(0)};
  envelope.channel = store::kViewChannel.value();
  writer_.Begin(envelope).getPayload().setAs<capnp::Data>({});
  QueueFrame();
}

void NodeDatabases::Send(NodeNumber to, const recovery::Message& message) {
  SendPacket({to, ServiceId::kDatabase, InstanceNumber(0)}, RequestId(0),
             [&](wire::DatabasePacket::Builder packet) {
               if (const auto* survey = std::get_if<recovery::Survey>(&message)) {
                 recovery::EncodeSurvey(*survey, packet.initSurvey());
               } else {
                 recovery::EncodeReport(std::get<recovery::Report>(message), packet.initReport());
               }
             });
}

void NodeDatabases::OnConnected() {
  const auto entered = Enter();
  address_ = endpoint_.address();
  left_to_loop_ = 0;
}

void NodeDatabases::OnUndeliverable(const Endpoint::Undeliverable& report) {
  if (report.kind != PacketKind::kData || report.destination.service != ServiceId::kClient) return;
  const auto entered = Enter();
  const Instant now = Now();
  for (auto& [id, entry] : entries_) {
    if (entry.driver != nullptr) entry.driver->OnClientGone(report.destination.instance, now);
  }
  FinishTurn();
}

void NodeDatabases::OnPacket(const Envelope& envelope, Bytes frame) {
  const auto entered = Enter();
  if (left_to_loop_ > 0) --left_to_loop_;
  const absl::Status status = ReadPayload([&] {
    PacketReader reader(frame);
    return Handle(envelope, reader.payload().getAs<wire::DatabasePacket>());
  });
  OnHandled(envelope, status);
  FinishTurn();
}

void NodeDatabases::OnHandled(const Envelope& envelope, const absl::Status& status) {
  ++counters_.packets_received;
  if (status.ok()) return;
  ++counters_.packets_refused;
  if (envelope.source.service == ServiceId::kClient) {
    Fail(envelope.source, RequestId(envelope.request_id), status);
  } else {
    listener_.OnTrouble(status);
  }
}

absl::Status NodeDatabases::Handle(const Envelope& envelope, wire::DatabasePacket::Reader packet) {
  const bool is_from_node =
      envelope.source.service == ServiceId::kDatabase && envelope.source.node != options_.local;
  switch (packet.which()) {
    case wire::DatabasePacket::RECORD:
      return is_from_node ? HandleRecord(envelope.source.node, packet.getRecord())
                          : absl::PermissionDeniedError("only database services may say that");
    case wire::DatabasePacket::SURVEY:
      return is_from_node ? HandleSurvey(envelope.source.node, packet.getSurvey())
                          : absl::PermissionDeniedError("only database services may ask that");
    case wire::DatabasePacket::REPORT:
      return is_from_node ? HandleReport(envelope.source.node, packet.getReport())
                          : absl::PermissionDeniedError("only database services may say that");
    case wire::DatabasePacket::REPLICA:
      return is_from_node ? HandleReplica(envelope.source.node, packet.getReplica())
                          : absl::PermissionDeniedError("only database services may say that");
    case wire::DatabasePacket::CHANGED_FILES:
      if (is_from_node) HandleChangedFiles(packet.getChangedFiles());
      return absl::OkStatus();
    case wire::DatabasePacket::ANNOUNCEMENT:
      if (is_from_node) HandleAnnouncement(envelope.source.node, packet.getAnnouncement());
      return absl::OkStatus();
    case wire::DatabasePacket::REQUEST:
      return HandleRequest(envelope, packet.getRequest());
    case wire::DatabasePacket::ANSWER:
      return absl::OkStatus();
  }
  return absl::UnimplementedError("a packet for databases of an unknown kind");
}

absl::Status NodeDatabases::HandleRecord(NodeNumber from, wire::RecordMessage::Reader in) {
  CTDB_ASSIGN_OR_RETURN(const Message message, DecodeMessage(in));
  if (DatabaseDriver* driver = FindDriver(HeadOf(message).database)) {
    driver->OnMessage(from, message, Now());
  } else if (std::holds_alternative<Request>(message)) {
    Send(from, Message(Refusal{HeadOf(message), RefusalReason::kNotReady, {}}));
  }
  return absl::OkStatus();
}

absl::Status NodeDatabases::HandleSurvey(NodeNumber from, wire::Survey::Reader in) {
  CTDB_ASSIGN_OR_RETURN(const recovery::Survey survey, recovery::DecodeSurvey(in));
  if (DatabaseDriver* driver = FindDriver(survey.database)) {
    driver->OnMessage(from, survey, Now());
  } else if (view_.has_value()) {
    const auto report = recovery::ReportNothing(survey, view_->epoch);
    if (report.has_value()) Send(from, recovery::Message(*report));
  }
  return absl::OkStatus();
}

absl::Status NodeDatabases::HandleReport(NodeNumber from, wire::Report::Reader in) {
  CTDB_ASSIGN_OR_RETURN(recovery::Report report, recovery::DecodeReport(in));
  if (DatabaseDriver* driver = FindDriver(report.database)) {
    driver->OnMessage(from, std::move(report), Now());
  }
  return absl::OkStatus();
}

DatabaseDriver* NodeDatabases::FindDriver(DatabaseId id) const {
  const auto it = entries_.find(id);
  return it == entries_.end() ? nullptr : it->second.driver.get();
}

NodeDatabases::Entry* NodeDatabases::FindEntry(DatabaseId id) {
  const auto it = entries_.find(id);
  return it == entries_.end() ? nullptr : &it->second;
}

// Of a database that this node has not heard of yet: it is said again.
absl::Status NodeDatabases::HandleReplica(NodeNumber from, wire::ReplicaMessage::Reader in) {
  const Entry* entry = FindEntry(DatabaseId(in.getDatabase()));
  if (entry == nullptr || entry->replicated == nullptr) return absl::OkStatus();
  return entry->replicated->OnMessage(from, in, Now());
}

void NodeDatabases::SendReplica(NodeNumber to,
                                absl::FunctionRef<void(wire::ReplicaMessage::Builder)> fill) {
  SendPacket({to, ServiceId::kDatabase, InstanceNumber(0)}, RequestId(0),
             [&](wire::DatabasePacket::Builder packet) { fill(packet.initReplica()); });
}

void NodeDatabases::HandleAnnouncement(NodeNumber from, wire::Announcement::Reader announcement) {
  if (announcement.getDatabases().size() == 0 && !entries_.empty()) {
    std::vector<DatabaseInfo> infos;
    for (const auto& [id, entry] : entries_) infos.push_back(entry.info);
    Announce(infos, from);
  }
  for (const auto info : announcement.getDatabases()) {
    tasks_.add(AttachLater({.name = FromText(info.getName()),
                            .kind = static_cast<DatabaseKind>(info.getKind()),
                            .engine = static_cast<DatabaseEngine>(info.getEngine())})
                   .then([this](absl::StatusOr<DatabaseInfo> attached) {
                     if (!attached.ok()) listener_.OnTrouble(attached.status());
                   }));
  }
}

}  // namespace ctdb::database
