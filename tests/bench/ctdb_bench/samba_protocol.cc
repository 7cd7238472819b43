// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/samba_protocol.h"

#include "absl/strings/str_cat.h"

namespace ctdb::bench::samba {
namespace {

constexpr uint32_t kMagic = 0x43544442;
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderBytes = 32;
constexpr size_t kControlReplyBytes = 44;
constexpr size_t kCallReplyBytes = 40;
constexpr size_t kMessageBytes = 44;
constexpr size_t kTraverseRecordBytes = 16;

std::string Header(Operation operation, uint32_t node, uint32_t request) {
  std::string packet;
  packet.reserve(256);
  Append<uint32_t>(packet, 0);  // The length, see Finish().
  Append(packet, kMagic);
  Append(packet, kVersion);
  Append<uint32_t>(packet, 0);  // Generation.
  Append(packet, operation);
  Append(packet, node);
  Append<uint32_t>(packet, 0);  // From this node.
  Append(packet, request);
  return packet;
}

std::string Finish(std::string packet) {
  const auto length = static_cast<uint32_t>(packet.size());
  std::memcpy(packet.data(), &length, sizeof(length));
  return packet;
}

void AppendText(std::string& packet, absl::string_view text) {
  packet.append(text.data(), text.size());
}

absl::Status Misfit(absl::string_view what, absl::string_view bytes) {
  return absl::DataLossError(
      absl::StrCat("ctdb sent a ", what, " of ", bytes.size(), " bytes, less than it announces"));
}

}  // namespace

std::string EncodeControl(uint32_t request, const Control& control) {
  std::string packet = Header(Operation::kControl, kCurrentNode, request);
  Append(packet, control.opcode);
  Append<uint32_t>(packet, 0);
  Append(packet, control.channel);
  Append<uint32_t>(packet, 0);  // Client.
  Append<uint32_t>(packet, 0);  // Flags.
  Append(packet, static_cast<uint32_t>(control.payload.size()));
  AppendText(packet, control.payload);
  return Finish(std::move(packet));
}

std::string EncodeCall(uint32_t request, const Call& call) {
  std::string packet = Header(Operation::kCall, 0, request);
  Append(packet, call.flags);
  Append(packet, call.database);
  Append(packet, call.function);
  Append<uint32_t>(packet, 0);  // Hops.
  Append(packet, static_cast<uint32_t>(call.key.size()));
  Append<uint32_t>(packet, 0);  // Bytes of arguments.
  AppendText(packet, call.key);
  return Finish(std::move(packet));
}

std::string EncodeMessage(uint32_t node, uint64_t channel, absl::string_view bytes) {
  std::string packet = Header(Operation::kMessage, node, 0);
  Append(packet, channel);
  Append(packet, static_cast<uint32_t>(bytes.size()));
  AppendText(packet, bytes);
  return Finish(std::move(packet));
}

absl::StatusOr<ControlReply> ParseControlReply(absl::string_view packet) {
  if (packet.size() < kControlReplyBytes) return Misfit("reply to a control", packet);
  const size_t data_bytes = Load<uint32_t>(packet, 36);
  const size_t error_bytes = Load<uint32_t>(packet, 40);
  if (packet.size() - kControlReplyBytes < data_bytes + error_bytes) {
    return Misfit("reply to a control", packet);
  }
  return ControlReply{.status = Load<int32_t>(packet, 32),
                      .data = packet.substr(kControlReplyBytes, data_bytes),
                      .error = packet.substr(kControlReplyBytes + data_bytes, error_bytes)};
}

absl::StatusOr<absl::string_view> ParseCallReply(absl::string_view packet) {
  if (packet.size() < kCallReplyBytes ||
      packet.size() - kCallReplyBytes < Load<uint32_t>(packet, 36)) {
    return Misfit("reply to a call", packet);
  }
  return packet.substr(kCallReplyBytes, Load<uint32_t>(packet, 36));
}

absl::StatusOr<MessageView> ParseMessage(absl::string_view packet) {
  if (packet.size() < kMessageBytes || packet.size() - kMessageBytes < Load<uint32_t>(packet, 40)) {
    return Misfit("message", packet);
  }
  return MessageView{.channel = Load<uint64_t>(packet, 32),
                     .bytes = packet.substr(kMessageBytes, Load<uint32_t>(packet, 40))};
}

absl::StatusOr<TraverseRecord> ParseTraverseRecord(absl::string_view message) {
  if (message.size() < kTraverseRecordBytes) return Misfit("record of a traverse", message);
  const size_t key_bytes = Load<uint32_t>(message, 8);
  const size_t data_bytes = Load<uint32_t>(message, 12);
  if (message.size() - kTraverseRecordBytes < key_bytes + data_bytes) {
    return Misfit("record of a traverse", message);
  }
  if (key_bytes == 0) return TraverseRecord{};
  if (data_bytes < sizeof(RecordHeader)) return Misfit("record of a traverse", message);
  const absl::string_view key = message.substr(kTraverseRecordBytes, key_bytes);
  const absl::string_view data = message.substr(kTraverseRecordBytes + key_bytes, data_bytes);
  return TraverseRecord{.key = key, .value = data.substr(sizeof(RecordHeader))};
}

char* PacketBuffer::Space(size_t* size) {
  if (begin_ == filled_) {
    begin_ = filled_ = 0;
  } else if (begin_ > 0 && bytes_.size() - filled_ < bytes_.size() / 2) {
    std::memmove(bytes_.data(), bytes_.data() + begin_, filled_ - begin_);
    filled_ -= begin_;
    begin_ = 0;
  }
  if (filled_ == bytes_.size()) bytes_.resize(bytes_.size() * 2);
  *size = bytes_.size() - filled_;
  return bytes_.data() + filled_;
}

absl::StatusOr<std::optional<absl::string_view>> PacketBuffer::Next() {
  const absl::string_view waiting(bytes_.data() + begin_, filled_ - begin_);
  if (waiting.size() < sizeof(uint32_t)) return std::nullopt;
  const size_t length = Load<uint32_t>(waiting, 0);
  if (length < kHeaderBytes || length > kPacketBytesMax) {
    return absl::DataLossError(absl::StrCat("ctdb sent a packet of ", length, " bytes"));
  }
  if (waiting.size() < length) return std::nullopt;
  begin_ += length;
  return waiting.substr(0, length);
}

}  // namespace ctdb::bench::samba
