// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/io/database_codec.h"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "lib/protocol/bytes_text.h"

namespace ctdb::samba {
namespace {

class DatabaseCodecTest : public testing::Test {
 protected:
  ~DatabaseCodecTest() noexcept override = default;
  wire::ClientRequest::Reader Encoded(const DatabaseRequest& request) {
    auto out = requests_.initRoot<wire::ClientRequest>();
    EncodeRequest(request, out);
    return out.asReader();
  }
  capnp::MallocMessageBuilder requests_;
  capnp::MallocMessageBuilder answers_;
  wire::ClientAnswer::Builder answer_ = answers_.initRoot<wire::ClientAnswer>();
};

TEST_F(DatabaseCodecTest, DatabasesAreThoseOfSambasEngine) {
  const auto attach = Encoded(AttachDatabase{"a.tdb", DatabaseKind::kPersistent, true}).getAttach();
  EXPECT_EQ(FromText(attach.getName()), "a.tdb");
  EXPECT_EQ(attach.getKind(), wire::DatabaseKind::PERSISTENT);
  EXPECT_EQ(attach.getEngine(), wire::DatabaseEngine::TDB);
  EXPECT_TRUE(attach.getTdbSequence());
}

TEST_F(DatabaseCodecTest, WhoOnlyReadsSaysSo) {
  EXPECT_FALSE(Encoded(GetRecord{DbId(1), "key"}).getGet().getForRead());
  EXPECT_TRUE(Encoded(GetRecord{DbId(1), "key", true}).getGet().getForRead());
}

TEST_F(DatabaseCodecTest, UseIsToldWithTheNumberOfTurnsAndAskedForSo) {
  const auto used = Encoded(UsedRecord{DbId(1), "key", 3}).getUsed();
  EXPECT_EQ(used.getUsedDatabase(), 1u);
  EXPECT_EQ(FromData(used.getUsedKey()), "key");
  EXPECT_EQ(used.getUsedTurns(), 3u);
  // As told by older programs.
  EXPECT_EQ(requests_.initRoot<wire::ClientRequest>().initUsed().asReader().getUsedTurns(), 1u);
  auto awaited = answer_.initAwaited();
  awaited.setAwaitedDatabase(7);
  awaited.setAwaitedKey(ToData("key"));
  awaited.setAwaitedTurns(2);
  const AwaitedRecord decoded = DecodeAwaited(awaited);
  EXPECT_EQ(decoded.db_id, DbId(7));
  EXPECT_EQ(decoded.key, "key");
  EXPECT_EQ(decoded.turns, 2u);
}

TEST_F(DatabaseCodecTest, SpareCopiesAreOfOneRecord) {
  const auto spare = Encoded(KeepSpares{DbId(7), "key"}).getSpare();
  EXPECT_EQ(spare.getSpareDatabase(), 7u);
  EXPECT_EQ(FromData(spare.getSpareKey()), "key");
  answer_.setSpareKept();
  EXPECT_TRUE(std::holds_alternative<SparesKept>(DecodeAnswer(answer_)));
}

TEST_F(DatabaseCodecTest, ACommitSaysWhatItDependsOn) {
  const CommitRecords commit{.db_id = DbId(1),
                             .token = {2, 3},
                             .reads = {{"seen", LogPosition{4, 5}}, {"absent", std::nullopt}},
                             .writes = {{"new", "value"}, {"old", std::nullopt}}};
  const auto out = Encoded(commit).getCommit().getTransaction();
  EXPECT_EQ(out.getToken().getLow(), 3u);
  EXPECT_EQ(out.getReads()[0].getVersion().getSequence(), 5u);
  EXPECT_TRUE(out.getReads()[1].isAbsent());
  EXPECT_EQ(FromData(out.getWrites()[0].getValue()), "value");
  EXPECT_TRUE(out.getWrites()[1].isDeleted());
}

TEST_F(DatabaseCodecTest, AnswersAreWhatTheySay) {
  answer_.setReady();
  EXPECT_FALSE(std::get<RecordIsHere>(DecodeAnswer(answer_)).in_turn);
  answer_.setReadyInTurn();
  EXPECT_TRUE(std::get<RecordIsHere>(DecodeAnswer(answer_)).in_turn);
  answer_.setAbsent();
  EXPECT_TRUE(std::holds_alternative<RecordIsAbsent>(DecodeAnswer(answer_)));
  answer_.initFailed().setCode(static_cast<uint16_t>(absl::StatusCode::kNotFound));
  EXPECT_TRUE(absl::IsNotFound(std::get<absl::Status>(DecodeAnswer(answer_))));
  answer_.initFailed();
  EXPECT_FALSE(std::get<absl::Status>(DecodeAnswer(answer_)).ok());
  answer_.initOutcome().setVerdict(static_cast<wire::TransactionVerdict>(77));
  EXPECT_EQ(std::get<CommitOutcome>(DecodeAnswer(answer_)).verdict, Verdict::kUnknown);
  answer_.initPage().setLast(true);
  EXPECT_TRUE(std::get<RecordPage>(DecodeAnswer(answer_)).is_last);
  answer_.initCopy();
  EXPECT_FALSE(std::get<RecordRead>(DecodeAnswer(answer_)).value.has_value());
}

}  // namespace
}  // namespace ctdb::samba
