// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <random>
#include <sstream>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "lib/replica/io/replica_file.h"
#include "tests/replica/replica_file_support.h"

namespace ctdb::replica {
namespace {

std::string ReadAll(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path).rdbuf();
  return bytes.str();
}
void WriteAll(const std::string& path, const std::string& bytes) { std::ofstream(path) << bytes; }

class ReplicaFileOpenTest : public testing::Test {
 protected:
  void Fill(int entries) {
    const ReplicaFile::Opened opened = MustOpen(options_);
    for (int i = 1; i <= entries; ++i) {
      auto [store, after] = AppendTo(
          model_, {EntryAt(At(1, i), {{absl::StrCat("key", i % 50), std::string(i * 7 % 300, 'v')},
                                      {absl::StrCat("other", i % 70), "value"}})});
      ASSERT_EQ(opened.file->Apply(store), absl::OkStatus());
      model_ = std::move(after);
    }
  }
  // The copy is damaged, and so it stays until it is filled.
  void ExpectDamaged(Position position) {
    for (int i = 0; i < 2; ++i) {
      const ReplicaFile::Opened opened = MustOpen(options_);
      ASSERT_NE(opened.file, nullptr);
      EXPECT_NE(opened.copy.problem.find("corrupted"), std::string::npos) << opened.copy.problem;
      EXPECT_EQ(opened.copy.log.end(), position);
      EXPECT_EQ(opened.copy.digests, Digests());
      EXPECT_EQ(directory_.Aside().size(), 1u);
      EXPECT_EQ(opened.file->Check(), absl::OkStatus());
    }
    {
      const ReplicaFile::Opened opened = MustOpen(options_);
      Digests digests;
      digests.Add("a", FingerprintOf("a", At(2, 9), "1"));
      ASSERT_EQ(
          opened.file->Apply({StoreTicket(1), StageStore{true, true, {{"a", At(2, 9), "1"}}, {}}}),
          absl::OkStatus());
      ASSERT_EQ(opened.file->Apply({StoreTicket(2), AdoptStore{LogIndex(At(2, 9), {}), digests}}),
                absl::OkStatus());
    }
    const ReplicaFile::Opened opened = MustOpen(options_);
    EXPECT_EQ(opened.copy.problem, "");
    EXPECT_EQ(opened.copy.log.end(), At(2, 9));
    EXPECT_EQ(opened.file->Get("a").value(), (ReplicaFile::Found{At(2, 9), "1"}));
  }

