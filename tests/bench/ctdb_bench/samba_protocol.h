// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// samba_protocol: the packets that a client of Debian's ctdb exchanges with its daemon over the
// Unix socket, as far as ctdb-bench needs them, and the header of each record in a TDB file.
// Integers are in host byte order and may lie unaligned.
//
//   Ownership:  what is parsed points into the packet.
//   Threading:  pure functions; a PacketBuffer belongs to one thread.
//   Errors:     DataLoss for a packet whose inner lengths do not fit.
//   Blocking:   never.
//   Limits:     kPacketBytesMax.

#ifndef TESTS_BENCH_CTDB_BENCH_SAMBA_PROTOCOL_H_
#define TESTS_BENCH_CTDB_BENCH_SAMBA_PROTOCOL_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace ctdb::bench::samba {

inline constexpr size_t kPacketBytesMax = 256 << 20;
inline constexpr uint32_t kCurrentNode = 0xF0000001;

enum class Operation : uint32_t {
  kCall = 0,
  kCallReply = 1,
  kMessage = 5,
  kControl = 7,
  kControlReply = 8,
};

enum class Opcode : uint32_t {
  kGetDatabasePath = 4,
  kGetRecoveryMode = 15,
  kAttach = 18,
  kTraverseStart = 20,
  kRegisterChannel = 23,
  kGetNodeNumber = 35,
  kGetNodeMap = 91,
  kSetReadOnly = 129,
  kGetRunState = 138,
  kGetOpenFlags = 149,
};

inline constexpr uint32_t kRunStateRunning = 5;

// What a call does besides bringing the record here.
enum class CallFunction : uint32_t { kNothing = 0xFF000001, kFetch = 0xFF000002 };
inline constexpr uint32_t kImmediateMigration = 0x1;
inline constexpr uint32_t kWantReadOnly = 0x4;

// At the begin of each value in a TDB file.
struct RecordHeader {
  uint64_t rsn;
  uint32_t owner;
  uint32_t reserved;
  uint32_t flags;
  uint32_t padding;
};
static_assert(sizeof(RecordHeader) == 24);
inline constexpr uint32_t kHasDelegations = 0x01000000;
inline constexpr uint32_t kIsReadOnlyCopy = 0x02000000;

struct Control {
  Opcode opcode;
  uint64_t channel = 0;
  absl::string_view payload = {};
};
struct Call {
  uint32_t database;
  CallFunction function;
  uint32_t flags;
  absl::string_view key;
};

std::string EncodeControl(uint32_t request, const Control& control);
std::string EncodeCall(uint32_t request, const Call& call);
std::string EncodeMessage(uint32_t node, uint64_t channel, absl::string_view bytes);

template <typename Integer>
Integer Load(absl::string_view bytes, size_t offset) {
  Integer value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}
template <typename Integer>
void Append(std::string& bytes, Integer value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// Of a whole packet, as PacketBuffer gives it.
inline Operation OperationOf(absl::string_view packet) { return Load<Operation>(packet, 16); }
inline uint32_t RequestOf(absl::string_view packet) { return Load<uint32_t>(packet, 28); }

struct ControlReply {
  int32_t status;
  absl::string_view data;
  absl::string_view error;
};
struct MessageView {
  uint64_t channel;
  absl::string_view bytes;
};
absl::StatusOr<ControlReply> ParseControlReply(absl::string_view packet);
absl::StatusOr<absl::string_view> ParseCallReply(absl::string_view packet);
absl::StatusOr<MessageView> ParseMessage(absl::string_view packet);

// One record in a message of a traverse; an empty key marks the end.
struct TraverseRecord {
  absl::string_view key;
  absl::string_view value;  // Without the record's header.
};
absl::StatusOr<TraverseRecord> ParseTraverseRecord(absl::string_view message);

// Cuts a stream of bytes into packets.
class PacketBuffer {
 public:
  // Where the next bytes go, and how many fit.
  char* Space(size_t* size);
  void Added(size_t size) { filled_ += size; }
  // The next whole packet, valid until Space(); nothing when more bytes are needed.
  absl::StatusOr<std::optional<absl::string_view>> Next();

 private:
  std::string bytes_ = std::string(1 << 16, '\0');
  size_t begin_ = 0;
  size_t filled_ = 0;
};

}  // namespace ctdb::bench::samba

#endif  // TESTS_BENCH_CTDB_BENCH_SAMBA_PROTOCOL_H_
