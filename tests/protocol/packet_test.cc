// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/protocol/packet.h"

#include <gtest/gtest.h>

#include <string>

namespace ctdb {
namespace {

capnp::Data::Reader AsData(const std::string& text) {
  return capnp::Data::Reader(reinterpret_cast<const kj::byte*>(text.data()), text.size());
}

TEST(PacketTest, PayloadIsReadBackWhetherOrNotItFitsTheFirstBuffer) {
  PacketWriter writer(/*words=*/32);
  for (size_t size : {0, 1, 8, 100, 5000, 200000, 3}) {
    const std::string payload(size, 'p');
    writer.Begin(Envelope()).getPayload().setAs<capnp::Data>(AsData(payload));
    const auto frame = writer.Finish();
    ASSERT_TRUE(frame.ok()) << frame.status();
    EXPECT_EQ(*FrameBytes(*frame), frame->size());
    PacketReader reader(*frame);
    EXPECT_EQ(reader.payload().getAs<capnp::Data>().size(), size);
  }
}

TEST(PacketTest, AWriterUsedAgainLeavesNothingOfTheFormerPacket) {
  PacketWriter writer;
  Envelope first;
  first.channel = ~uint64_t{0};
  writer.Begin(first).getPayload().setAs<capnp::Data>(AsData(std::string(500, 'x')));
  ASSERT_TRUE(writer.Finish().ok());
  writer.Begin(Envelope());
  const Bytes frame = *writer.Finish();
  EXPECT_EQ(DecodeEnvelope(frame)->channel, 0u);
  PacketReader reader(frame);
  EXPECT_TRUE(reader.payload().isNull());
}

TEST(PacketTest, LargestMessageFitsAndMoreThanAPacketIsRefused) {
  PacketWriter writer;
  writer.Begin(Envelope())
      .getPayload()
      .setAs<capnp::Data>(AsData(std::string(kMessageBytesMax, 'x')));
  EXPECT_TRUE(writer.Finish().ok());
  writer.Begin(Envelope())
      .getPayload()
      .setAs<capnp::Data>(AsData(std::string(kFrameBytesMax, 'x')));
  EXPECT_TRUE(absl::IsResourceExhausted(writer.Finish().status()));
}

TEST(PacketTest, PayloadOfAnotherTypeIsAnErrorNotACrash) {
  PacketWriter writer;
  writer.Begin(Envelope()).getPayload().setAs<capnp::Data>(AsData("not a struct"));
  const Bytes frame = *writer.Finish();
  const absl::Status status = ReadPayload([&] {
    PacketReader reader(frame);
    (void)reader.payload().getAs<wire::Control>().which();
    return absl::OkStatus();
  });
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST(PacketTest, ASmallPacketMayBeReadManyTimes) {
  PacketWriter writer;
  writer.Begin(Envelope()).getPayload().setAs<capnp::Data>(AsData("small"));
  PacketReader reader(*writer.Finish());
  const absl::Status status = ReadPayload([&] {
    for (int i = 0; i < 1000; ++i) (void)reader.payload().getAs<capnp::Data>().size();
    return absl::OkStatus();
  });
  EXPECT_EQ(status, absl::OkStatus());
}

TEST(PacketTest, AmplificationIsStoppedByTheTraversalLimit) {
  // A list of 2^24 empty structs costs no bytes but would cost its reader much time.
  PacketWriter writer;
  auto payload = writer.Begin(Envelope()).getPayload();
  payload.setAs<capnp::Data>(AsData(std::string(64, '\0')));
  const Bytes finished = *writer.Finish();
  std::vector<uint64_t> words(finished.size() / 8);
  std::memcpy(words.data(), finished.data(), finished.size());
  // The payload pointer is the last word of the envelope: make it a list of void with 2^28
  // elements.
  for (uint64_t& word : words) {
    if ((word & 3) == 1 && (word >> 32 & 7) == 2) word = uint64_t{1} << 60 | 1;
  }
  const Bytes frame(reinterpret_cast<const std::byte*>(words.data()), words.size() * 8);
  const absl::Status status = ReadPayload([&] {
    PacketReader reader(frame);
    uint64_t sum = 0;
    for (auto element : reader.payload().getAs<capnp::List<wire::Control>>()) {
      sum += static_cast<uint64_t>(element.which());
    }
    return sum == 0 ? absl::OkStatus() : absl::InternalError("read something");
  });
  EXPECT_FALSE(status.ok());
}

}  // namespace
}  // namespace ctdb
