// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/replica.h"

#include <gtest/gtest.h>

#include <set>

#include "lib/replica/limits.h"
#include "tests/replica/model_storage.h"

namespace ctdb::replica {
namespace {

const database::DatabaseId kDatabase(7);
const NodeNumber kSelf(0);
const NodeNumber kChosen(1);
const NodeNumber kSource(2);

Position At(uint64_t epoch, uint64_t sequence) { return {Epoch(epoch), sequence}; }
Entry Put(Position position, const std::string& key, const std::string& value) {
  return {position, {position.sequence, 1}, false, {{key, value}}};
}

class ReplicaTest : public testing::Test {
 protected:
  ReplicaTest() { Restart(); }

  void Restart() {
    replica_ = std::make_unique<Replica>(Replica::Options{.local = kSelf, .database = kDatabase},
                                         storage_, storage_.Open());
  }
  void View(uint64_t epoch) {
    const std::vector<NodeNumber> members = {kSelf, kChosen, kSource};
    replica_->OnView({Epoch(epoch), kSelf, members, members, {}}, kChosen, {});
    head_ = {kDatabase, Epoch(epoch), 1};
  }
  // All that is sent, after all stores are done.
  std::vector<Send> Finish() {
    std::vector<Send> sends;
    for (;;) {
      Replica::Output output = replica_->TakeOutput();
      for (Send& send : output.sends) sends.push_back(std::move(send));
      if (output.stores.empty()) return sends;
      for (const Replica::Output::Store& store : output.stores) {
        storage_.Apply(store);
        replica_->OnStored(store.ticket, absl::OkStatus(), {});
      }
    }
  }
  std::vector<Send> Tell(const Message& message, NodeNumber from = kChosen) {
    replica_->OnMessage(from, message, {});
    return Finish();
  }
  // As one of the others, with nothing in it.
  void Follow(uint64_t epoch) {
    View(epoch);
    Tell(Ask{head_});
    Tell(Sync{head_, kSelf, replica_->position(), replica_->digests().whole()});
    ASSERT_TRUE(replica_->IsCurrent());
  }
  Batch BatchOf(std::vector<Entry> entries) {
    return {head_, replica_->position(), {}, std::move(entries)};
  }

