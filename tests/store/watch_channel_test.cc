// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/watch_channel.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace ctdb::store {
namespace {

TEST(WatchChannelTest, EachDatabaseAndKeyHasItsOwnBesideThatOfViews) {
  std::set<ChannelId> channels = {kViewChannel};
  for (uint32_t database = 0; database < 100; ++database) {
    for (int key = 0; key < 100; ++key) {
      channels.insert(WatchChannel(database, std::to_string(key)));
    }
  }
  EXPECT_EQ(channels.size(), 10'001u);
  for (const ChannelId channel : channels) EXPECT_EQ(channel.value() >> 56, 0xdbu);
}

// Nodes of different releases and machines have to meet there.
TEST(WatchChannelTest, NumbersNeverChange) {
  EXPECT_EQ(WatchChannel(0x1234'5678, "visitors"), ChannelId(0xdbce'5eba'13fd'c744));
}

}  // namespace
}  // namespace ctdb::store
