// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The home lends records to readers and takes them back before a write.

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/database/directory.h"

namespace ctdb::database {
namespace {

constexpr DatabaseId kDatabase(7);
const NodeNumber kHome(0);
const NodeNumber kA(1);
const NodeNumber kB(2);
const NodeNumber kC(3);

// Node 0 is the home, node 1 the owner.
class DirectoryLoansTest : public testing::Test {
 protected:
  explicit DirectoryLoansTest(Directory::Lending lending = Directory::Lending::kOn)
      : directory_({.local = kHome, .database = kDatabase, .lending = lending}) {
    View(1, {kHome, kA, kB, kC});
    for (uint32_t slot = 0; slot < kSlots; ++slot) directory_.OnSlotReady(Slot(slot), now_);
    Write(kA, 1);
    Confirm(kA, 1, 1);
    Sends();
  }

  void View(uint64_t epoch, const std::vector<NodeNumber>& members,
            const std::vector<NodeNumber>& returned = {}) {
    epoch_ = Epoch(epoch);
    for (NodeNumber node : returned) joined_[node] = epoch_;
    std::vector<Epoch> joined;
    for (NodeNumber node : members) {
      joined.push_back(joined_.try_emplace(node, Epoch(1)).first->second);
    }
    directory_.OnView(
        {.epoch = epoch_, .leader = kHome, .members = members, .homes = {kHome}, .joined = joined},
        std::make_shared<const Placement>(std::vector<NodeNumber>{kHome}), now_);
  }
  Head HeadOf(uint64_t request) const { return {kDatabase, epoch_, RequestId(request), "key"}; }
  void Write(NodeNumber node, uint64_t request) {
    directory_.OnMessage(node, Request{HeadOf(request)}, now_);
  }
  void Read(NodeNumber node, uint64_t request) {
    directory_.OnMessage(node, Request{HeadOf(request), /*is_read=*/true}, now_);
  }
  void ReadOnce(NodeNumber node, uint64_t request, const std::string& key = "key") {
    Head head = HeadOf(request);
    head.key = key;
    directory_.OnMessage(node, Request{head, /*is_read=*/true, /*is_once=*/true}, now_);
  }
  void Confirm(NodeNumber node, uint64_t request, uint64_t counter) {
    directory_.OnMessage(node, database::Confirm{HeadOf(request), {epoch_, counter}}, now_);
  }
  void Revoked(NodeNumber node, uint64_t loan) {
    directory_.OnMessage(node, database::Revoked{HeadOf(0), loan}, now_);
  }
  std::vector<Send> Sends() {
    EXPECT_EQ(directory_.CheckInvariants(), "");
    return directory_.TakeOutput().sends;
  }
  Send ShareWith(NodeNumber reader, uint64_t request, uint64_t loan) const {
    return {kA, Share{HeadOf(request), reader, {Epoch(1), 1}, loan}};
  }
  Send ForwardTo(NodeNumber node, uint64_t request) const {
    return {kA, Forward{HeadOf(request), node, {Epoch(1), 1}, absl::ZeroDuration()}};
  }

  Instant now_{};
  Epoch epoch_;
  std::map<NodeNumber, Epoch> joined_;
  Directory directory_;
};

class NoLendingTest : public DirectoryLoansTest {
 protected:
  NoLendingTest() : DirectoryLoansTest(Directory::Lending::kOff) {}
};

TEST_F(NoLendingTest, WhoReadsOnceIsShownTheRecordAndItStaysWhereItIs) {
  for (uint64_t request = 2; request < 30; ++request) {
    ReadOnce(kB, request);
    EXPECT_EQ(Sends(), std::vector<Send>{ShareWith(kB, request, 0)});
  }
  EXPECT_TRUE(directory_.Readers("key").empty()) << "nothing is lent";
  EXPECT_EQ(directory_.Find("key")->owner, kA);
  Write(kC, 40);
  EXPECT_EQ(Sends(), std::vector<Send>{ForwardTo(kC, 40)}) << "nobody is asked before";
}

TEST_F(NoLendingTest, WhoReadsOnceWhatIsOnItsWayIsShownItByTheNextOwner) {
  Write(kC, 2);
  ReadOnce(kB, 3);
  EXPECT_EQ(Sends(), std::vector<Send>{ForwardTo(kC, 2)});
  Confirm(kC, 2, 2);
  const Share share{HeadOf(3), kB, {Epoch(1), 2}, 0};
  EXPECT_EQ(Sends(), (std::vector<Send>{{kC, share}}));
}

TEST_F(NoLendingTest, WhatNobodyHasBecomesTheReadersWhoMostlyComesAgain) {
  ReadOnce(kB, 2, "absent");
  const std::vector<Send> sends = Sends();
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(sends[0].to, kB);
  const auto* transfer = std::get_if<Transfer>(&sends[0].message);
  ASSERT_NE(transfer, nullptr);
  EXPECT_EQ(transfer->value, "");
}

class AutomaticLendingTest : public DirectoryLoansTest {
 protected:
  AutomaticLendingTest() : DirectoryLoansTest(Directory::Lending::kAutomatic) {}

