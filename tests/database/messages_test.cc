// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/messages.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "lib/cluster/ballot.h"

namespace ctdb::database {
namespace {

TEST(RecordVersionTest, LaterEpochWinsWhateverTheCounter_Wp23) {
  cluster::Ballot ballot = cluster::MakeBallot(1, NodeNumber(0));
  RecordVersion shut_out{cluster::MakeEpoch(ballot, 1), 1'000'000};
  RecordVersion promoted{cluster::MakeEpoch(ballot, 2), 1};
  EXPECT_LT(shut_out, promoted);
  EXPECT_LT(promoted, NextVersion(promoted, promoted.epoch));
  EXPECT_LT(shut_out, NextVersion(shut_out, promoted.epoch));
}

TEST(RecordVersionTest, NodeOwnsOnlyWhatItGotSinceItIsAMember_Bug23) {
  const NodeNumber node(1);
  EXPECT_TRUE(IsOwnedBy({Epoch(3), 1}, node, node, Epoch(3)));
  EXPECT_FALSE(IsOwnedBy({Epoch(2), 9}, node, node, Epoch(3)));
  EXPECT_FALSE(IsOwnedBy({Epoch(3), 1}, NodeNumber(2), node, Epoch(3)));
}

TEST(MessagesTest, EachMessageGoesToOneSide) {
  EXPECT_TRUE(IsForHome(Request{}));
  EXPECT_TRUE(IsForHome(Confirm{}));
  EXPECT_TRUE(IsForHome(Abandon{}));
  EXPECT_TRUE(IsForHome(GaveUp{}));
  EXPECT_FALSE(IsForHome(Promote{}));
  EXPECT_FALSE(IsForHome(GiveUp{}));
  EXPECT_FALSE(IsForHome(Forward{}));
  EXPECT_FALSE(IsForHome(Transfer{}));
  EXPECT_FALSE(IsForHome(Refusal{{}, RefusalReason::kBusy, {}}));
  EXPECT_FALSE(IsForHome(Refusal{{}, RefusalReason::kAlreadyOwner, {}}));
  EXPECT_TRUE(IsForHome(Refusal{{}, RefusalReason::kNotOwner, {}}));
  EXPECT_TRUE(IsForHome(Refusal{{}, RefusalReason::kNotNewer, {}}));
}

TEST(MessagesTest, HeadIsFoundInEachKind) {
  Head head{DatabaseId(1), Epoch(2), RequestId(3), "key"};
  for (const Message& message :
       {Message(Request{head}), Message(Forward{head, {}, {}, {}}), Message(Transfer{head, {}, ""}),
        Message(Confirm{head, {}}), Message(Abandon{head}), Message(Refusal{head, {}, {}}),
        Message(Promote{head, {}, {}}), Message(GiveUp{head, {}, {}}), Message(GaveUp{head, {}})}) {
    EXPECT_EQ(HeadOf(message), head);
  }
}

TEST(MessagesTest, ReasonsHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(RefusalReason::kNotNewer); ++i) {
    names.insert(std::string(RefusalReasonName(static_cast<RefusalReason>(i))));
  }
  EXPECT_EQ(names.size(), 6u);
  names.clear();
  for (int i = 0; i <= static_cast<int>(Ignored::kUnknownTicket); ++i) {
    names.insert(std::string(IgnoredName(static_cast<Ignored>(i))));
  }
  EXPECT_EQ(names.size(), 10u);
}

}  // namespace
}  // namespace ctdb::database