  ModelStorage storage_;
  std::unique_ptr<Replica> replica_;
  Head head_;
};

TEST_F(ReplicaTest, TheCoordinatorIsOneOfTheMembersAndDatabasesAreSpread) {
  const database::Placement placement({kSelf, kChosen, kSource});
  std::set<NodeNumber> chosen;
  for (uint32_t id = 0; id < 50; ++id) {
    chosen.insert(*CoordinatorOf(placement, database::DatabaseId(id)));
  }
  EXPECT_EQ(chosen.size(), 3u);
  EXPECT_EQ(CoordinatorOf(database::Placement(), kDatabase), std::nullopt);
}

TEST_F(ReplicaTest, SaysWhereItStands) {
  storage_.Apply({StoreTicket(1), Replica::Output::Append{{Put(At(1, 1), "a", "1")}, {}, {}}});
  Restart();
  View(2);
  const Standing standing{head_, true, At(1, 1), storage_.whole(), ""};
  EXPECT_EQ(Tell(Ask{head_}), (std::vector<Send>{{kChosen, standing}}));
}

TEST_F(ReplicaTest, AnAskThatComesBeforeItsViewWaits) {
  EXPECT_TRUE(Tell(Ask{{kDatabase, Epoch(5), 1}}).empty());
  View(5);
  EXPECT_EQ(Finish().size(), 1u);
}

TEST_F(ReplicaTest, ABatchIsAcknowledgedWhenItIsStoredAndNotBefore) {
  Follow(2);
  replica_->OnMessage(kChosen, BatchOf({Put(At(2, 1), "a", "1"), Put(At(2, 2), "b", "2")}), {});
  Replica::Output output = replica_->TakeOutput();
  EXPECT_TRUE(output.sends.empty());
  ASSERT_EQ(output.stores.size(), 1u) << "all of it in one storage transaction";
  EXPECT_TRUE(output.stores[0].needs_sync);
  EXPECT_EQ(replica_->position(), Position{});
  storage_.Apply(output.stores[0]);
  replica_->OnStored(output.stores[0].ticket, absl::OkStatus(), {});
  EXPECT_EQ(Finish(), (std::vector<Send>{{kChosen, Stored{head_, At(2, 2)}}}));
  EXPECT_EQ(replica_->digests(), storage_.digests());
}

TEST_F(ReplicaTest, ALargeTransactionIsStoredFromItsStagedBody_Txn9) {
  Follow(2);
  std::string bytes;
  store::AppendBodyWrite(bytes, "a", "large");
  const Entry entry{At(2, 1), {1, 1}, false, {}, store::SealOf(bytes)};
  const replica::Stage stage{head_, entry.token, *entry.body, kSource};
  EXPECT_EQ(Tell(stage),
            (std::vector<Send>{{kSource, PartsWanted{head_, entry.token, 0, bytes.size()}}}));
  EXPECT_EQ(Tell(BodyPart{head_, entry.token, 0, false, bytes}, kSource),
            (std::vector<Send>{{kChosen, Staged{head_, entry.token, ""}}}));
  EXPECT_EQ(Tell(BatchOf({entry})), (std::vector<Send>{{kChosen, Stored{head_, At(2, 1)}}}));
  EXPECT_EQ(storage_.Get("a")->value, "large");
  EXPECT_EQ(replica_->digests(), storage_.digests());
  EXPECT_EQ(replica_->log().entries_base(), At(2, 1)) << "only its token is in the log";
  EXPECT_EQ(replica_->log().Find(entry.token), At(2, 1));
  EXPECT_TRUE(Tell(stage).empty()) << "it has happened";
  EXPECT_FALSE(replica_->IsStaging());
}

TEST_F(ReplicaTest, ABatchWithoutItsBodyIsNotStored) {
  Follow(2);
  const Entry entry{At(2, 1), {1, 1}, false, {}, store::BodySeal{10, 1}};
  const std::vector<Send> sends = Tell(BatchOf({entry}));
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Lost>(sends[0].message));
}

TEST_F(ReplicaTest, ABodyThatIsNotWantedAnyMoreIsForgotten) {
  Follow(2);
  const replica::Stage stage{head_, {1, 1}, {100, 1}, kSource};
  const auto begin = [&] {
    Tell(stage);
    return replica_->IsStaging();
  };
  ASSERT_TRUE(begin());
  Tell(Unstage{head_, {9, 9}});
  EXPECT_TRUE(replica_->IsStaging()) << "of another one";
  Tell(Unstage{head_, stage.token});
  EXPECT_FALSE(replica_->IsStaging());
  ASSERT_TRUE(begin());
  Tell(Ask{{kDatabase, Epoch(2), 2}});
  EXPECT_FALSE(replica_->IsStaging()) << "in another round";
  Follow(3);
  EXPECT_TRUE(
      Tell(replica::Stage{head_, {1, 1}, {store::kTransactionBytesMax + 1, 1}, kSource}).empty());
  EXPECT_FALSE(replica_->IsStaging()) << "too large";
}

TEST_F(ReplicaTest, ABatchThatComesTwiceIsStoredOnceAndAcknowledgedTwice) {
  Follow(2);
  const Batch batch = BatchOf({Put(At(2, 1), "a", "1")});
  Tell(batch);
  replica_->OnMessage(kChosen, batch, {});
  const Replica::Output output = replica_->TakeOutput();
  EXPECT_TRUE(output.stores.empty());
  EXPECT_EQ(output.sends, (std::vector<Send>{{kChosen, Stored{head_, At(2, 1)}}}));
}

TEST_F(ReplicaTest, TheSameKeyTwiceAWipeAndADeleteLeaveTheRightDigests) {
  Follow(2);
  Tell(BatchOf({Put(At(2, 1), "a", "1"), Put(At(2, 2), "b", "1")}));
  Tell(BatchOf({{At(2, 3), {3, 1}, false, {{"a", "2"}, {"a", "3"}, {"b", std::nullopt}}}}));
  EXPECT_EQ(replica_->digests(), storage_.digests());
  EXPECT_EQ(storage_.records().size(), 1u);
  Tell(BatchOf({Put(At(2, 4), "c", "1"), {At(2, 5), {5, 1}, true, {{"d", "1"}}}}));
  EXPECT_EQ(replica_->digests(), storage_.digests());
  EXPECT_EQ(storage_.records().size(), 1u);
  EXPECT_EQ(replica_->position(), At(2, 5)) << "a wipe goes forward, too (PS-50)";
}

TEST_F(ReplicaTest, ABatchWithAGapBeforeItIsNotStored) {
  Follow(2);
  const std::vector<Send> sends = Tell(Batch{head_, At(2, 5), {}, {Put(At(2, 6), "a", "1")}});
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Lost>(sends[0].message));
  EXPECT_FALSE(replica_->IsCurrent());
}