  bool IsLent(NodeNumber reader, uint64_t request) {
    Read(reader, request);
    std::vector<Send> sends = Sends();
    return sends.size() == 1 && std::holds_alternative<Share>(sends[0].message);
  }
};

TEST_F(DirectoryLoansTest, ReaderGetsACopyAndIsRememberedAtOnce_Ro27) {
  Read(kB, 2);
  EXPECT_EQ(Sends(), std::vector<Send>{ShareWith(kB, 2, 1)});
  Read(kC, 3);
  EXPECT_EQ(Sends(), std::vector<Send>{ShareWith(kC, 3, 2)});
  EXPECT_EQ(directory_.Readers("key"), (std::vector<NodeNumber>{kB, kC}));
  EXPECT_EQ(directory_.Find("key")->owner, kA) << "it stays where it is";
  EXPECT_EQ(directory_.loans(), 2u);
}

TEST_F(DirectoryLoansTest, CopyThatGotLostIsLentAgainUnderANewNumber_Mg23) {
  Read(kB, 2);
  Sends();
  Read(kB, 3);
  EXPECT_EQ(Sends(), std::vector<Send>{ShareWith(kB, 3, 2)});
  EXPECT_EQ(directory_.Readers("key"), std::vector<NodeNumber>{kB});
}

TEST_F(DirectoryLoansTest, WriteRevokesAllCopiesFirstAndReadersMayComeAgain_Sc16_Inv19) {
  Read(kB, 2);
  Read(kC, 3);
  Sends();
  Write(kHome, 4);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kB, Revoke{HeadOf(4), 1}}, {kC, Revoke{HeadOf(4), 2}}}));
  Revoked(kB, 1);
  EXPECT_TRUE(Sends().empty()) << "node 3 still reads";
  Revoked(kC, 2);
  EXPECT_EQ(Sends(), std::vector<Send>{ForwardTo(kHome, 4)});
  Confirm(kHome, 4, 2);
  EXPECT_TRUE(directory_.Readers("key").empty());
  Read(kB, 5);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kHome, Share{HeadOf(5), kB, {epoch_, 2}, 3}}}));
  EXPECT_EQ(directory_.revokes(), 1u);
}

TEST_F(DirectoryLoansTest, OwnerThatWantsToWriteIsToldWhenNobodyReads_Mg38) {
  Read(kB, 2);
  Sends();
  Write(kA, 4);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kB, Revoke{HeadOf(4), 1}}}));
  Write(kA, 5);  // Asked again.
  Revoked(kB, 1);
  EXPECT_EQ(
      Sends(),
      (std::vector<Send>{{kA, Refusal{HeadOf(5), RefusalReason::kAlreadyOwner, {epoch_, 1}}}}));
}

TEST_F(DirectoryLoansTest, OwnerThatReadsIsToldSoAndNothingIsRevoked) {
  Read(kB, 2);
  Sends();
  Read(kA, 3);
  EXPECT_EQ(
      Sends(),
      (std::vector<Send>{{kA, Refusal{HeadOf(3), RefusalReason::kAlreadyOwner, {epoch_, 1}}}}));
  EXPECT_EQ(directory_.Readers("key"), std::vector<NodeNumber>{kB});
}

