// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// A copy on disk and its mirror change together: TXN-2, TXN-3 and TXN-10 of the description of
// Samba's protocol.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/replica/replica_file_support.h"

namespace ctdb::replica {
namespace {

using testing::ElementsAre;
using testing::Pair;

// In memory; fails where it is told to.
class ModelMirror final : public Mirror {
 public:
  using Records = std::map<std::string, std::string>;  // Sequence and value.

  absl::Status Begin() override {
    EXPECT_FALSE(is_open_);
    is_open_ = true;
    next_ = records;
    return absl::OkStatus();
  }
  absl::Status Put(absl::string_view key, absl::string_view value, uint64_t sequence) override {
    next_[std::string(key)] = absl::StrCat(sequence, " ", value);
    return absl::OkStatus();
  }
  absl::Status Remove(absl::string_view key) override {
    next_.erase(std::string(key));
    return absl::OkStatus();
  }
  absl::Status Keep(const std::function<absl::StatusOr<bool>(absl::string_view)>& keeps) override {
    std::erase_if(next_, [&](const auto& entry) { return !*keeps(entry.first); });
    return absl::OkStatus();
  }
  absl::Status PrepareCommit() override { return prepare; }
  absl::Status Commit() override {
    is_open_ = false;
    if (commit.ok()) records = next_;
    return commit;
  }
  void Cancel() override { is_open_ = false; }
  uint32_t open_flags() const override { return 0; }
  void EnableSequence() override {}

  Records records;
  absl::Status prepare;
  absl::Status commit;

 private:
  bool is_open_ = false;
  Records next_;
};

class ReplicaFileMirrorTest : public testing::Test {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    opened_ = {};
    ReplicaFile::Options options = directory_.Options();
    options.mirror = mirror_;
    opened_ = MustOpen(options);
  }
  absl::Status Append(std::vector<Entry> entries) {
    auto [store, after] = AppendTo(model_, std::move(entries));
    const absl::Status status = opened_.file->Apply(store);
    if (status.ok()) model_ = std::move(after);
    return status;
  }