TEST_F(ReplicaTest, OrdersOfOldEpochsAndOfOthersThanTheCoordinatorAreVoid_Bug51) {
  Follow(3);
  Batch batch = BatchOf({Put(At(2, 1), "a", "1")});
  batch.head.epoch = Epoch(2);
  EXPECT_TRUE(Tell(batch).empty());
  EXPECT_EQ(replica_->ignored().of(Ignored::kOldEpoch), 1u);
  EXPECT_TRUE(Tell(BatchOf({Put(At(3, 1), "a", "1")}), kSource).empty());
  EXPECT_EQ(replica_->ignored().of(Ignored::kNotFromHome), 1u);
  EXPECT_EQ(replica_->position(), Position{});
}

// It was restarted, and the coordinator has not noticed.
TEST_F(ReplicaTest, ABatchOfARoundThatItDoesNotKnowIsAnsweredWithLost) {
  View(2);
  const std::vector<Send> sends = Tell(BatchOf({Put(At(2, 1), "a", "1")}));
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(HeadOf(sends[0].message), head_);
  EXPECT_TRUE(std::holds_alternative<Lost>(sends[0].message));
}

TEST_F(ReplicaTest, WhoIsLostSaysSoUntilThereIsANewRound) {
  Follow(2);
  Tell(Batch{head_, At(2, 5), {}, {Put(At(2, 6), "a", "1")}});
  replica_->OnTick(replica_->NextDeadline());
  ASSERT_EQ(Finish().size(), 1u);
  head_.round = 2;
  Tell(Ask{head_});
  EXPECT_EQ(replica_->NextDeadline(), kNever);
}

TEST_F(ReplicaTest, WaitsForItsDiskBeforeItSaysWhereItStands) {
  Follow(2);
  replica_->OnMessage(kChosen, BatchOf({Put(At(2, 1), "a", "1")}), {});
  Replica::Output output = replica_->TakeOutput();
  View(3);
  replica_->OnMessage(kChosen, Ask{head_}, {});
  EXPECT_TRUE(replica_->TakeOutput().sends.empty());
  storage_.Apply(output.stores[0]);
  replica_->OnStored(output.stores[0].ticket, absl::OkStatus(), {});
  const std::vector<Send> sends = Finish();
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(std::get<Standing>(sends[0].message).position, At(2, 1));
}