  const FileDirectory directory_;
  const ReplicaFile::Options options_ = directory_.Options();
  ModelStorage model_;
};

TEST_F(ReplicaFileOpenTest, FileThatIsInUseIsNotOpenedAgain) {
  const ReplicaFile::Opened first = MustOpen(options_);
  const absl::Status status = ReplicaFile::Open(options_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
}

TEST_F(ReplicaFileOpenTest, FileOfAnotherDatabaseIsLeftAlone) {
  Fill(1);
  ReplicaFile::Options other = options_;
  other.database = database::DatabaseId(8);
  other.name = "other.tdb";
  const absl::Status status = ReplicaFile::Open(other).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_NE(status.message().find("secrets.tdb"), absl::string_view::npos) << status;
  EXPECT_TRUE(directory_.Aside().empty());
  EXPECT_EQ(MustOpen(options_).copy.log.end(), At(1, 1));
}

TEST_F(ReplicaFileOpenTest, MissingDirectoryIsAnError) {
  ReplicaFile::Options options = options_;
  options.path = directory_.path() + "/missing/file";
  EXPECT_TRUE(absl::IsNotFound(ReplicaFile::Open(options).status()));
}

TEST_F(ReplicaFileOpenTest, CopyThatIsNotDurableStartsEmpty) {
  Fill(3);
  ReplicaFile::Options options = options_;
  options.is_durable = false;
  for (int i = 0; i < 2; ++i) {
    const ReplicaFile::Opened opened = MustOpen(options);
    EXPECT_EQ(opened.copy.log.end(), Position());
    EXPECT_EQ(opened.copy.problem, "");
    auto [store, after] = AppendTo({}, {EntryAt(At(1, 1), {{"a", "1"}})});
    EXPECT_EQ(opened.file->Apply(store), absl::OkStatus());
    ExpectEqual(*opened.file, after);
  }
  EXPECT_TRUE(directory_.Aside().empty());
}

TEST_F(ReplicaFileOpenTest, LeftoversOfAFileThatWasBeingMadeDoNotMatter) {
  WriteAll(options_.path + ".new", "half of it");
  WriteAll(options_.path + ".new-lock", "half of it");
  WriteAll(options_.path + "-lock", std::string(100, 'x'));
  EXPECT_EQ(MustOpen(options_).copy.problem, "");
}

TEST_F(ReplicaFileOpenTest, EmptyFileIsDamagedAndNotNew) {
  Fill(5);
  WriteAll(options_.path, "");
  ExpectDamaged(At(1, 5));  // As its journal says.
}

TEST_F(ReplicaFileOpenTest, TruncatedFileIsDamaged) {
  Fill(300);
  const std::string bytes = ReadAll(options_.path);
  WriteAll(options_.path, bytes.substr(0, 20'000));
  ExpectDamaged(At(1, 300));
}

TEST_F(ReplicaFileOpenTest, GarbageIsDamaged) {
  std::mt19937_64 random(1);
  std::string garbage(50'000, '\0');
  for (char& byte : garbage) byte = static_cast<char>(random());
  WriteAll(options_.path, garbage);
  ExpectDamaged({});
}

TEST_F(ReplicaFileOpenTest, ChangedValueIsDamageOfACopyWhosePositionIsKnown) {
  Fill(10);
  std::string bytes = ReadAll(options_.path);
  // In all versions of the record, some of which are in free pages, and not in the log.
  const std::string value(70, 'v');
  for (size_t at = bytes.find(value); at != std::string::npos; at = bytes.find(value, at + 1)) {
    bytes[at] = 'w';
  }
  WriteAll(options_.path, bytes);
  ExpectDamaged(At(1, 10));
}

// Each time it is either as it was, since nothing that counts was hit, or said to be damaged.
TEST_F(ReplicaFileOpenTest, FlippedBitsAreFoundOrDoNotMatter) {
  Fill(200);
  const std::string bytes = ReadAll(options_.path);
  std::mt19937_64 random(1);
  int damaged = 0, sound = 0;
  for (int i = 0; i < 150 && !HasFailure(); ++i) {
    std::string changed = bytes;
    changed[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
    WriteAll(options_.path, changed);
    const ReplicaFile::Opened opened = MustOpen(options_);
    ASSERT_NE(opened.file, nullptr);
    if (opened.copy.problem.empty()) {
      ++sound;
      ExpectEqual(*opened.file, model_, 1000);
      EXPECT_EQ(Describe(opened.copy.log), Describe(model_.log()));
      EXPECT_EQ(opened.copy.digests, model_.digests());
    } else {
      ++damaged;
      EXPECT_EQ(opened.file->GetStatistics()->records, 0u);
    }
    // LMDB's beginning of the file is as it must be.
    EXPECT_EQ(static_cast<int>(directory_.Aside().size()), damaged);
  }
  EXPECT_GT(damaged, 20);
  EXPECT_GT(sound, 20);
}

// What the child of the next test does, step by step: the same to any storage.
template <typename Apply>
void DoStep(uint64_t n, ModelStorage& model, const Apply& apply) {
  const std::string key = absl::StrCat("key", n % 40);
  if (n % 7 != 0) {
    auto [store, after] = AppendTo(model, {EntryAt(At(1, n), {{key, std::string(n % 900, 'v')}})});
    apply(store);
    model = std::move(after);
    return;
  }
  const StageStore stage{true, n % 14 == 0, {{key, At(1, n), std::string(5000, 's')}}, {"key1"}};
  AdoptStore adopt{LogIndex(At(1, n - 1), {{At(1, n), {n, 1}, 0}}), {}};
  ModelStorage after = model;
  after.Apply({StoreTicket(1), stage});
  after.Apply({StoreTicket(2), adopt});
  adopt.digests = after.digests();
  apply({StoreTicket(1), stage, /*needs_sync=*/false});
  apply({StoreTicket(2), adopt});
  model = std::move(after);
}

class KilledProcessTest : public ReplicaFileOpenTest {
 protected:
  // Goes on from where the copy is, until it is killed.
  [[noreturn]] void RunChild() {
    ReplicaFile::Opened opened = *ReplicaFile::Open(options_);
    ModelStorage model = model_;
    for (uint64_t n = model.position().sequence + 1;; ++n) {
      DoStep(n, model, [&](const Store& store) {
        if (!opened.file->Apply(store).ok()) ::_exit(1);
      });
      done_.store(n);
    }
  }
  std::atomic<uint64_t>& done_ =
      *new (::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))
          std::atomic<uint64_t>(0);
};

TEST_F(KilledProcessTest, CopyIsAtOnePositionAndWhatWasReportedIsThere) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 40 && !HasFailure(); ++round) {
    const uint64_t begin = model_.position().sequence;
    done_ = begin;
    const pid_t child = ::fork();
    if (child == 0) RunChild();
    const uint64_t wanted = begin + 1 + random() % 15;
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    while (done_ < wanted && absl::Now() < deadline) ::usleep(50);
    ::usleep(static_cast<useconds_t>(random() % 2000));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;
    const uint64_t reported = done_;
    ASSERT_GE(reported, wanted);

    const ReplicaFile::Opened opened = MustOpen(options_);
    ASSERT_NE(opened.file, nullptr);
    EXPECT_EQ(opened.copy.problem, "");
    const uint64_t end = opened.copy.log.end().sequence;
    EXPECT_GE(end, reported);
    EXPECT_LE(end, reported + 1);
    for (uint64_t n = begin + 1; n <= end; ++n) DoStep(n, model_, [](const Store&) {});
    ExpectEqual(*opened.file, model_, 1000);
    EXPECT_EQ(Describe(opened.copy.log), Describe(model_.log()));
    EXPECT_EQ(opened.copy.digests, model_.digests());
  }
}

}  // namespace
}  // namespace ctdb::replica
