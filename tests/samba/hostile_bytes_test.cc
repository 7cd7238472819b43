// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Cut and changed packets. Each is copied to memory of exactly its size, so that a sanitizer sees a
// read beyond it; and what is accepted must mean the same when it is written and read again.

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "lib/base/random.h"
#include "lib/samba/control.h"
#include "lib/samba/frame_reader.h"
#include "lib/samba/packet.h"
#include "lib/samba/record_buffer.h"
#include "tests/samba/golden.h"
#include "tests/samba/spec_packets.h"

namespace ctdb::samba {
namespace {

// Lengths and counts that are likely to be wrong.
constexpr uint32_t kEvilNumbers[] = {0,          1,          7,          8,          0x7F,
                                     0xFF,       0xFFFF,     0x7FFFFFFF, 0x80000000, 0xFFFFFFF0,
                                     0xFFFFFFFC, 0xFFFFFFFE, 0xFFFFFFFF};

void SetLength(std::string& bytes) {
  const auto length = static_cast<uint32_t>(bytes.size());
  if (bytes.size() >= sizeof(length)) std::memcpy(bytes.data(), &length, sizeof(length));
}

// Everything that a daemon or a client reads of a packet. Whether it was accepted.
bool Read(const std::string& bytes) {
  const auto exact = std::make_unique<char[]>(bytes.size());
  if (!bytes.empty()) std::memcpy(exact.get(), bytes.data(), bytes.size());
  const absl::StatusOr<Packet> packet = DecodePacket({exact.get(), bytes.size()});
  if (!packet.ok()) return false;
  std::string again;
  EXPECT_TRUE(AppendPacket(*packet, kServerPadding, &again).ok());
  const absl::StatusOr<Packet> read_again = DecodePacket(again);
  EXPECT_TRUE(read_again.ok() && *read_again == *packet) << ToHex(bytes);
  if (const auto* request = std::get_if<ControlRequest>(&packet->body)) {
    (void)CheckControlRequest(request->opcode, request->data);
    // As if it were any other control, too.
    for (const ControlInfo& info : Controls()) {
      (void)CheckPayload(info.request, request->data);
      (void)CheckPayload(info.reply, request->data);
    }
  }
  return true;
}

TEST(HostileBytesTest, NoPartOfAPacketIsAPacket) {
  for (const Golden& golden : Goldens()) {
    for (size_t size = 0; size < golden.bytes.size(); ++size) {
      EXPECT_FALSE(Read(golden.bytes.substr(0, size))) << golden.name << " " << size;
    }
    EXPECT_TRUE(Read(golden.bytes)) << golden.name;
  }
}

TEST(HostileBytesTest, APacketCutWithARightLengthIsAcceptedOnlyWithoutItsPadding) {
  for (const Golden& golden : Goldens()) {
    std::string whole;
    ASSERT_TRUE(AppendPacket(golden.packet, kNoPadding, &whole).ok());
    for (size_t size = 0; size < golden.bytes.size(); ++size) {
      std::string cut = golden.bytes.substr(0, size);
      SetLength(cut);
      EXPECT_EQ(Read(cut), size >= whole.size()) << golden.name << " " << size;
    }
  }
}

TEST(HostileBytesTest, EvilNumbersAtAnyPlaceAreSurvived) {
  for (const Golden& golden : Goldens()) {
    for (size_t offset = 0; offset + 4 <= std::min<size_t>(golden.bytes.size(), 256); ++offset) {
      for (const uint32_t evil : kEvilNumbers) {
        std::string bytes = golden.bytes;
        std::memcpy(bytes.data() + offset, &evil, sizeof(evil));
        (void)Read(bytes);
      }
    }
  }
}

TEST(HostileBytesTest, RandomChangesAreSurvived) {
  Random random(2);
  int accepted = 0;
  for (int run = 0; run < 20000; ++run) {
    const Golden& golden = Goldens()[random.Below(Goldens().size())];
    std::string bytes = golden.bytes;
    for (uint64_t change = random.Below(4); change < 4; ++change) {
      const size_t offset = random.Below(bytes.size());
      bytes[offset] = static_cast<char>(random.Next());
    }
    if (random.Below(3) == 0) bytes.resize(random.Below(bytes.size()) + 1);
    if (random.Below(3) == 0) bytes.append(random.Below(64), static_cast<char>(random.Next()));
    if (random.Below(4) != 0) SetLength(bytes);
    accepted += Read(bytes) ? 1 : 0;
  }
  // Both kinds are there.
  EXPECT_GT(accepted, 1000);
  EXPECT_LT(accepted, 19000);
}

TEST(HostileBytesTest, AnyStreamOfBytesEndsInPacketsOrAnError) {
  Random random(3);
  for (int run = 0; run < 300; ++run) {
    FrameReader reader({.packet_bytes_max = 4096});
    for (int piece = 0; piece < 50; ++piece) {
      size_t size = 0;
      char* space = reader.Space(&size);
      ASSERT_GE(size, FrameReader::kReadBytesMin);
      const size_t count = std::min<size_t>(size, 1 + random.Below(300));
      for (size_t i = 0; i < count; ++i) {
        // Mostly zeros, so that lengths are small.
        space[i] = random.Below(4) == 0 ? static_cast<char>(random.Next()) : '\0';
      }
      reader.Added(count);
      absl::StatusOr<std::optional<absl::string_view>> frame = reader.Next();
      for (; frame.ok() && frame->has_value(); frame = reader.Next()) Read(std::string(**frame));
      if (!frame.ok()) break;
    }
    EXPECT_LE(reader.memory_bytes(), 4096 + FrameReader::kReadBytesMin);
  }
}

}  // namespace
}  // namespace ctdb::samba