TEST_F(ReplicaTest, AMemberThatMissedEntriesPullsThem) {
  View(2);
  Tell(Ask{head_});
  ModelStorage other;
  const Entry entry = Put(At(1, 1), "a", "1");
  other.Apply({StoreTicket(1), Replica::Output::Append{{entry}, {}, {}}});
  EXPECT_EQ(Tell(Sync{head_, kSource, At(1, 1), other.whole()}),
            (std::vector<Send>{{kSource, Pull{head_, {}}}}));
  EXPECT_EQ(Tell(Entries{head_, {}, true, {entry}}, kSource),
            (std::vector<Send>{{kChosen, Synced{head_, At(1, 1), other.whole(), false}}}));
  EXPECT_EQ(replica_->fills(), 0u);
}

TEST_F(ReplicaTest, AMemberThatDivergedIsFilled) {
  storage_.Apply({StoreTicket(1), Replica::Output::Append{{Put(At(1, 1), "a", "1")}, {}, {}}});
  Restart();
  View(3);
  Tell(Ask{head_});
  Tell(Sync{head_, kSource, At(2, 1), {1, 1}});
  EXPECT_EQ(Tell(Entries{head_, At(1, 1), false, {}}, kSource),
            (std::vector<Send>{{kSource, DigestsWanted{head_}}}));
  EXPECT_EQ(replica_->position(), At(1, 1)) << "what it has is whole until it has all of the other";
}

TEST_F(ReplicaTest, OtherRecordsAtTheSamePositionAreRepairedAndReported_Ps54) {
  View(2);
  Tell(Ask{head_});
  ModelStorage other;
  other.Put("a", At(1, 1), "1");
  EXPECT_EQ(Tell(Sync{head_, kSource, {}, other.whole()}),
            (std::vector<Send>{{kSource, DigestsWanted{head_}}}));
  const std::vector<Send> fetch =
      Tell(DigestList{head_, {}, other.digests().slots(), {}, {}}, kSource);
  ASSERT_EQ(fetch.size(), 1u);
  EXPECT_EQ(Tell(Page{head_, SlotNumberOf("a"), "", true, "", {}, {{"a", At(1, 1), "1"}}}, kSource),
            (std::vector<Send>{{kChosen, Synced{head_, {}, other.whole(), true}}}));
}

TEST_F(ReplicaTest, ADiskThatFailsMakesTheCopyDamaged_Ps41) {
  Follow(2);
  replica_->OnMessage(kChosen, BatchOf({Put(At(2, 1), "a", "1")}), {});
  const Replica::Output output = replica_->TakeOutput();
  replica_->OnStored(output.stores[0].ticket, absl::DataLossError("bad sector"), {});
  EXPECT_EQ(Finish(), (std::vector<Send>{{kChosen, Lost{head_, "bad sector"}}}));
  head_.round = 2;
  const std::vector<Send> sends = Tell(Ask{head_});
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_FALSE(std::get<Standing>(sends[0].message).is_healthy);
  EXPECT_EQ(std::get<Standing>(sends[0].message).problem, "bad sector");
}

TEST_F(ReplicaTest, CompletionsThatNobodyWaitsForAreIgnored) {
  Follow(2);
  Tell(BatchOf({Put(At(2, 1), "a", "1")}));
  replica_->OnStored(StoreTicket(1), absl::OkStatus(), {});
  replica_->OnStored(StoreTicket(99), absl::DataLossError("not ours"), {});
  EXPECT_EQ(replica_->ignored().of(Ignored::kUnknownTicket), 2u);
  EXPECT_TRUE(replica_->is_healthy());
  EXPECT_TRUE(Finish().empty());
}

TEST_F(ReplicaTest, ASourceThatIsDamagedSaysSoToTheCoordinator) {
  Follow(2);
  Tell(BatchOf({Put(At(2, 1), "a", "1")}));
  storage_.Break();
  const std::vector<Send> sends = Tell(Pull{head_, {}}, kSource);
  ASSERT_EQ(sends.size(), 1u);
  EXPECT_EQ(sends[0].to, kChosen);
  EXPECT_FALSE(replica_->is_healthy());
  EXPECT_EQ(replica_->CheckInvariants(), "");
}

