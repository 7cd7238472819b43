// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// docs/protocol.md shows the bytes of one packet and quotes limits: they are those of the code.

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/base/io/file.h"
#include "lib/protocol/packet.h"
#include "lib/transport/io/endpoint.h"
#include "lib/transport/io/transport_loop.h"
#include "lib/transport/io/vat_network.h"
#include "lib/transport/stream.h"

namespace ctdb {
namespace {

std::string page_path;

std::string Page() {
  absl::StatusOr<std::string> page = ReadFile(page_path, size_t{1} << 20);
  EXPECT_TRUE(page.ok()) << page.status();
  return page.value_or("");
}

// One line per word: "0000  00 00 00 00 0d 00 00 00".
std::vector<std::string> HexLines(Bytes frame) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < frame.size(); at += 8) {
    std::string line = absl::StrFormat("%04x ", at);
    for (std::byte byte : frame.subspan(at, 8)) {
      absl::StrAppendFormat(&line, " %02x", static_cast<unsigned int>(byte));
    }
    lines.push_back(line);
  }
  return lines;
}

TEST(ProtocolPageTest, PacketOnThePageIsWhatTheCodeWrites) {
  Envelope envelope;
  envelope.kind = PacketKind::kMessage;
  envelope.source = {NodeNumber(1), ServiceId::kClient, InstanceNumber(0x123456)};
  envelope.destination = {kAllNodes, ServiceId::kUnknown, InstanceNumber(0)};
  envelope.channel = 0xfe00000000000001;
  envelope.request_id = 7;
  PacketWriter writer;
  auto payload = writer.Begin(envelope).getPayload();
  payload.setAs<capnp::Data>(kj::StringPtr("hello").asBytes());
  const absl::StatusOr<Bytes> frame = writer.Finish();
  ASSERT_TRUE(frame.ok()) << frame.status();
  const std::string page = Page();
  std::string all;
  for (const std::string& line : HexLines(*frame)) absl::StrAppend(&all, "    ", line, "\n");
  for (const std::string& line : HexLines(*frame)) {
    EXPECT_TRUE(absl::StrContains(page, line)) << line << " is missing; the packet is\n" << all;
  }
}

TEST(ProtocolPageTest, LimitsOnThePageAreThoseOfTheCode) {
  const TransportLoop::Limits limits;
  const std::pair<const char*, uint64_t> quoted[] = {
      {"kFrameBytesMin", kFrameBytesMin},
      {"kFrameBytesMax", kFrameBytesMax},
      {"kMessageBytesMax", kMessageBytesMax},
      {"kStreamChunkBytesMax", kStreamChunkBytesMax},
      {"kStreamWindowBytes", kStreamWindowBytes},
      {"kNestingMax", kNestingMax},
      {"kTraversalFactor", kTraversalFactor},
      {"kPeerTextBytesMax", kPeerTextBytesMax},
      {"kNodesMax", kNodesMax},
      {"kChannelsPerEndpointMax", kChannelsPerEndpointMax},
      {"kSessionsMax", kSessionsMax},
      {"kSessionQueueBytesMax", kSessionQueueBytesMax},
      {"kEndpointQueueBytesMax", kEndpointQueueBytesMax},
      {"endpoint_count_max", limits.endpoint_count_max},
      {"greeting_count_max", limits.greeting_count_max},
      {"queue_bytes_max", limits.queue_bytes_max},
      {"pause_bytes", limits.pause_bytes},
  };
  const std::string page = Page();
  for (const auto& [name, value] : quoted) {
    const std::string row = absl::StrCat("| `", name, "` | ", value, " |");
    EXPECT_TRUE(absl::StrContains(page, row)) << "no table row that begins with: " << row;
  }
}

}  // namespace
}  // namespace ctdb

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::cerr << "usage: protocol_page_test PAGE\n";
    return 1;
  }
  ctdb::page_path = argv[1];
  return RUN_ALL_TESTS();
}
