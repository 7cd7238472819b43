// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/replica_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "tests/replica/replica_file_support.h"

namespace ctdb::replica {
namespace {

// Keys of one slot that begin alike, longer than a name may be.
std::vector<std::string> LongKeys(size_t count) {
  const std::string begin(kPrefixBytes, 'k');
  const uint32_t slot = SlotNumberOf(begin + "0");
  std::vector<std::string> keys;
  for (int i = 0; keys.size() < count; ++i) {
    const std::string key = absl::StrCat(begin, i);
    if (SlotNumberOf(key) == slot) keys.push_back(key);
  }
  return keys;
}

class ReplicaFileTest : public testing::Test {
 protected:
  void Append(std::vector<Entry> entries) {
    auto [store, after] = AppendTo(model_, std::move(entries));
    ASSERT_EQ(opened_.file->Apply(store), absl::OkStatus());
    model_ = std::move(after);
  }
  void ApplyToBoth(decltype(Store::what) what) {
    const Store store{StoreTicket(1), std::move(what)};
    ASSERT_EQ(opened_.file->Apply(store), absl::OkStatus());
    model_.Apply(store);
  }
  void AppendBody(Position position, const std::vector<Write>& writes, bool is_wipe = false) {
    std::string bytes;
    for (const Write& write : writes) store::AppendBodyWrite(bytes, write.key, write.value);
    auto body = Body::Make(std::make_shared<BodyMemory>(bytes.size()), bytes.size());
    ASSERT_TRUE(body->Append(0, bytes));
    const auto digests = std::make_shared<Digests>(model_.digests());
    const Entry entry{position, {position.sequence, 1}, is_wipe, {}, store::SealOf(bytes)};
    ASSERT_EQ(
        opened_.file->Apply({StoreTicket(1), Replica::Output::AppendBody{entry, body, digests}}),
        absl::OkStatus());
    model_.Apply(
        {StoreTicket(1), Replica::Output::AppendBody{entry, body, std::make_shared<Digests>()}});
    EXPECT_EQ(*digests, model_.digests());
    ExpectEqual(file(), model_);
  }
  void Reopen() {
    opened_ = {};
    opened_ = MustOpen(directory_.Options());
    ASSERT_NE(opened_.file, nullptr);
    model_.Crash();
    EXPECT_EQ(opened_.copy.problem, "");
    EXPECT_EQ(Describe(opened_.copy.log), Describe(model_.log()));
    EXPECT_EQ(opened_.copy.digests, model_.digests());
  }
  // Of 30 KB.
  ReplicaFile::Options OpenWithSmallLog() {
    ReplicaFile::Options options = directory_.Options();
    options.path += "2";
    options.log_bytes_max = 30'000;
    opened_ = MustOpen(options);
    model_.SetLog(LogIndex(options.log_bytes_max));
    return options;
  }
  // About a kilobyte each.
  void AppendOneByOne(uint64_t epoch, uint64_t count) {
    for (uint64_t sequence = 1; sequence <= count; ++sequence) {
      Append({EntryAt(At(epoch, sequence), {{"a", std::string(20 * (sequence % 100), 'x')}})});
      if (sequence % 70 != 0) continue;
      ASSERT_EQ(opened_.file->Flush(), absl::OkStatus());
    }
  }
  const ReplicaFile& file() const { return *opened_.file; }

