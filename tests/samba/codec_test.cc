// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/codec.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

namespace ctdb::samba {
namespace {

TEST(CodecTest, EveryItemMeansTheSameAfterTheWay) {
  const std::string bytes("with\0zero", 9);
  for (const NodeItem& item : {NodeItem(NodeMessage{ChannelId(1), bytes}),
                               NodeItem(NodeControl{2, Opcode::kPing, ChannelId(3), 4, bytes}),
                               NodeItem(NodeReply{5, -1, bytes, "text"}),
                               NodeItem(NodeTunnel{6, kTunnelReply, ReqId(7), bytes}),
                               NodeItem(NodeMessage{ChannelId(1), std::string(8 << 20, 'x')})}) {
    const auto decoded = DecodeItem(EncodeItem(item));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_TRUE(*decoded == item);
  }
}

TEST(CodecTest, BytesThatAreNoItemAreRefused) {
  EXPECT_FALSE(DecodeItem("").ok());
  EXPECT_FALSE(DecodeItem("nonsense").ok());
  const std::string whole = EncodeItem(NodeMessage{ChannelId(1), std::string(100, 'x')});
  EXPECT_FALSE(DecodeItem(whole.substr(0, whole.size() - 16)).ok());
}

TEST(CodecTest, ChunksAreCheckedWhenTheyCome) {
  capnp::MallocMessageBuilder message;
  auto out = message.initRoot<wire::ProxyChunk>();
  const Chunk chunk{1, 2, 3, 4, 4, true, false, "bytes"};
  EncodeChunk(chunk, out);
  EXPECT_EQ(*DecodeChunk(out), chunk);
  out.setOldest(5);
  EXPECT_FALSE(DecodeChunk(out).ok()) << "older than the oldest one";
  out.setOldest(4);
  out.setRun(0);
  EXPECT_FALSE(DecodeChunk(out).ok());
}

}  // namespace
}  // namespace ctdb::samba
