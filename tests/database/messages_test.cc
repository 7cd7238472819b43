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

TEST(RecordVersionTest, OwnerReadsAndWritesUnlessItIsLentOutAndReadersReadInTheLoansEpoch_Inv19) {
  const NodeNumber node(1);
  StoredRecord record{{Epoch(3), 1}, node, "value"};
  EXPECT_TRUE(MayWrite(record, node, Epoch(3)));
  EXPECT_TRUE(MayRead(record, node, Epoch(3), Epoch(4)));
  record.is_lent_out = true;
  EXPECT_FALSE(MayWrite(record, node, Epoch(3)));
  EXPECT_TRUE(MayRead(record, node, Epoch(3), Epoch(4)));
  StoredRecord copy{{Epoch(3), 1}, NodeNumber(2), "value", {Epoch(4), 1}, true};
  EXPECT_FALSE(MayWrite(copy, node, Epoch(3)));
  EXPECT_TRUE(MayRead(copy, node, Epoch(3), Epoch(4)));
  EXPECT_FALSE(MayRead(copy, node, Epoch(3), Epoch(5))) << "void in every other epoch";
  copy.is_read_only = false;
  EXPECT_FALSE(MayRead(copy, node, Epoch(3), Epoch(4))) << "revoked";
}

TEST(RecordVersionTest, OwnersCopyIsNewerThanWhatItLentAndLaterLoansThanEarlierOnes_Inv9) {
  RecordVersion version{Epoch(3), 1};
  EXPECT_LT(OrderOf(version, {Epoch(3), 9}), OrderOf(version, {Epoch(4), 1}));
  EXPECT_LT(OrderOf(version, {Epoch(4), 1}), OrderOf(version, {Epoch(4), 2}));
  EXPECT_LT(OrderOf(version, {Epoch(4), 2}), OrderOf(version, {}));
  EXPECT_LT(OrderOf(version, {}), OrderOf({Epoch(3), 2}, {Epoch(3), 1}));
}

TEST(MessagesTest, EachMessageGoesToWhoeverItIsFor) {
  EXPECT_TRUE(IsForHome(Request{}));
  EXPECT_TRUE(IsForHome(Confirm{}));
  EXPECT_TRUE(IsForHome(Abandon{}));
  EXPECT_TRUE(IsForHome(GaveUp{}));
  EXPECT_TRUE(IsForHome(Revoked{}));
  EXPECT_TRUE(IsForHome(Forget{}));
  EXPECT_TRUE(IsForHome(Erased{}));
  EXPECT_FALSE(IsForHome(Allow{}));
  EXPECT_FALSE(IsForHome(Erase{}));
  EXPECT_FALSE(IsForHome(Drop{}));
  EXPECT_FALSE(IsForHome(Dropped{}));
  EXPECT_FALSE(IsForHome(Share{}));
  EXPECT_FALSE(IsForHome(Copy{}));
  EXPECT_FALSE(IsForHome(Revoke{}));
  EXPECT_FALSE(IsForHome(Promote{}));
  EXPECT_FALSE(IsForHome(GiveUp{}));
  EXPECT_FALSE(IsForHome(Forward{}));
  EXPECT_FALSE(IsForHome(Transfer{}));
  EXPECT_FALSE(IsForHome(Spare{}));
  EXPECT_TRUE(IsForSpares(Spare{}));
  EXPECT_FALSE(IsForOwner(Spare{}));
  EXPECT_TRUE(IsForSpares(Drop{})) << "a Drop ends what is on its way";
  EXPECT_TRUE(IsForOwner(Drop{}));
  EXPECT_FALSE(IsForSpares(Transfer{}));
  EXPECT_TRUE(IsForOwner(Transfer{}));
  EXPECT_FALSE(IsForHome(Refusal{{}, RefusalReason::kBusy, {}}));
  EXPECT_FALSE(IsForHome(Refusal{{}, RefusalReason::kAlreadyOwner, {}}));
  EXPECT_TRUE(IsForHome(Refusal{{}, RefusalReason::kNotOwner, {}}));
  EXPECT_TRUE(IsForHome(Refusal{{}, RefusalReason::kNotNewer, {}}));
  EXPECT_FALSE(IsForHome(Refusal{{}, RefusalReason::kInUse, {}}));
  EXPECT_TRUE(IsForHome(Refusal{{}, RefusalReason::kNotErased, {}}));
}

TEST(MessagesTest, HeadIsFoundInEachKind) {
  Head head{DatabaseId(1), Epoch(2), RequestId(3), "key"};
  for (const Message& message : {Message(Request{head}),
                                 Message(Forward{head, {}, {}, {}}),
                                 Message(Transfer{head, {}, ""}),
                                 Message(Confirm{head, {}}),
                                 Message(Abandon{head}),
                                 Message(Refusal{head, {}, {}}),
                                 Message(Promote{head, {}, {}}),
                                 Message(GiveUp{head, {}, {}}),
                                 Message(GaveUp{head, {}}),
                                 Message(Share{head, {}, {}}),
                                 Message(Copy{head, {}, 1, ""}),
                                 Message(Revoke{head}),
                                 Message(Revoked{head}),
                                 Message(Drop{head, {}}),
                                 Message(Dropped{head, {}}),
                                 Message(Forget{head, {}}),
                                 Message(Allow{head, {}}),
                                 Message(Erase{head, {}}),
                                 Message(Erased{head, {}}),
                                 Message(Offer{head}),
                                 Message(Accept{head, {}}),
                                 Message(Spare{head, {}, {}, ""}),
                                 Message(Kept{head})}) {
    EXPECT_EQ(HeadOf(message), head);
  }
}

TEST(MessagesTest, ReasonsHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (int i = 0; i <= static_cast<int>(RefusalReason::kNotErased); ++i) {
    names.insert(std::string(RefusalReasonName(static_cast<RefusalReason>(i))));
  }
  EXPECT_EQ(names.size(), 9u);
}

}  // namespace
}  // namespace ctdb::database
