// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/samba_protocol.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"

namespace ctdb::bench::samba {
namespace {

std::string Hex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

// As an smbd sends them on a little-endian host.
TEST(SambaProtocolTest, ControlIsWhatSmbdSends) {
  EXPECT_EQ(Hex(EncodeControl(1, {.opcode = Opcode::kGetNodeNumber})),
            "3c000000424454430100000000000000"
            "07000000010000f00000000001000000"
            "23000000000000000000000000000000"
            "000000000000000000000000");
}

TEST(SambaProtocolTest, CallIsWhatSmbdSends) {
  EXPECT_EQ(Hex(EncodeCall(7, {.database = 0x4D2A432B,
                               .function = CallFunction::kNothing,
                               .flags = kImmediateMigration,
                               .key = "ab"})),
            "3a000000424454430100000000000000"
            "00000000000000000000000007000000"
            "010000002b432a4d010000ff00000000"
            "0200000000000000"
            "6162");
}

TEST(SambaProtocolTest, MessageIsReadAsItWasWritten) {
  const std::string packet = EncodeMessage(2, 0x0102030405060708, "hello");
  EXPECT_EQ(OperationOf(packet), Operation::kMessage);
  const auto message = ParseMessage(packet);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->channel, 0x0102030405060708u);
  EXPECT_EQ(message->bytes, "hello");
}

TEST(SambaProtocolTest, ReplyIsCutAtItsInnerLengths) {
  const std::string packet = absl::HexStringToBytes(
      "50000000424454430100000001000000"
      "08000000000000000100000006000000"
      "ffffffff020000000300000061626364"
      "6500000000000000");
  const auto reply = ParseControlReply(packet);
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->status, -1);
  EXPECT_EQ(reply->data, "ab");
  EXPECT_EQ(reply->error, "cde");
}

TEST(SambaProtocolTest, PacketThatIsShorterThanItAnnouncesIsAnError) {
  std::string packet = EncodeMessage(0, 1, "hello");
  packet.pop_back();
  EXPECT_FALSE(ParseMessage(packet).ok());
  EXPECT_FALSE(ParseMessage("").ok());
  EXPECT_FALSE(ParseCallReply(std::string(39, '\0')).ok());
  EXPECT_FALSE(ParseControlReply(std::string(43, '\0')).ok());
  EXPECT_FALSE(ParseControlReply(std::string(44, '\xff')).ok());
  EXPECT_FALSE(ParseTraverseRecord(std::string(15, '\0')).ok());
  EXPECT_FALSE(ParseTraverseRecord(std::string(100, '\xff')).ok());
}

TEST(SambaProtocolTest, TraverseRecordLosesItsHeaderAndAnEmptyOneIsTheEnd) {
  std::string message;
  for (const uint32_t word : {0u, 1u, 3u, 26u}) Append(message, word);
  message += "key" + std::string(sizeof(RecordHeader), '.') + "ab";
  const auto record = ParseTraverseRecord(message);
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->key, "key");
  EXPECT_EQ(record->value, "ab");
  const auto end = ParseTraverseRecord(std::string(16, '\0'));
  ASSERT_TRUE(end.ok());
  EXPECT_TRUE(end->key.empty());
}

// Long ones as well, and in pieces of every size.
TEST(PacketBufferTest, StreamIsCutIntoItsPackets) {
  std::string stream;
  for (size_t size : {0u, 5u, 200'000u, 1u}) {
    stream += EncodeMessage(0, size, std::string(size, 'x'));
  }
  for (const size_t piece : {1u, 7u, 65'536u, 1'000'000u}) {
    PacketBuffer buffer;
    std::vector<uint64_t> sizes;
    for (size_t at = 0; at < stream.size();) {
      size_t space = 0;
      char* const to = buffer.Space(&space);
      const size_t count = std::min({piece, space, stream.size() - at});
      stream.copy(to, count, at);
      buffer.Added(count);
      at += count;
      for (auto packet = buffer.Next(); packet.ok() && packet->has_value();
           packet = buffer.Next()) {
        sizes.push_back(ParseMessage(**packet)->bytes.size());
      }
    }
    EXPECT_EQ(sizes, (std::vector<uint64_t>{0, 5, 200'000, 1})) << "pieces of " << piece;
  }
}

TEST(PacketBufferTest, ImpossibleLengthIsAnError) {
  for (const uint32_t length : {0u, 31u, 0xFFFFFFFFu}) {
    PacketBuffer buffer;
    size_t space = 0;
    std::memcpy(buffer.Space(&space), &length, sizeof(length));
    buffer.Added(sizeof(length));
    EXPECT_FALSE(buffer.Next().ok()) << length;
  }
}

}  // namespace
}  // namespace ctdb::bench::samba