// A full disk is no damage: what was to be stored is tried again as it was.
TEST_F(ReplicaTest, WhatTheDiskHasNoRoomForIsStoredWhenThereIsRoom) {
  Follow(2);
  replica_->OnMessage(kChosen, BatchOf({Put(At(2, 1), "a", "1")}), {});
  const Replica::Output::Store store = replica_->TakeOutput().stores.at(0);
  Instant now{};
  for (int tries = 0; tries < 3; ++tries) {
    replica_->OnStored(store.ticket, absl::ResourceExhaustedError("full"), now);
    EXPECT_TRUE(Finish().empty());
    EXPECT_TRUE(replica_->is_healthy());
    EXPECT_TRUE(replica_->IsCurrent()) << "what was there before may be read";
    now = std::max(now, replica_->NextDeadline());
    ASSERT_NE(now, kNever);
    replica_->OnTick(now);
    EXPECT_EQ(replica_->TakeOutput().again, store.ticket);
    EXPECT_EQ(replica_->CheckInvariants(), "");
  }
  storage_.Apply(store);
  replica_->OnStored(store.ticket, absl::OkStatus(), now);
  EXPECT_EQ(Finish(), (std::vector<Send>{{kChosen, Stored{head_, At(2, 1)}}}));
}

TEST_F(ReplicaTest, ANewRoundFindsTheCopyWithoutWhatThereWasNoRoomFor) {
  Follow(2);
  replica_->OnMessage(kChosen, BatchOf({Put(At(2, 1), "a", "1")}), {});
  const StoreTicket ticket = replica_->TakeOutput().stores.at(0).ticket;
  replica_->OnStored(ticket, absl::ResourceExhaustedError("full"), {});
  head_.round = 2;
  const Standing standing{head_, true, {}, {}, ""};
  EXPECT_EQ(Tell(Ask{head_}), (std::vector<Send>{{kChosen, standing}}));
  replica_->OnStored(ticket, absl::OkStatus(), {});
  EXPECT_EQ(replica_->position(), Position{}) << "nobody stored it";
}

TEST_F(ReplicaTest, LittleRoomIsToldAgainAndAgainAndOnceWhenItIsEnough) {
  Follow(2);
  const auto told = [&] {
    uint64_t bytes = 0;
    const std::vector<Send> sends = Finish();
    EXPECT_LE(sends.size(), 1u);
    for (const Send& send : sends) bytes = std::get<Room>(send.message).bytes;
    return bytes;
  };
  replica_->OnRoom(kReserveBytes, "/disk", {});
  EXPECT_EQ(told(), 0u);
  replica_->OnRoom(kReserveBytes - 1, "/disk", {});
  EXPECT_EQ(told(), kReserveBytes - 1);
  Instant now{};
  for (int i = 0; i < 3; ++i) {
    now = replica_->NextDeadline();
    replica_->OnTick(now);
    EXPECT_EQ(told(), kReserveBytes - 1);
  }
  replica_->OnRoom(UINT64_MAX, "/disk", now);
  EXPECT_EQ(told(), UINT64_MAX);
  EXPECT_EQ(replica_->NextDeadline(), kNever);
}

TEST_F(ReplicaTest, ABodyThatThereIsNoRoomForIsRefusedBeforeItTravels) {
  Follow(2);
  replica_->OnRoom(kReserveBytes + 1000, "/disk", {});
  const std::vector<Send> sends = Tell(replica::Stage{head_, {1, 1}, {2'000'000, 1}, kSource});
  ASSERT_EQ(sends.size(), 1u);
  const Staged& staged = std::get<Staged>(sends[0].message);
  EXPECT_TRUE(staged.is_full);
  EXPECT_NE(staged.problem.find("/disk"), std::string::npos) << staged.problem;
  EXPECT_FALSE(replica_->IsStaging());
}

}  // namespace
}  // namespace ctdb::replica