  const FileDirectory directory_;
  const std::shared_ptr<ModelMirror> mirror_ = std::make_shared<ModelMirror>();
  ReplicaFile::Opened opened_;
  ModelStorage model_;
};

TEST_F(ReplicaFileMirrorTest, WhatIsAppliedIsInTheMirrorWithItsPlaceInTheLog_TXN2_TXN3) {
  ASSERT_TRUE(Append({EntryAt(At(1, 1), {{"a", "1"}, {"b", "1"}})}).ok());
  ASSERT_TRUE(
      Append({EntryAt(At(1, 2), {{"a", "2"}}), EntryAt(At(1, 3), {{"b", std::nullopt}})}).ok());
  EXPECT_THAT(mirror_->records, ElementsAre(Pair("a", "2 2")));
  ASSERT_TRUE(Append({EntryAt(At(2, 4), {{"c", "4"}}, /*is_wipe=*/true)}).ok());
  EXPECT_THAT(mirror_->records, ElementsAre(Pair("c", "4 4")));
}

TEST_F(ReplicaFileMirrorTest, ALargeTransactionIsInTheMirrorAsWell_TXN9) {
  ASSERT_TRUE(Append({EntryAt(At(1, 1), {{"a", "1"}, {"b", "1"}})}).ok());
  std::string bytes;
  store::AppendBodyWrite(bytes, "a", "2");
  store::AppendBodyWrite(bytes, "b", std::nullopt);
  const auto body = Body::Make(std::make_shared<BodyMemory>(bytes.size()), bytes.size());
  ASSERT_TRUE(body->Append(0, bytes));
  Entry entry{At(1, 2), {2, 1}, false, {}, store::SealOf(bytes)};
  const auto apply = [&] {
    const auto digests = std::make_shared<Digests>(model_.digests());
    return opened_.file->Apply({StoreTicket(1), Replica::Output::AppendBody{entry, body, digests}});
  };
  mirror_->prepare = absl::ResourceExhaustedError("full");
  EXPECT_TRUE(absl::IsResourceExhausted(apply()));
  EXPECT_EQ(opened_.file->Get("a")->value().value, "1");
  mirror_->prepare = absl::OkStatus();
  EXPECT_EQ(apply(), absl::OkStatus());
  EXPECT_THAT(mirror_->records, ElementsAre(Pair("a", "2 2")));
  entry.position = At(1, 3);
  entry.is_wipe = true;
  mirror_->records["old"] = "1 old";
  EXPECT_EQ(apply(), absl::OkStatus());
  EXPECT_THAT(mirror_->records, ElementsAre(Pair("a", "3 2")));
}

TEST_F(ReplicaFileMirrorTest, WhatTheMirrorHasNoRoomForHappensNowhere) {
  ASSERT_TRUE(Append({EntryAt(At(1, 1), {{"a", "1"}})}).ok());
  mirror_->prepare = absl::ResourceExhaustedError("full");
  EXPECT_TRUE(absl::IsResourceExhausted(Append({EntryAt(At(1, 2), {{"a", "2"}})})));
  EXPECT_EQ(opened_.file->Get("a")->value().value, "1");
  EXPECT_THAT(mirror_->records, ElementsAre(Pair("a", "1 1")));
  mirror_->prepare = absl::OkStatus();
  EXPECT_TRUE(Append({EntryAt(At(1, 2), {{"a", "2"}})}).ok());
  EXPECT_THAT(mirror_->records, ElementsAre(Pair("a", "2 2")));
}

// Whoever crashed between the one and the other, or lost what was not on the disk.
TEST_F(ReplicaFileMirrorTest, AMirrorThatDiffersIsMadeEqualWhenTheCopyIsOpened) {
  ASSERT_TRUE(Append({EntryAt(At(1, 1), {{"a", "1"}, {"b", "1"}})}).ok());
  mirror_->records = {{"a", "0 old"}, {"stranger", "9 x"}};
  Open();
  EXPECT_THAT(mirror_->records, ElementsAre(Pair("a", "1 1"), Pair("b", "1 1")));
}

TEST_F(ReplicaFileMirrorTest, ACopyThatIsFilledFillsItsMirror) {
  ASSERT_TRUE(Append({EntryAt(At(1, 1), {{"a", "1"}, {"b", "1"}})}).ok());
  for (const bool is_from_scratch : {false, true}) {
    const StageStore stage{
        true, is_from_scratch, {{"a", At(2, 1), "2"}, {"c", At(2, 2), "2"}}, {"b"}};
    ASSERT_TRUE(opened_.file->Apply({StoreTicket(1), stage}).ok());
    AdoptStore adopt{LogIndex(At(2, 1), {{At(2, 2), {1, 2}, 0}}), {}};
    ModelStorage after = model_;
    after.Apply({StoreTicket(1), stage});
    after.Apply({StoreTicket(1), adopt});
    adopt.digests = after.digests();
    ASSERT_TRUE(opened_.file->Apply({StoreTicket(1), adopt}).ok());
    EXPECT_THAT(mirror_->records, ElementsAre(Pair("a", "1 2"), Pair("c", "2 2")));
    model_ = std::move(after);
    mirror_->records.clear();
  }
}

TEST_F(ReplicaFileMirrorTest, AMirrorThatBrokeIsFilledAnewWithTheNextChange) {
  mirror_->commit = absl::DataLossError("the disk is broken");
  EXPECT_TRUE(absl::IsDataLoss(Append({EntryAt(At(1, 1), {{"a", "1"}})})));
  auto [store, after] = AppendTo(model_, {EntryAt(At(1, 1), {{"a", "1"}})});
  model_ = std::move(after);
  mirror_->commit = absl::OkStatus();
  ASSERT_TRUE(Append({EntryAt(At(1, 2), {{"b", "2"}})}).ok());
  EXPECT_THAT(mirror_->records, ElementsAre(Pair("a", "1 1"), Pair("b", "2 2")));
}

}  // namespace
}  // namespace ctdb::replica
