// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/protocol/envelope.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <vector>

#include "absl/strings/match.h"
#include "lib/protocol/limits.h"
#include "lib/protocol/packet.h"

namespace ctdb {
namespace {

std::array<std::byte, 8> Prefix(uint32_t segments_minus_one, uint32_t words) {
  std::array<std::byte, 8> prefix;
  for (int i = 0; i < 4; ++i) {
    prefix[i] = static_cast<std::byte>(segments_minus_one >> (8 * i));
    prefix[4 + i] = static_cast<std::byte>(words >> (8 * i));
  }
  return prefix;
}

// A frame of whole words that tests may damage.
std::vector<uint64_t> ValidFrame(const Envelope& envelope) {
  PacketWriter writer;
  writer.Begin(envelope).getPayload().setAs<capnp::Data>(
      capnp::Data::Reader(reinterpret_cast<const kj::byte*>("hello"), 5));
  const Bytes frame = *writer.Finish();
  std::vector<uint64_t> words(frame.size() / 8);
  std::memcpy(words.data(), frame.data(), frame.size());
  return words;
}

Bytes AsBytes(const std::vector<uint64_t>& words) {
  return Bytes(reinterpret_cast<const std::byte*>(words.data()), words.size() * 8);
}

TEST(EnvelopeTest, WhatWasWrittenIsRead) {
  Envelope envelope;
  envelope.kind = PacketKind::kMessage;
  envelope.is_bulk = true;
  envelope.source = {NodeNumber(1), ServiceId::kClient, InstanceNumber(77)};
  envelope.destination = {kConnectedNodes, ServiceId::kDatabase, InstanceNumber(1u << 20)};
  envelope.channel = 0xfedcba9876543210;
  envelope.request_id = 5;
  const auto frame = ValidFrame(envelope);
  const auto read = DecodeEnvelope(AsBytes(frame));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->kind, envelope.kind);
  EXPECT_TRUE(read->is_bulk);
  EXPECT_EQ(read->source, envelope.source);
  EXPECT_EQ(read->destination, envelope.destination);
  EXPECT_EQ(read->channel, envelope.channel);
  EXPECT_EQ(read->request_id, envelope.request_id);
}

TEST(EnvelopeTest, FrameSizeNeedsEightBytesToTell) {
  const auto prefix = Prefix(0, 9);
  EXPECT_EQ(*FrameBytes(Bytes(prefix.data(), 7)), 0u);
  EXPECT_EQ(*FrameBytes(prefix), 80u);
}

TEST(EnvelopeTest, ManySegmentsEmptyAndOversizedFramesAreRefused) {
  EXPECT_FALSE(FrameBytes(Prefix(1, 9)).ok());
  EXPECT_FALSE(FrameBytes(Prefix(0xffffffff, 9)).ok());
  EXPECT_FALSE(FrameBytes(Prefix(0, 0)).ok());
  EXPECT_TRUE(FrameBytes(Prefix(0, kFrameBytesMax / 8 - 1)).ok());
  EXPECT_FALSE(FrameBytes(Prefix(0, kFrameBytesMax / 8)).ok());
  EXPECT_FALSE(FrameBytes(Prefix(0, 0xffffffff)).ok());
}

TEST(EnvelopeTest, TextIsNotAPacket) {
  const char* request = "GET / HTTP/1.1\r\n\r\n";
  const auto size = FrameBytes(Bytes(reinterpret_cast<const std::byte*>(request), 18));
  EXPECT_TRUE(absl::IsInvalidArgument(size.status()));
}

TEST(EnvelopeTest, OtherMajorVersionIsRefusedOtherMinorVersionIsNot) {
  Envelope envelope;
  envelope.minor_version = kProtocolMinor + 7;
  EXPECT_TRUE(DecodeEnvelope(AsBytes(ValidFrame(envelope))).ok());
  envelope.major_version = kProtocolMajor + 1;
  const auto read = DecodeEnvelope(AsBytes(ValidFrame(envelope)));
  ASSERT_TRUE(absl::IsFailedPrecondition(read.status()));
  EXPECT_TRUE(absl::StrContains(read.status().message(), "version 2.7"));
}

TEST(EnvelopeTest, AnyDamagedFirstWordsEndInAnAnswerNotACrash) {
  const auto frame = ValidFrame(Envelope());
  for (size_t word = 1; word < frame.size(); ++word) {
    for (int bit = 0; bit < 64; ++bit) {
      auto damaged = frame;
      damaged[word] ^= uint64_t{1} << bit;
      (void)DecodeEnvelope(AsBytes(damaged));
      (void)ReadPayload([&] {
        PacketReader reader(AsBytes(damaged));
        (void)reader.payload().getAs<capnp::Data>().size();
        return absl::OkStatus();
      });
    }
  }
}

}  // namespace
}  // namespace ctdb