TEST_F(DirectoryLoansTest, OnlyReaderThatWantsToWriteGetsItWithoutARevoke_Ro24) {
  Read(kB, 2);
  Sends();
  Write(kB, 3);
  EXPECT_EQ(Sends(), std::vector<Send>{ForwardTo(kB, 3)});
  Confirm(kB, 3, 2);
  EXPECT_TRUE(directory_.Readers("key").empty()) << "it is the owner";
}

TEST_F(DirectoryLoansTest, WriterIsServedBeforeReadersThatCameLater_Bug40) {
  Read(kB, 2);
  Sends();
  Write(kHome, 3);
  Sends();
  Read(kC, 4);
  Read(kB, 5);
  EXPECT_TRUE(Sends().empty());
  Revoked(kB, 1);
  EXPECT_EQ(std::get<Forward>(Sends()[0].message).to, kHome);
  Confirm(kHome, 3, 2);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kHome, Share{HeadOf(4), kC, {epoch_, 2}, 2}},
                                        {kHome, Share{HeadOf(5), kB, {epoch_, 2}, 3}}}));
}

TEST_F(DirectoryLoansTest, RevokeWithoutAnswerIsSaidAgainAfterAWhileAndNotInALoop_Bug39) {
  Read(kB, 2);
  Read(kC, 3);
  Sends();
  Write(kHome, 4);
  Sends();
  Revoked(kB, 1);
  EXPECT_EQ(directory_.NextDeadline(), After(now_, absl::Milliseconds(200)));
  directory_.OnTick(now_);
  EXPECT_TRUE(Sends().empty());
  now_ = directory_.NextDeadline();
  directory_.OnTick(now_);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kC, Revoke{HeadOf(4), 2}}}));
}

TEST_F(DirectoryLoansTest, ReaderThatIsGoneHoldsNoWriteUp_Bug38_Sc18) {
  Read(kB, 2);
  Sends();
  Write(kHome, 3);
  Sends();
  View(2, {kHome, kA, kC});
  EXPECT_TRUE(directory_.TakeOutput().undecided.empty()) << "the owner was told nothing yet";
  Write(kHome, 4);
  EXPECT_EQ(Sends(), std::vector<Send>{ForwardTo(kHome, 4)});
}

TEST_F(DirectoryLoansTest, ReaderThatWasAwayReadsNothingAndTheOthersAreRevokedAsUsual_Ro25) {
  Read(kB, 2);
  Read(kC, 3);
  Sends();
  View(3, {kHome, kA, kB, kC}, {kC});
  EXPECT_EQ(directory_.Readers("key"), std::vector<NodeNumber>{kB})
      << "it may not have taken over the view yet";
  Write(kHome, 4);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kB, Revoke{HeadOf(4), 1}}}));
}

TEST_F(DirectoryLoansTest, LateAndForeignAnswersToARevokeChangeNothing_Bug04) {
  Read(kB, 2);
  Read(kB, 3);
  Sends();
  Revoked(kB, 1);
  Revoked(kC, 2);
  EXPECT_EQ(directory_.ignored().of(Ignored::kLate), 2u);
  EXPECT_EQ(directory_.Readers("key"), std::vector<NodeNumber>{kB});
}

TEST_F(DirectoryLoansTest, WriterThatGivesUpInTheQueueIsSkipped_Bug43_Sc36) {
  Read(kB, 2);
  Sends();
  Write(kHome, 3);
  Write(kC, 4);
  directory_.OnMessage(kC, Abandon{HeadOf(4)}, now_);
  Sends();
  Revoked(kB, 1);
  Sends();
  Confirm(kHome, 3, 2);
  EXPECT_TRUE(Sends().empty());
}

TEST_F(DirectoryLoansTest, ReaderOfWhatNobodyHasLeavesNoTrace_Bug16) {
  Head head = HeadOf(2);
  head.key = "absent";
  directory_.OnMessage(kB, Request{head, true}, now_);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kB, Refusal{head, RefusalReason::kAbsent, {}}}}));
  EXPECT_EQ(directory_.Find("absent"), std::nullopt);
  directory_.OnMessage(kC, Request{head}, now_);
  Sends();
  directory_.OnMessage(kB, Request{head, true}, now_);
  EXPECT_TRUE(Sends().empty()) << "somebody is getting it";
}

