// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// A copy whose last changes are in its journal.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "tests/replica/replica_file_support.h"

namespace ctdb::replica {
namespace {

// What a machine that stops leaves of a copy's files: both as they were at some moment.
class ReplicaFileJournalTest : public testing::Test {
 protected:
  void Append(std::vector<Entry> entries) {
    auto [store, after] = AppendTo(model_, std::move(entries));
    ASSERT_EQ(opened_.file->Apply(store), absl::OkStatus());
    model_ = std::move(after);
  }
  void Put(uint64_t sequence, const std::string& key, const std::string& value) {
    Append({EntryAt(At(1, sequence), {{key, value}})});
  }
  // As the files are now. The open copy goes on.
  ReplicaFile::Options Crash() {
    ReplicaFile::Options options = directory_.Options();
    const std::string path = options.path;
    options.path = absl::StrCat(path, ".crash", ++crashes_);
    for (const char* end : {"", "-journal"}) {
      if (!std::filesystem::exists(path + end)) continue;
      std::filesystem::copy_file(path + end, options.path + end);
    }
    return options;
  }
  static void ExpectIs(const ReplicaFile::Options& options, const ModelStorage& model) {
    const ReplicaFile::Opened opened = MustOpen(options);
    ASSERT_NE(opened.file, nullptr);
    EXPECT_EQ(opened.copy.problem, "");
    EXPECT_EQ(Describe(opened.copy.log), Describe(model.log()));
    EXPECT_EQ(opened.copy.digests, model.digests());
    ExpectEqual(*opened.file, model, 2);
  }
  static void Overwrite(const std::string& path, size_t offset, char byte) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(offset));
    file.write(&byte, 1);
  }

  const FileDirectory directory_;
  ReplicaFile::Opened opened_ = MustOpen(directory_.Options());
  ModelStorage model_;
  int crashes_ = 0;
};

TEST_F(ReplicaFileJournalTest, ReadersSeeWhatOnlyTheJournalHas) {
  Put(1, "a", "1");
  Put(2, "b", "1");
  ASSERT_EQ(opened_.file->Flush(), absl::OkStatus());
  Append(
      {EntryAt(At(1, 3), {{"a", "2"}, {"b", std::nullopt}, {"c", "1"}, {"none", std::nullopt}})});
  ExpectEqual(*opened_.file, model_, 1);
  EXPECT_EQ(opened_.file->Get("a")->value().value, "2");
  EXPECT_EQ(*opened_.file->Get("b"), std::nullopt);
  const auto snapshot = opened_.file->TakeSnapshot();
  Put(4, "d", "1");
  ASSERT_EQ(opened_.file->Flush(), absl::OkStatus());
  const auto page = (*snapshot)->Next({.items_max = 10, .bytes_max = 1000, .needs_values = true});
  EXPECT_EQ(page->items.size(), 2u) << "as it was";
  EXPECT_EQ((*snapshot)->position(), At(1, 3));
}

TEST_F(ReplicaFileJournalTest, WhatWasReportedIsThereAfterACrashAtAnyStep) {
  Put(1, "a", "1");
  ExpectIs(Crash(), model_);
  for (uint64_t i = 2; i < 10; ++i) Put(i, absl::StrCat("key", i % 3), absl::StrCat(i));
  ExpectIs(Crash(), model_);
  ASSERT_EQ(opened_.file->Flush(), absl::OkStatus());
  ExpectIs(Crash(), model_);
  Put(10, "a", "10");
  ExpectIs(Crash(), model_);
  Append({EntryAt(At(1, 11), {{"all", "there is"}}, /*is_wipe=*/true)});
  ExpectIs(Crash(), model_);
  Put(12, "b", "12");
  ExpectIs(Crash(), model_);
}

// Long enough for the journal to begin anew several times.
TEST_F(ReplicaFileJournalTest, ItBeginsAnewWhenItIsFull) {
  std::mt19937_64 random(1);
  for (uint64_t i = 1; i <= 700; ++i) {
    Put(i, absl::StrCat("key", random() % 50), std::string(random() % 9000, 'v'));
    if (i % 90 == 0) ExpectIs(Crash(), model_);
  }
  opened_ = {};
  ExpectIs(directory_.Options(), model_);
}

TEST_F(ReplicaFileJournalTest, ABlockThatTheDiskDidNotFinishIsAsIfItHadNotBeen) {
  Put(1, "a", "1");
  const ModelStorage before = model_;
  Put(2, "b", "2");
  const ReplicaFile::Options options = Crash();
  Overwrite(options.path + "-journal", Journal::kPageBytes + 60, '\xff');
  ExpectIs(options, before);
}

// It was at 1:2, and the others have 2:1 instead. What the journal has must not come back.
TEST_F(ReplicaFileJournalTest, AFilledCopyHasNothingOfItsOldJournal) {
  Put(1, "a", "1");
  Put(2, "mine", "2");
  const auto apply = [&](decltype(Store::what) what) {
    const Store store{StoreTicket(1), std::move(what)};
    ASSERT_EQ(opened_.file->Apply(store), absl::OkStatus());
    model_.Apply(store);
  };
  apply(StageStore{true, false, {}, {"mine"}});
  AdoptStore adopt{LogIndex({}, {{At(1, 1), {1, 1}, 0}}), {}};
  ModelStorage after = model_;
  after.Apply({StoreTicket(1), adopt});
  adopt.digests = after.digests();
  apply(adopt);
  ExpectIs(Crash(), model_);
  Put(3, "b", "3");
  ExpectIs(Crash(), model_);
}

TEST_F(ReplicaFileJournalTest, ACopyThatWasMovedAwayLeavesNoJournal) {
  Put(1, "a", "1");
  ReplicaFile::Options options = Crash();
  std::filesystem::remove(options.path);
  ExpectIs(options, ModelStorage());
}

// How new it was is known: the database stays closed until a copy as new as that joins.
TEST_F(ReplicaFileJournalTest, ADamagedCopyKnowsThePositionOfItsJournal) {
  Put(1, "a", "1");
  ASSERT_EQ(opened_.file->Flush(), absl::OkStatus());
  Put(2, "b", "2");
  const ReplicaFile::Options options = Crash();
  std::filesystem::resize_file(options.path, 100);
  const ReplicaFile::Opened opened = MustOpen(options);
  ASSERT_NE(opened.file, nullptr);
  EXPECT_NE(opened.copy.problem, "");
  EXPECT_EQ(opened.copy.log.end(), At(1, 2));
}

}  // namespace
}  // namespace ctdb::replica
