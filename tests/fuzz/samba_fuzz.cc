// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// samba_fuzz: any bytes as what comes out of a client's connection: frames, packets, and whatever
// they may carry. Whatever is accepted means the same when it is written and read again.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <variant>

#include "lib/samba/address_payloads.h"
#include "lib/samba/commit.h"
#include "lib/samba/control.h"
#include "lib/samba/database_payloads.h"
#include "lib/samba/frame_reader.h"
#include "lib/samba/message_payloads.h"
#include "lib/samba/node_payloads.h"
#include "lib/samba/packet.h"
#include "lib/samba/plain_payloads.h"
#include "lib/samba/record_buffer.h"
#include "lib/samba/statistics.h"
#include "lib/samba/tool_lock.h"
#include "lib/samba/tunables.h"

namespace ctdb::samba {
namespace {

void Require(bool condition) {
  if (!condition) std::abort();
}

// Compares bytes, because a number that is none is not equal to itself.
template <typename T>
void CheckOne(absl::string_view bytes) {
  const absl::StatusOr<T> value = Decode<T>(bytes);
  if (!value.ok()) return;
  const std::string written = Encode(*value);
  const absl::StatusOr<T> again = Decode<T>(written);
  Require(again.ok() && Encode(*again) == written && EncodedBytes(*again) == written.size());
}

template <typename... T>
void CheckEach(absl::string_view bytes) {
  (CheckOne<T>(bytes), ...);
}

void CheckRecords(absl::string_view bytes) {
  const absl::StatusOr<RecordBuffer> buffer = Decode<RecordBuffer>(bytes);
  (void)DecodeCommit(bytes);
  if (!buffer.ok()) return;
  RecordBufferBuilder builder(buffer->db_id);
  RecordCursor cursor(*buffer);
  while (const std::optional<RecordData> record = cursor.Next()) builder.Add(*record);
  Require(builder.bytes() == Encode(*buffer));
}

void CheckPayloads(absl::string_view bytes) {
  CheckEach<AddressInfo, BanState, Connection, DbMap, DbStatistics, DisableMessage, EchoData,
            ElectionMessage, FlagChange, Interface, InterfaceList, NodeMap, NotifyData,
            OptionalTextPayload, PidSrvid, PublicIp, PublicIpInfo, PublicIpList, PullDb, PushRecord,
            RecordBuffer, RecordData, SambaMessage, ScheduleForDeletion, SeqnumRequest, SockAddress,
            Statistics, StatisticsHistory, StoredRecord, TextPayload, TickleList, ToolLockRecord,
            Transaction, TraverseAll, TraverseAllExt, TraverseRecord, TraverseStart,
            TraverseStartExt, TunableGet, TunableNames, TunableSet, TunableValues, Uptime, Vacuum,
            VnnMap>(bytes);
  CheckRecords(bytes);
  for (const ControlInfo& info : Controls()) (void)CheckControlRequest(info.opcode, bytes);
}

void CheckPacket(absl::string_view frame) {
  const absl::StatusOr<Packet> packet = DecodePacket(frame);
  if (!packet.ok()) return;
  std::string written = "before";
  Require(AppendPacket(*packet, kServerPadding, &written).ok());
  const absl::StatusOr<Packet> again = DecodePacket(absl::string_view(written).substr(6));
  Require(again.ok() && *again == *packet);
  if (const auto* request = std::get_if<ControlRequest>(&packet->body)) {
    CheckPayloads(request->data);
  } else if (const auto* reply = std::get_if<ControlReply>(&packet->body)) {
    CheckPayloads(reply->data);
  } else if (const auto* message = std::get_if<Message>(&packet->body)) {
    CheckPayloads(message->data);
  }
}

void CheckStream(absl::string_view bytes, ShortFrames short_frames) {
  FrameReader reader({.packet_bytes_max = 1 << 16, .short_frames = short_frames});
  while (true) {
    const absl::StatusOr<std::optional<absl::string_view>> frame = reader.Next();
    if (!frame.ok()) return;
    if (frame->has_value()) {
      CheckPacket(**frame);
      continue;
    }
    if (bytes.empty()) return;
    size_t size = 0;
    char* space = reader.Space(&size);
    Require(size >= FrameReader::kReadBytesMin);
    const size_t count = std::min(size, bytes.size());
    std::memcpy(space, bytes.data(), count);
    reader.Added(count);
    bytes.remove_prefix(count);
  }
}

}  // namespace
}  // namespace ctdb::samba

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using ctdb::samba::ShortFrames;
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  ctdb::samba::CheckStream(bytes, ShortFrames::kSkip);
  ctdb::samba::CheckStream(bytes, ShortFrames::kRefuse);
  ctdb::samba::CheckPayloads(bytes);
  return 0;
}