  const FileDirectory directory_;
  ReplicaFile::Opened opened_ = MustOpen(directory_.Options());
  ModelStorage model_;
};

TEST_F(ReplicaFileTest, ALargeTransactionIsOneChangeAndLeavesItsTokenInTheLog_Txn3) {
  Append({EntryAt(At(1, 1), {{"a", "1"}, {"b", "2"}, {"c", "3"}})});
  std::vector<Write> writes = {{"a", "new"},       {"b", std::nullopt}, {"none", std::nullopt},
                               {"d", "first"},     {"d", "second"},     {"e", "1"},
                               {"e", std::nullopt}};
  for (const std::string& key : LongKeys(3)) writes.push_back({key, "long"});
  for (int i = 0; i < 5000; ++i) writes.push_back({absl::StrCat("key", i), std::string(50, 'v')});
  AppendBody(At(1, 2), writes);
  Reopen();
  EXPECT_EQ(opened_.copy.log.entries_base(), At(1, 2));
  Append({EntryAt(At(1, 3), {{"d", "4"}})});
  AppendBody(At(1, 4), {{"all", "there is"}}, /*is_wipe=*/true);
  Reopen();
  EXPECT_EQ(model_.records().size(), 1u);
}

TEST_F(ReplicaFileTest, APageOfLargeRecordsFitsIntoAPacket) {
  std::vector<Write> writes;
  const uint32_t slot = SlotNumberOf("0");
  for (int i = 0; writes.size() < 3; ++i) {
    const std::string key = absl::StrCat(i);
    if (SlotNumberOf(key) == slot)
      writes.push_back({key, std::string(store::kTransactionValueBytesMax, 'v')});
  }
  writes[0].value = "small";
  AppendBody(At(1, 1), writes);
  const ReplicaReader::PageOptions options = {
      .items_max = 10, .bytes_max = kPageBytesMax, .needs_values = true};
  std::string after;
  for (size_t i = 0; i < 3; ++i) {
    const absl::StatusOr<ReplicaReader::Page> page = file().Scan(slot, after, options);
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_EQ(page->items.size(), 1u);
    after = page->items[0].key;
  }
}

TEST_F(ReplicaFileTest, NewFileIsEmptyAndHealthy) {
  EXPECT_EQ(opened_.copy.problem, "");
  EXPECT_EQ(opened_.copy.log.end(), Position());
  EXPECT_EQ(opened_.copy.digests, Digests());
  ExpectEqual(file(), model_);
  Reopen();
  ExpectEqual(file(), model_);
}

TEST_F(ReplicaFileTest, WhatWasAppliedIsReadAndIsThereAfterReopening) {
  Append({EntryAt(At(1, 1), {{"a", "1"}, {"b", ""}}), EntryAt(At(1, 2), {{"a", "2"}})});
  EXPECT_EQ(*file().Get("a"), (ReplicaFile::Found{At(1, 2), "2"}));
  EXPECT_EQ(*file().Get("b"), (ReplicaFile::Found{At(1, 1), ""}));
  EXPECT_EQ(*file().Get("c"), std::nullopt);
  EXPECT_EQ(*file().Find("a"), (RecordInfo{At(1, 2), FingerprintOf("a", At(1, 2), "2")}));
  Append({EntryAt(At(2, 3), {{"b", std::nullopt}, {"never", std::nullopt}})});
  EXPECT_EQ(*file().Find("b"), std::nullopt);
  ExpectEqual(file(), model_);
  Reopen();
  ExpectEqual(file(), model_);
}

TEST_F(ReplicaFileTest, StagedChangesAreSeenOnlyOnceAdoptedAndAreVoidAfterReopening) {
  Append({EntryAt(At(1, 1), {{"a", "1"}, {"b", "1"}})});
  const StageStore stage{true, false, {{"a", At(2, 1), "2"}, {"c", At(2, 2), "2"}}, {"b"}};
  const AdoptStore adopt{LogIndex(At(2, 1), {{At(2, 2), {1, 2}, 0}}), {}};
  ApplyToBoth(stage);
  ExpectEqual(file(), model_);
  Reopen();
  EXPECT_TRUE(absl::IsFailedPrecondition(opened_.file->Apply({StoreTicket(1), adopt})));
  ApplyToBoth(stage);
  AdoptStore right = adopt;
  ModelStorage after = model_;
  after.Apply({StoreTicket(1), right});
  right.digests = after.digests();
  ApplyToBoth(right);
  ExpectEqual(file(), model_);
  EXPECT_EQ(*file().Find("b"), std::nullopt);
  Reopen();
  ExpectEqual(file(), model_);
}

TEST_F(ReplicaFileTest, CopyFromScratchHasNothingOfTheOldOne) {
  Append({EntryAt(At(1, 1), {{"a", "1"}, {"b", "1"}})});
  ApplyToBoth(StageStore{true, true, {{"c", At(2, 1), "2"}, {"d", At(2, 1), "2"}}, {}});
  ApplyToBoth(StageStore{false, false, {{"c", At(2, 2), "3"}}, {"d"}});
  ExpectEqual(file(), model_);
  ModelStorage after = model_;
  const LogIndex log(At(2, 2), {});
  after.Apply({StoreTicket(1), AdoptStore{log, {}}});
  ApplyToBoth(AdoptStore{log, after.digests()});
  EXPECT_EQ(model_.records().size(), 1u);
  ExpectEqual(file(), model_);
  Reopen();
  Append({EntryAt(At(2, 3), {{"a", "4"}})});
  ExpectEqual(file(), model_);
}

TEST_F(ReplicaFileTest, LongKeysKeepTheirOrderInEveryPage) {
  std::vector<std::string> keys = LongKeys(9);
  keys.push_back(std::string(kPrefixBytes, 'k'));
  keys.push_back(std::string(64 * 1024, 'x'));
  keys.push_back(keys[0].substr(0, 100));
  std::vector<Write> writes;
  for (const std::string& key : keys) writes.push_back({key, "value"});
  Append({EntryAt(At(1, 1), writes)});
  for (const size_t items_max : {1, 2, 3, 100}) ExpectEqual(file(), model_, items_max);
  const uint32_t slot = SlotNumberOf(keys[0]);
  for (const std::string& after : keys) {
    const auto page = file().Scan(slot, after, {2, 1 << 20, true});
    const auto wanted = model_.Scan(slot, after, {2, 1 << 20, true});
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->is_end, wanted->is_end);
    ASSERT_EQ(page->items.size(), wanted->items.size());
    for (size_t i = 0; i < page->items.size(); ++i) {
      EXPECT_EQ(page->items[i].key, wanted->items[i].key);
    }
    EXPECT_EQ(*file().Find(after), *model_.Find(after));
  }
  EXPECT_EQ(*file().Find(keys[0] + "0"), std::nullopt);
  Append({EntryAt(At(1, 2), {{keys[3], std::nullopt}, {keys[4], "other"}})});
  Reopen();
  ExpectEqual(file(), model_);
}

TEST_F(ReplicaFileTest, LogForgetsAsItsIndexDoes) {
  uint64_t sequence = 0;
  while (sequence < kLogTransactionsMax + 1000) {
    std::vector<Entry> entries;
    for (int i = 0; i < 256; ++i) entries.push_back(EntryAt(At(1, ++sequence), {{"a", "1"}}));
    Append(std::move(entries));
  }
  ExpectEqual(file(), model_);
  Reopen();
  ExpectEqual(file(), model_);
}

TEST_F(ReplicaFileTest, OfEntriesBeyondItsBytesTheLogKeepsTheTokensAlone) {
  const ReplicaFile::Options options = OpenWithSmallLog();
  AppendOneByOne(1, 1000);
  EXPECT_GT(model_.log().entries_base(), At(1, 950));
  EXPECT_EQ(model_.log().tokens_base(), Position{});
  ExpectEqual(file(), model_);
  ASSERT_EQ(opened_.file->Flush(), absl::OkStatus());
  EXPECT_LT(file().GetStatistics()->file_bytes, 700'000u) << "2 MB without it";
  opened_ = {};
  opened_ = MustOpen(options);
  EXPECT_EQ(Describe(opened_.copy.log), Describe(model_.log()));
  ExpectEqual(file(), model_);
}

TEST_F(ReplicaFileTest, AfterAFillToAnEarlierPositionTheLogIsShortenedFromThereOn) {
  OpenWithSmallLog();
  AppendOneByOne(5, 100);
  ApplyToBoth(StageStore{true, false, {}, {"a"}});
  ModelStorage after = model_;
  const LogIndex log(At(1, 1), {});
  after.Apply({StoreTicket(1), AdoptStore{log, {}}});
  ApplyToBoth(AdoptStore{log, after.digests()});
  AppendOneByOne(2, 140);
  ExpectEqual(file(), model_);
  EXPECT_EQ(*file().ReadLog({}, 1 << 30), *file().ReadLog(model_.log().entries_base(), 1 << 30));
}

TEST_F(ReplicaFileTest, WhatDoesNotFitIsRefusedAndChangesNothing) {
  Append({EntryAt(At(1, 5), {{"a", "1"}})});
  const auto apply = [&](const Entry& entry) {
    return opened_.file->Apply({StoreTicket(1), AppendStore{{entry}, {}, {}, false}});
  };
  EXPECT_TRUE(absl::IsFailedPrecondition(apply(EntryAt(At(1, 5), {{"b", "1"}}))));
  EXPECT_TRUE(absl::IsInvalidArgument(apply(EntryAt(At(1, 6), {{"b", "1"}, {"", "1"}}))));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      opened_.file->Apply({StoreTicket(1), StageStore{false, false, {}, {"a"}}})));
  ExpectEqual(file(), model_);
}

