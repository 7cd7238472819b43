// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/packet.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/samba/golden.h"
#include "tests/samba/spec_packets.h"

namespace ctdb::samba {
namespace {

std::string Bytes(const Packet& packet, Padding padding = kNoPadding) {
  std::string bytes;
  EXPECT_TRUE(AppendPacket(packet, padding, &bytes).ok());
  return bytes;
}

template <typename Integer>
std::string With(std::string bytes, size_t offset, Integer value) {
  std::memcpy(bytes.data() + offset, &value, sizeof(value));
  return bytes;
}

// All packets of clients and daemons, with something in each field.
std::vector<Packet> Samples() {
  const PacketHeader header{Generation(1), NodeNumber(2), NodeNumber(3), ReqId(4)};
  return {
      {header, CallRequest{5, DbId(6), CallFunction::kFetch, 7, "key", "arguments"}},
      {header, CallReply{-8, "data"}},
      {header, ErrorReply{-9, "text"}},
      {header, Message{ChannelId(10), "data"}},
      {header, ControlRequest{Opcode::kDbAttach, ChannelId(11), 12, 13, "data"}},
      {header, ControlReply{-14, "data", "error"}},
      {header, Keepalive{15, 16}},
      {header, Tunnel{17, 18, "data"}},
  };
}

TEST(PacketTest, EveryPacketOfTheExamplesIsReadAsItIsMeant) {
  for (const Golden& golden : Goldens()) {
    const absl::StatusOr<Packet> packet = DecodePacket(golden.bytes);
    ASSERT_TRUE(packet.ok()) << golden.name << ": " << packet.status();
    EXPECT_TRUE(*packet == golden.packet) << golden.name;
  }
  EXPECT_EQ(Goldens().size(), 28);
}

TEST(PacketTest, EveryPacketOfTheExamplesIsWrittenByteForByte) {
  for (const Golden& golden : Goldens()) {
    EXPECT_EQ(ToHex(Bytes(golden.packet, golden.padding)), ToHex(golden.bytes)) << golden.name;
  }
}

TEST(PacketTest, PacketsWithoutAnExampleLieAsTheirTablesSay) {
  const std::vector<Packet> samples = Samples();
  const std::string header = "42445443 01000000 01000000 ";
  EXPECT_EQ(ToHex(Bytes(samples[2])), ToHex(FromHex("2d000000" + header +
                                                    "04000000 02000000 03000000 04000000"
                                                    "f7ffffff 05000000 7465787400")));
  EXPECT_EQ(ToHex(Bytes(samples[6])), ToHex(FromHex("28000000" + header +
                                                    "09000000 02000000 03000000 04000000"
                                                    "0f000000 10000000")));
  EXPECT_EQ(ToHex(Bytes(samples[7])), ToHex(FromHex("34000000" + header +
                                                    "0a000000 02000000 03000000 04000000"
                                                    "11000000 00000000 12000000 04000000"
                                                    "64617461")));
}

TEST(PacketTest, EveryPacketIsTheSameAfterItsJourneyWithAnyPadding) {
  for (const Packet& sample : Samples()) {
    for (const Padding padding : {kNoPadding, kClientLibraryPadding, kServerPadding}) {
      const std::string bytes = Bytes(sample, padding);
      EXPECT_EQ(bytes.size() % padding.multiple_of, 0);
      EXPECT_GE(bytes.size(), padding.bytes_min);
      const absl::StatusOr<Packet> packet = DecodePacket(bytes);
      ASSERT_TRUE(packet.ok()) << packet.status();
      EXPECT_TRUE(*packet == sample) << sample.body.index();
    }
  }
}

TEST(PacketTest, PacketsFollowEachOtherInOneBuffer) {
  std::string bytes;
  for (const Packet& sample : Samples()) {
    ASSERT_TRUE(AppendPacket(sample, kNoPadding, &bytes).ok());
  }
  absl::string_view rest = bytes;
  for (const Packet& sample : Samples()) {
    const std::string alone = Bytes(sample);
    EXPECT_EQ(rest.substr(0, alone.size()), alone);
    rest.remove_prefix(alone.size());
  }
  EXPECT_TRUE(rest.empty());
}

TEST(PacketTest, ThePacketsThatClientsMaySendAreFour) {
  for (uint32_t type = 0; type < 20; ++type) {
    EXPECT_EQ(IsFromClient(static_cast<PacketType>(type)),
              type == 0 || type == 5 || type == 7 || type == 10)
        << type;
  }
}

TEST(PacketTest, EachTypeHasItsNameAndANumberThatIsGoneHasNone) {
  EXPECT_EQ(PacketTypeName(PacketType::kCallRequest), "REQ_CALL");
  EXPECT_EQ(PacketTypeName(PacketType::kCallReply), "REPLY_CALL");
  EXPECT_EQ(PacketTypeName(static_cast<PacketType>(2)), "REQ_DMASTER");
  EXPECT_EQ(PacketTypeName(static_cast<PacketType>(3)), "REPLY_DMASTER");
  EXPECT_EQ(PacketTypeName(PacketType::kErrorReply), "REPLY_ERROR");
  EXPECT_EQ(PacketTypeName(PacketType::kMessage), "REQ_MESSAGE");
  EXPECT_EQ(PacketTypeName(PacketType::kControlRequest), "REQ_CONTROL");
  EXPECT_EQ(PacketTypeName(PacketType::kControlReply), "REPLY_CONTROL");
  EXPECT_EQ(PacketTypeName(PacketType::kKeepalive), "REQ_KEEPALIVE");
  EXPECT_EQ(PacketTypeName(PacketType::kTunnel), "REQ_TUNNEL");
  EXPECT_EQ(PacketTypeName(static_cast<PacketType>(6)), "");
  EXPECT_EQ(PacketTypeName(static_cast<PacketType>(11)), "");
}

TEST(PacketTest, Cn18AWrongMagicOrVersionIsRefused) {
  const std::string good = FromHex(kHexGetPnnRequest);
  EXPECT_TRUE(absl::IsInvalidArgument(DecodePacket(With(good, 4, 0x43544443)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DecodePacket(With(good, 8, 0)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DecodePacket(With(good, 8, 2)).status()));
}

TEST(PacketTest, Cn19TypesWithoutAPlaceOnThisSocketAreUnimplemented) {
  const std::string good = FromHex(kHexGetPnnRequest);
  for (const uint32_t type : {2u, 3u, 6u, 11u, 0xFFFFFFFFu}) {
    EXPECT_TRUE(absl::IsUnimplemented(DecodePacket(With(good, 16, type)).status())) << type;
  }
}

TEST(PacketTest, ALengthThatIsNotThePacketsIsRefused) {
  const std::string good = FromHex(kHexGetPnnRequest);
  EXPECT_TRUE(absl::IsInvalidArgument(DecodePacket(With(good, 0, 61)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DecodePacket(good.substr(0, 59)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DecodePacket(good.substr(0, 31)).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(DecodePacket("").status()));
}

TEST(PacketTest, NoPacketIsShorterThanItsFixedPart) {
  const size_t fixed_bytes[] = {56, 40, 40, 44, 60, 44, 40, 48};
  for (const Packet& sample : Samples()) {
    // Inner lengths of zero, so that only the fixed part is wanted.
    std::string bytes = Bytes(sample).substr(0, fixed_bytes[sample.body.index()]);
    std::fill(bytes.begin() + kPacketHeaderBytes, bytes.end(), '\0');
    bytes = With(bytes, 0, static_cast<uint32_t>(bytes.size()));
    EXPECT_TRUE(DecodePacket(bytes).ok()) << sample.body.index();
    bytes.pop_back();
    bytes = With(bytes, 0, static_cast<uint32_t>(bytes.size()));
    EXPECT_TRUE(absl::IsInvalidArgument(DecodePacket(bytes).status())) << sample.body.index();
  }
}

TEST(PacketTest, Cn21InnerLengthsBeyondThePacketAreRefusedAlsoWhereTheirSumOverflows) {
  const std::vector<Packet> samples = Samples();
  // The offsets of the inner lengths.
  const std::vector<std::pair<size_t, std::vector<size_t>>> lengths = {
      {0, {48, 52}}, {1, {36}}, {2, {36}}, {3, {40}}, {4, {56}}, {5, {36, 40}}, {7, {44}}};
  for (const auto& [sample, offsets] : lengths) {
    const std::string good = Bytes(samples[sample]);
    for (const size_t offset : offsets) {
      uint32_t length = 0;
      std::memcpy(&length, good.data() + offset, sizeof(length));
      for (const uint32_t wrong : {length + 1, 0x7FFFFFFFu, 0x80000000u, 0xFFFFFFFFu}) {
        EXPECT_TRUE(absl::IsInvalidArgument(DecodePacket(With(good, offset, wrong)).status()))
            << sample << " at " << offset;
      }
    }
  }
  // Together they wrap to what is there.
  const std::string call = With(Bytes(samples[0]), 48, 0xFFFFFFFFu);
  EXPECT_TRUE(absl::IsInvalidArgument(DecodePacket(With(call, 52, 13)).status()));
}

TEST(PacketTest, Cn12OnlyTheInnerLengthsSayHowMuchThereIs) {
  std::string padded = FromHex(kHexDbAttachRequest) + std::string(4096, 'x');
  padded = With(padded, 0, static_cast<uint32_t>(padded.size()));
  const absl::StatusOr<Packet> packet = DecodePacket(padded);
  ASSERT_TRUE(packet.ok()) << packet.status();
  EXPECT_TRUE(*packet == FindGolden("DB_ATTACH").packet);
}

TEST(PacketTest, AnErrorsTextMustEndInAZeroByte) {
  const std::string good = Bytes(Samples()[2]);
  EXPECT_TRUE(absl::IsInvalidArgument(DecodePacket(With(good, good.size() - 1, 'x')).status()));
}

TEST(PacketTest, APacketOfMoreThan32BitsIsRefusedBeforeAnyByteIsCopied) {
  const char byte = 0;
  // Nobody looks at what is behind the first byte.
  const absl::string_view huge(&byte, size_t{1} << 32);
  std::string out = "before";
  EXPECT_TRUE(absl::IsResourceExhausted(
      AppendPacket({{}, Message{ChannelId(1), huge}}, kServerPadding, &out)));
  EXPECT_EQ(out, "before");
}

}  // namespace
}  // namespace ctdb::samba