TEST_F(DirectoryLoansTest, OwnerWithoutWhatItShouldLendIsAMatterForRecovery_Bug08) {
  Read(kB, 2);
  Sends();
  directory_.OnMessage(kA, Refusal{HeadOf(2), RefusalReason::kNotOwner, {epoch_, 1}}, now_);
  EXPECT_EQ(directory_.TakeOutput().undecided.size(), 1u);
  directory_.OnDecided("key", {{kC, {epoch_, 0}, /*is_copy=*/true}, {}}, now_);
  Write(kHome, 3);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kB, Revoke{HeadOf(0), 1}}})) << "it may read still";
  Revoked(kB, 1);
  EXPECT_EQ(Sends(), (std::vector<Send>{{kC, Promote{HeadOf(0), {epoch_, 0}, {epoch_, 1}}}}));
}

TEST_F(DirectoryLoansTest, DecisionOfANewEpochEndsTheLoansOfTheOldOnes_Inv20) {
  Read(kB, 2);
  Sends();
  View(2, {kHome, kB, kC});
  EXPECT_EQ(directory_.TakeOutput().undecided.size(), 1u);
  directory_.OnDecided("key", {{kB, {Epoch(1), 1}, /*is_copy=*/true}, {}}, now_);
  EXPECT_TRUE(directory_.Readers("key").empty());
}

TEST_F(NoLendingTest, RecordMovesToReadersWhenNothingIsLent_Sc16) {
  for (uint64_t request = 2; request < 9; ++request) {
    Read(kB, request);
    EXPECT_LE(Sends().size(), 1u);
  }
  Confirm(kB, 8, 2);
  EXPECT_EQ(directory_.Find("key")->owner, kB);
  EXPECT_EQ(directory_.loans(), 0u);
}

TEST_F(AutomaticLendingTest, FourthReadSinceTheWriteIsServedWithACopy) {
  EXPECT_FALSE(IsLent(kB, 2));
  Confirm(kB, 2, 2);
  EXPECT_FALSE(IsLent(kA, 3));
  Confirm(kA, 3, 3);
  EXPECT_FALSE(IsLent(kB, 4));
  Confirm(kB, 4, 4);
  EXPECT_TRUE(IsLent(kA, 5));
}

TEST_F(AutomaticLendingTest, RecordThatIsWrittenAsOftenAsReadIsNeverLent) {
  uint64_t counter = 1;
  for (uint64_t i = 0; i < 20; ++i) {
    NodeNumber reader = i % 2 == 0 ? kB : kA;
    NodeNumber writer = i % 2 == 0 ? kA : kB;
    EXPECT_FALSE(IsLent(reader, 100 + i));
    Confirm(reader, 100 + i, ++counter);
    Write(writer, 200 + i);
    Sends();
    Confirm(writer, 200 + i, ++counter);
  }
  EXPECT_EQ(directory_.loans(), 0u);
}

TEST_F(AutomaticLendingTest, RecordThatIsReadTwiceBetweenWritesIsSoonLentAndStaysSo) {
  for (uint64_t i = 0; i < 20; ++i) {
    for (NodeNumber reader : {kA, kB, kC}) {
      if (reader == directory_.Find("key")->owner) continue;
      bool is_lent = IsLent(reader, 100 + i);
      EXPECT_TRUE(is_lent || i < 3) << i;
      if (!is_lent) Confirm(reader, 100 + i, directory_.Find("key")->version.counter + 1);
    }
    Write(*directory_.Find("key")->owner, 200 + i);
    for (NodeNumber node : directory_.Readers("key")) Revoked(node, 1000);
    Sends();
  }
}

TEST_F(AutomaticLendingTest, RecordThatIsOnlyWrittenIsNotLentAnyMore) {
  for (uint64_t request = 2; directory_.loans() == 0; ++request) {
    NodeNumber reader = request % 2 == 0 ? kB : kA;
    IsLent(reader, request);
    Confirm(reader, request, directory_.Find("key")->version.counter + 1);
  }
  for (uint64_t i = 0; i < 4; ++i) {
    Write(*directory_.Find("key")->owner, 100 + i);
    for (NodeNumber node : directory_.Readers("key")) Revoked(node, 1000);
    Sends();
  }
  EXPECT_FALSE(IsLent(kC, 200));
}

}  // namespace
}  // namespace ctdb::database
