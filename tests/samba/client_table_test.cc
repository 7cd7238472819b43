// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/client_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lib/samba/srvid.h"

namespace ctdb::samba {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(ClientTableTest, WhoRegistersAllReceivesEverythingAsWell) {
  ClientTable table;
  ASSERT_TRUE(table.Add(ClientId(1), 10).ok());
  ASSERT_TRUE(table.Add(ClientId(2), 20).ok());
  ASSERT_TRUE(table.Register(ClientId(1), kSrvidAll).ok());
  ASSERT_TRUE(table.Register(ClientId(1), ChannelId(5)).ok());
  ASSERT_TRUE(table.Register(ClientId(2), ChannelId(5)).ok());
  EXPECT_THAT(table.ReceiversOf(ChannelId(5)),
              ElementsAre(Pair(ClientId(1), 2), Pair(ClientId(2), 1)));
  EXPECT_THAT(table.ReceiversOf(ChannelId(6)), ElementsAre(Pair(ClientId(1), 1)));
  EXPECT_THAT(table.ReceiversOf(kSrvidAll), ElementsAre(Pair(ClientId(1), 1)));
}

TEST(ClientTableTest, NothingIsLeftOfAClientThatWasRemoved) {
  ClientTable table;
  ASSERT_TRUE(table.Add(ClientId(1), 10).ok());
  ASSERT_TRUE(table.Register(ClientId(1), ChannelId(5)).ok());
  ASSERT_TRUE(table.OpenTunnel(ClientId(1), 3).ok());
  table.Remove(ClientId(1));
  EXPECT_THAT(table.ReceiversOf(ChannelId(5)), IsEmpty());
  EXPECT_EQ(table.TunnelOwner(3), ClientId(0));
  EXPECT_FALSE(table.HasProcess(10));
  EXPECT_EQ(table.size(), 0u);
  EXPECT_FALSE(table.Register(ClientId(1), ChannelId(5)).ok());
}

TEST(ClientTableTest, RegistrationsOfAClientAreLimited) {
  ClientTable table;
  ASSERT_TRUE(table.Add(ClientId(1), 10).ok());
  for (uint64_t i = 0; i < ClientTable::kRegistrationsMax; ++i) {
    ASSERT_TRUE(table.Register(ClientId(1), ChannelId(i)).ok());
  }
  EXPECT_TRUE(absl::IsResourceExhausted(table.Register(ClientId(1), ChannelId(1u << 20))));
}

}  // namespace
}  // namespace ctdb::samba
