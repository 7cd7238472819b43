// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/frame_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "lib/base/random.h"
#include "tests/samba/golden.h"

namespace ctdb::samba {
namespace {

std::string Frame(uint32_t length, char fill = 'x') {
  std::string frame(std::max<size_t>(length, sizeof(length)), fill);
  std::memcpy(frame.data(), &length, sizeof(length));
  return frame.substr(0, std::max<size_t>(length, 1));
}

// Gives all of `bytes` in pieces of at most `piece`, and takes the frames that come out.
absl::StatusOr<std::vector<std::string>> Feed(FrameReader& reader, absl::string_view bytes,
                                              size_t piece) {
  std::vector<std::string> frames;
  while (true) {
    const absl::StatusOr<std::optional<absl::string_view>> frame = reader.Next();
    if (!frame.ok()) return frame.status();
    if (frame->has_value()) {
      frames.emplace_back(**frame);
      continue;
    }
    if (bytes.empty()) return frames;
    size_t size = 0;
    char* space = reader.Space(&size);
    EXPECT_GE(size, FrameReader::kReadBytesMin);
    const size_t count = std::min({size, piece, bytes.size()});
    std::memcpy(space, bytes.data(), count);
    reader.Added(count);
    bytes.remove_prefix(count);
  }
}

TEST(FrameReaderTest, Cn14PacketsComeOutWholeHoweverTheyAreSplit) {
  std::string stream;
  for (const Golden& golden : Goldens()) stream += golden.bytes;
  for (const size_t piece : {1, 2, 3, 31, 32, 33, 1000, 1000000}) {
    FrameReader reader;
    const absl::StatusOr<std::vector<std::string>> frames = Feed(reader, stream, piece);
    ASSERT_TRUE(frames.ok()) << frames.status();
    ASSERT_EQ(frames->size(), Goldens().size()) << piece;
    for (size_t i = 0; i < frames->size(); ++i) EXPECT_EQ((*frames)[i], Goldens()[i].bytes);
  }
}

TEST(FrameReaderTest, Cn10NothingIsRoundedBetweenPackets) {
  FrameReader reader;
  const auto frames = Feed(reader, Frame(33, 'a') + Frame(47, 'b') + Frame(32, 'c'), 1000);
  EXPECT_EQ(*frames, (std::vector<std::string>{Frame(33, 'a'), Frame(47, 'b'), Frame(32, 'c')}));
}

TEST(FrameReaderTest, Cn16ALengthOfZeroEndsTheConnectionForGood) {
  FrameReader reader;
  EXPECT_TRUE(absl::IsInvalidArgument(Feed(reader, Frame(40) + std::string(4, '\0'), 7).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Feed(reader, Frame(40), 100).status()));
}

TEST(FrameReaderTest, PacketsBeforeABadOneAreGiven) {
  FrameReader reader;
  size_t size = 0;
  const std::string bytes = Frame(40) + std::string(4, '\0');
  std::memcpy(reader.Space(&size), bytes.data(), bytes.size());
  reader.Added(bytes.size());
  EXPECT_EQ(**reader.Next(), Frame(40));
  EXPECT_TRUE(absl::IsInvalidArgument(reader.Next().status()));
}

TEST(FrameReaderTest, Cn17WhatIsShorterThanAHeaderIsSkippedAndTheConnectionStays) {
  for (uint32_t length = sizeof(uint32_t); length < 32; ++length) {
    FrameReader reader;
    const auto frames = Feed(reader, Frame(40) + Frame(length) + Frame(41), 5);
    ASSERT_TRUE(frames.ok()) << length << ": " << frames.status();
    EXPECT_EQ(*frames, (std::vector<std::string>{Frame(40), Frame(41)})) << length;
    EXPECT_EQ(reader.skipped_count(), 1);
  }
}

TEST(FrameReaderTest, Cn17ALengthThatDoesNotCoverItselfIsSkippedByItsOwnBytes) {
  // One byte is consumed, and what follows is a length again.
  FrameReader reader;
  const auto frames = Feed(reader, std::string("\1", 1) + std::string("\0\0\0\0", 4), 1);
  EXPECT_TRUE(absl::IsInvalidArgument(frames.status()));
  EXPECT_EQ(reader.skipped_count(), 1);
}

TEST(FrameReaderTest, Cn31AClientRefusesWhatIsShorterThanAHeader) {
  for (const uint32_t length : {1u, 4u, 31u}) {
    FrameReader reader({.short_frames = ShortFrames::kRefuse});
    const std::string announced(reinterpret_cast<const char*>(&length), sizeof(length));
    EXPECT_TRUE(absl::IsInvalidArgument(Feed(reader, announced, 100).status())) << length;
  }
  FrameReader reader({.short_frames = ShortFrames::kRefuse});
  EXPECT_TRUE(Feed(reader, Frame(32), 100).ok());
}

TEST(FrameReaderTest, Cn13APacketOverTheLimitEndsTheConnectionAndOneAtItDoesNot) {
  FrameReader reader({.packet_bytes_max = 100000});
  const auto frames = Feed(reader, Frame(100000) + Frame(99999), 4096);
  ASSERT_TRUE(frames.ok()) << frames.status();
  EXPECT_EQ(frames->size(), 2);
  EXPECT_TRUE(absl::IsInvalidArgument(Feed(reader, Frame(100001), 4096).status()));
  FrameReader whole;
  EXPECT_TRUE(absl::IsInvalidArgument(Feed(whole, "\xff\xff\xff\xff", 4).status()));
}

TEST(FrameReaderTest, AnAnnouncedLengthAllocatesNothingBeforeItsBytesArrive) {
  FrameReader reader;
  ASSERT_TRUE(Feed(reader, Frame(200 << 20).substr(0, 100), 100).ok());
  size_t size = 0;
  reader.Space(&size);
  EXPECT_LE(reader.memory_bytes(), 256 * 1024);
}

TEST(FrameReaderTest, MemoryStaysWithinTheLimitAndShrinksAfterALargePacket) {
  constexpr size_t kMax = 5 << 20;
  FrameReader reader({.packet_bytes_max = kMax});
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(Feed(reader, Frame(kMax - i), 60000).ok());
    EXPECT_LE(reader.memory_bytes(), kMax + FrameReader::kReadBytesMin);
  }
  size_t size = 0;
  reader.Space(&size);
  EXPECT_LE(reader.memory_bytes(), 256 * 1024);
}

TEST(FrameReaderTest, AReaderWhosePacketsNobodyTakesFindsNoMoreRoom) {
  FrameReader reader({.packet_bytes_max = 100000});
  size_t total = 0;
  size_t size = 0;
  const std::string frame = Frame(50);
  for (int i = 0; i < 10000; ++i) {
    char* space = reader.Space(&size);
    const size_t count = std::min(size, frame.size());
    if (count > 0) std::memcpy(space, frame.data(), count);
    reader.Added(count);
    total += count;
  }
  EXPECT_EQ(size, 0);
  EXPECT_LE(total, 100000 + FrameReader::kReadBytesMin);
  EXPECT_EQ(**reader.Next(), frame);
}

TEST(FrameReaderTest, ASmallLimitLeavesRoomForAReadAllTheSame) {
  FrameReader reader({.packet_bytes_max = 64});
  std::string stream;
  for (int i = 0; i < 1000; ++i) stream += Frame(32 + i % 33);
  const auto frames = Feed(reader, stream, 100000);
  ASSERT_TRUE(frames.ok()) << frames.status();
  EXPECT_EQ(frames->size(), 1000);
  EXPECT_LE(reader.memory_bytes(), 64 + FrameReader::kReadBytesMin);
}

TEST(FrameReaderTest, AnySequenceOfPacketsInAnyPiecesComesOutAsItWentIn) {
  Random random(1);
  for (int run = 0; run < 30; ++run) {
    FrameReader reader({.packet_bytes_max = 300000});
    std::vector<std::string> sent;
    std::string stream;
    for (int i = 0; i < 40; ++i) {
      const uint64_t most = random.Below(10) == 0 ? 300000 - 32 : 300;
      sent.push_back(Frame(static_cast<uint32_t>(32 + random.Below(most)),
                           static_cast<char>('a' + random.Below(26))));
      stream += sent.back();
    }
    std::vector<std::string> received;
    absl::string_view rest = stream;
    while (!rest.empty()) {
      const absl::string_view part = rest.substr(0, 1 + random.Below(50000));
      rest.remove_prefix(part.size());
      const auto frames = Feed(reader, part, 1 + random.Below(9000));
      ASSERT_TRUE(frames.ok()) << frames.status();
      received.insert(received.end(), frames->begin(), frames->end());
    }
    EXPECT_TRUE(received == sent) << run;
  }
}

}  // namespace
}  // namespace ctdb::samba
