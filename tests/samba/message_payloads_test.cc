// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/message_payloads.h"

#include <gtest/gtest.h>

#include "tests/samba/layout.h"

namespace ctdb::samba {
namespace {

TEST(MessagePayloadsTest, AServerIdIsProcessTaskNodeAndUniqueId) {
  ExpectFixedLayout(ServerId{13616, 5, NodeNumber(1), 0xACCB083B76785657},
                    "30350000 00000000 05000000 01000000 57567876 3b08cbac");
}

TEST(MessagePayloadsTest, AMessageOfSambaIsTwoServerIdsATypeAndTheRest) {
  const SambaMessage message{{1, 2, NodeNumber(3), 4}, {5, 6, NodeNumber(7), 8}, 9, "body"};
  const std::string hex =
      "01000000 00000000 02000000 03000000 04000000 00000000"
      "05000000 00000000 06000000 07000000 08000000 00000000 09000000 626f6479";
  EXPECT_EQ(ToHex(Encode(message)), ToHex(FromHex(hex)));
  EXPECT_TRUE(*Decode<SambaMessage>(FromHex(hex)) == message);
  EXPECT_FALSE(Decode<SambaMessage>(std::string(SambaMessage::kBytes - 1, 'x')).ok());
  EXPECT_TRUE(Decode<SambaMessage>(std::string(SambaMessage::kBytes, 'x')).ok());
}

TEST(MessagePayloadsTest, WhereToReplyIsPaddedBeforeItsAddress) {
  ExpectFixedLayout(ReplyTo{NodeNumber(1), ChannelId(0xCE00000000000002)},
                    "01000000 00000000 02000000 000000ce");
  ExpectFixedLayout(DisableMessage{{NodeNumber(1), ChannelId(2)}, 60},
                    "01000000 00000000 02000000 00000000 3c000000 00000000");
}

TEST(MessagePayloadsTest, AProcessAndItsAddressHaveNoPaddingBetweenThem) {
  ExpectFixedLayout(PidSrvid{12969, ChannelId(0xF6289B42B7EB7E7B)}, "a9320000 7b7eebb7 429b28f6");
}

TEST(MessagePayloadsTest, ANoticeHasExactlyTheDataItAnnounces) {
  ExpectLayout(NotifyData{ChannelId(7), "gone"}, "07000000 00000000 04000000 676f6e65");
}

TEST(MessagePayloadsTest, AnEchoMayHaveMoreThanItsData) {
  ExpectLayout(EchoData{250, "hello"}, "fa000000 05000000 68656c6c6f");
}

}  // namespace
}  // namespace ctdb::samba