TEST_F(ReplicaFileTest, FullMapIsAnErrorThatSaysWhatToDoAndChangesNothing) {
  ReplicaFile::Options options = directory_.Options();
  options.path += "2";
  options.map_bytes_max = 1024 * 1024;
  opened_ = MustOpen(options);
  absl::Status status;
  uint64_t sequence = 0;
  // Up to the last page, with ever smaller values.
  for (const size_t size : {40'000, 2'000, 10}) {
    for (status = absl::OkStatus(); status.ok();) {
      ASSERT_LT(++sequence, 1000u);
      auto [store, after] = AppendTo(
          model_,
          {EntryAt(At(1, sequence), {{absl::StrCat("key", sequence), std::string(size, 'x')}})});
      status = opened_.file->Apply(store);
      if (status.ok()) model_ = std::move(after);
    }
  }
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_NE(status.message().find("raise the limit"), absl::string_view::npos) << status;
  ExpectEqual(file(), model_);
  for (const int factor : {1, 4}) {
    options.map_bytes_max *= factor;
    opened_ = {};
    opened_ = MustOpen(options);
    ExpectEqual(file(), model_);
  }
  Append({EntryAt(At(1, 2000), {{"key", std::string(40'000, 'x')}})});
  ExpectEqual(file(), model_);
}

TEST_F(ReplicaFileTest, TheLengthOfAValueIsKnownWhereverItLies) {
  Append({EntryAt(At(1, 1), {{"journal", "12345"}})});
  EXPECT_EQ(*file().ValueBytes("journal"), 5u);
  ASSERT_EQ(opened_.file->Flush(), absl::OkStatus());
  EXPECT_EQ(*file().ValueBytes("journal"), 5u);
  EXPECT_EQ(*file().ValueBytes("none"), std::nullopt);
}

TEST_F(ReplicaFileTest, FullFileSystemIsAnErrorAndChangesNothing) {
  Append({EntryAt(At(1, 1), {{"a", "1"}})});
  struct rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit low = before;
  low.rlim_cur = 512 * 1024;
  auto [store, after] = AppendTo(model_, {EntryAt(At(1, 2), {{"b", std::string(1 << 20, 'x')}})});
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &low), 0);
  const absl::Status status = opened_.file->Apply(store);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  ExpectEqual(file(), model_);
  Append({EntryAt(At(1, 2), {{"b", "2"}})});
  Reopen();
  ExpectEqual(file(), model_);
}

TEST_F(ReplicaFileTest, BackupOpensAsTheFileThatItWasMadeOf) {
  Append({EntryAt(At(1, 1), {{"a", std::string(100'000, 'x')}, {"b", "1"}})});
  Append({EntryAt(At(1, 2), {{"a", std::nullopt}})});
  const std::string path = directory_.path() + "/backup";
  ASSERT_EQ(opened_.file->CopyTo(path), absl::OkStatus());
  EXPECT_FALSE(opened_.file->CopyTo(path).ok());
  Append({EntryAt(At(1, 3), {{"c", "1"}})});
  ReplicaFile::Options options = directory_.Options();
  options.path = path;
  {
    const ReplicaFile::Opened backup = MustOpen(options);
    EXPECT_EQ(backup.copy.problem, "");
    EXPECT_EQ(backup.copy.log.end(), At(1, 2));
    EXPECT_EQ(backup.file->GetStatistics()->records, 1u);
    EXPECT_LT(backup.file->GetStatistics()->file_bytes, file().GetStatistics()->file_bytes);
  }
  EXPECT_EQ(MustOpen(options).copy.log.end(), At(1, 2));
}

TEST_F(ReplicaFileTest, ASnapshotStaysAsItIsWhileOthersWrite) {
  Append({EntryAt(At(1, 1), {{"a", "1"}, {"b", "1"}})});
  const auto snapshot = file().TakeSnapshot();
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_EQ((*snapshot)->position(), At(1, 1));
  const ReplicaFile::PageOptions one = {1, 1 << 20, true};
  std::map<std::string, std::string> seen;
  for (uint64_t i = 2; seen.size() < 2; ++i) {
    const auto page = (*snapshot)->Next(one);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const auto& item : page->items) seen[item.key] = item.value;
    ASSERT_LT(i, 10u);
    Append({EntryAt(At(1, i), {{"a", "2"}, {"b", std::nullopt}, {absl::StrCat("c", i), "3"}})});
  }
  EXPECT_EQ(seen, (std::map<std::string, std::string>{{"a", "1"}, {"b", "1"}}));
  EXPECT_TRUE((*snapshot)->Next(one)->is_end);
}

TEST_F(ReplicaFileTest, WrongDigestsAreFoundByCheck) {
  auto [store, after] = AppendTo(model_, {EntryAt(At(1, 1), {{"a", "1"}})});
  std::get<AppendStore>(store.what).digests.begin()->second.low ^= 1;
  ASSERT_EQ(opened_.file->Apply(store), absl::OkStatus());
  EXPECT_EQ(opened_.file->Flush(), absl::OkStatus());
  EXPECT_TRUE(absl::IsDataLoss(file().Check())) << file().Check();
}

TEST_F(ReplicaFileTest, ReadsGoOnBesideWrites) {
  std::atomic<bool> is_done = false;
  std::thread reader([&] {
    while (!is_done) {
      ReplicaFile::Cursor cursor;
      const auto page = file().Next(cursor, {1000, 1 << 20, true});
      EXPECT_TRUE(page.ok()) << page.status();
      // Both are always written together.
      EXPECT_EQ(page->items.size() % 2, 0u);
      EXPECT_TRUE(file().Check().ok());
      EXPECT_TRUE(file().Get("a1").ok());
    }
  });
  for (uint64_t i = 1; i <= 100; ++i) {
    Append({EntryAt(At(1, i), {{absl::StrCat("a", i % 10), "1"}, {absl::StrCat("b", i % 10), "1"}},
                    i % 30 == 0)});
  }
  is_done = true;
  reader.join();
}

// The same random requests to the file and to the model.
class RandomRequests : public ReplicaFileTest, public testing::WithParamInterface<int> {
 protected:
  RandomRequests() : random_(GetParam()), keys_(LongKeys(5)) {
    for (int i = 0; i < 20; ++i) keys_.push_back(absl::StrCat("key", i));
    keys_.push_back(std::string(2000, 'l'));
  }
  uint64_t Below(uint64_t end) { return random_() % end; }
  const std::string& Key() { return keys_[Below(keys_.size())]; }
  std::string Value() { return std::string(Below(8) == 0 ? 20'000 : Below(50), 'v'); }
  Position NextPosition() {
    const Position last = model_.position();
    return Below(5) == 0 ? At(last.epoch.value() + 1, last.sequence + 1)
                         : At(last.epoch.value(), last.sequence + 1 + Below(2));
  }
  void DoAppend() {
    std::vector<Entry> entries;
    for (uint64_t count = 1 + Below(4); entries.size() < count;) {
      std::vector<Write> writes;
      for (uint64_t i = Below(4); i-- > 0;) {
        writes.push_back({Key(), Below(3) == 0 ? std::nullopt : std::optional(Value())});
      }
      Position position = entries.empty() ? NextPosition() : entries.back().position;
      if (!entries.empty()) ++position.sequence;
      entries.push_back(EntryAt(position, std::move(writes), Below(20) == 0));
    }
    Append(std::move(entries));
  }
  void DoFill() {
    const uint64_t pages = 1 + Below(3);
    const bool is_from_scratch = Below(2) == 0;
    for (uint64_t page = 0; page < pages; ++page) {
      StageStore stage{page == 0, page == 0 && is_from_scratch, {}, {}};
      for (uint64_t i = Below(6); i-- > 0;) stage.puts.push_back({Key(), At(3, i), Value()});
      for (uint64_t i = Below(3); i-- > 0;) stage.deletes.push_back(Key());
      ApplyToBoth(std::move(stage));
    }
    if (Below(4) == 0) return;
    const Position base = NextPosition();
    std::vector<LogIndex::Item> items;
    for (uint64_t i = Below(4); i-- > 0;) {
      items.push_back({At(base.epoch.value() + 1, items.size() + 1), {Below(1000), 1}, 0});
    }
    AdoptStore adopt{LogIndex(base, items), {}};
    ModelStorage after = model_;
    after.Apply({StoreTicket(1), adopt});
    adopt.digests = after.digests();
    ApplyToBoth(std::move(adopt));
  }

  std::mt19937_64 random_;
  std::vector<std::string> keys_;
};

TEST_P(RandomRequests, FileIsAsTheModelAfterEach) {
  for (int step = 0; step < 60 && !HasFailure(); ++step) {
    const uint64_t what = Below(10);
    if (what < 6) DoAppend();
    if (what == 6 || what == 7) DoFill();
    if (what == 8) Reopen();
    ExpectEqual(file(), model_, 1 + Below(10));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomRequests, testing::Range(1, 13));

}  // namespace
}  // namespace ctdb::replica
