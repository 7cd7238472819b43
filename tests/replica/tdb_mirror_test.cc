// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/tdb/tdb_mirror.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "tests/store/smbd_part.h"
#include "tests/store/store_test_support.h"
#include "tests/store/tdb_store_support.h"

namespace ctdb::replica {
namespace {

constexpr NodeNumber kLocal(3);
constexpr int kChains = 131;

class TdbMirrorTest : public testing::Test {
 protected:
  std::shared_ptr<TdbMirror> Open(bool is_new = false) {
    auto mirror = TdbMirror::Open({path_, kLocal, is_new}, kChains);
    EXPECT_TRUE(mirror.ok()) << mirror.status();
    return mirror.ok() ? *std::move(mirror) : nullptr;
  }
  static void Write(TdbMirror& mirror, const std::string& key, const std::string& value,
                    uint64_t sequence) {
    ASSERT_TRUE(mirror.Begin().ok());
    EXPECT_TRUE(mirror.Put(key, value, sequence).ok());
    EXPECT_TRUE(mirror.PrepareCommit().ok());
    EXPECT_TRUE(mirror.Commit().ok());
  }
  // Of this process, whose mirror must be closed.
  std::optional<std::string> Read(const std::string& key) {
    return store::SmbdPart(path_, store::kTdbPersistentFlags, 0).Stored(key);
  }
  int Aside() const {
    int count = 0;
    for (const auto& file : std::filesystem::directory_iterator(directory_.path())) {
      count += file.path().string().find(".aside.") != std::string::npos ? 1 : 0;
    }
    return count;
  }

  const store::TestDirectory directory_;
  const std::string path_ = directory_.path() + "/registry.tdb.3";
};

// Section 9.4: no O_CREAT, no NOSYNC, reads only.
TEST_F(TdbMirrorTest, SambaReadsWhatIsCommittedWithAHeaderThatGrows_REC14_TXN3) {
  const auto reads = [](const char* wanted) {
    return [wanted](store::SmbdPart& file) {
      const auto stored = file.Stored("key");
      return stored.has_value() && stored->substr(store::SmbdPart::kHeaderBytes) == wanted;
    };
  };
  store::SmbdProcess smbd(path_, {reads("1"), reads("2"), reads("2")}, store::kTdbPersistentFlags);
  const auto mirror = Open();
  Write(*mirror, "key", "1", 7);
  EXPECT_TRUE(smbd.Do());
  Write(*mirror, "key", "2", 9);
  EXPECT_TRUE(smbd.Do()) << "TXN-10";
  ASSERT_TRUE(mirror->Begin().ok());
  EXPECT_TRUE(mirror->Put("key", "3", 10).ok());
  mirror->Cancel();
  EXPECT_TRUE(smbd.Do());
  EXPECT_EQ(mirror->open_flags(), 0x400u);
  mirror->EnableSequence();
  EXPECT_EQ(mirror->open_flags(), 0x480u);
}

TEST_F(TdbMirrorTest, TheHeaderIsTheNumberAndTheNode_REC4) {
  Write(*Open(), "key", "1", 7);
  std::string wanted(24, '\0');
  wanted[0] = 7;
  wanted[8] = 3;
  EXPECT_EQ(Read("key"), wanted + "1");
}

TEST_F(TdbMirrorTest, EachCommitIsCountedOnceThatIsOn_SEQ2) {
  uint32_t* const seen = &store::SharedWithChildren<uint32_t>();
  const auto look = [seen](store::SmbdPart& file) {
    return std::exchange(*seen, file.Sequence()) != *seen;
  };
  store::SmbdProcess smbd(path_, {look, look, look},
                          store::kTdbPersistentFlags | store::kTdbSequenceFlag);
  const auto mirror = Open();
  Write(*mirror, "key", "1", 7);
  EXPECT_FALSE(smbd.Do());
  mirror->EnableSequence();
  Write(*mirror, "key", "2", 8);
  EXPECT_TRUE(smbd.Do());
  EXPECT_FALSE(smbd.Do());
}

TEST_F(TdbMirrorTest, OnlyWhatIsKeptStays) {
  {
    const auto mirror = Open();
    for (int i = 0; i < 300; ++i) Write(*mirror, absl::StrCat("k", i), "v", 1);
    ASSERT_TRUE(mirror->Begin().ok());
    EXPECT_TRUE(mirror->Keep([](absl::string_view key) { return key == "k17"; }).ok());
    EXPECT_TRUE(mirror->PrepareCommit().ok());
    EXPECT_TRUE(mirror->Commit().ok());
  }
  EXPECT_TRUE(Read("k17").has_value());
  EXPECT_FALSE(Read("k18").has_value());
}

// RCV-1: smbd may have it open while the node's daemon is started again.
TEST_F(TdbMirrorTest, TheFileStaysTheSameOneWhenItIsOpenedAgain_RCV1) {
  struct stat before = {}, after = {};
  Write(*Open(/*is_new=*/true), "key", "1", 7);
  ASSERT_EQ(::stat(path_.c_str(), &before), 0);
  EXPECT_NE(Open(), nullptr);
  ASSERT_EQ(::stat(path_.c_str(), &after), 0);
  EXPECT_EQ(before.st_ino, after.st_ino);
  EXPECT_EQ(Aside(), 0);
}

// Somebody comes from CTDB, whose files have these names.
TEST_F(TdbMirrorTest, WhatLiesThereBeforeThereIsACopyIsMovedAsideAndNotLost) {
  Write(*Open(), "key", "precious", 7);
  EXPECT_NE(Open(/*is_new=*/true), nullptr);
  EXPECT_EQ(Read("key"), std::nullopt);
  EXPECT_EQ(Aside(), 1);
}

TEST_F(TdbMirrorTest, WhatIsNoTdbFileIsMovedAside) {
  ASSERT_TRUE(WriteFileAtomically(path_, std::string(5000, 'x')).ok());
  Write(*Open(), "key", "1", 7);
  EXPECT_EQ(Aside(), 1);
}

}  // namespace
}  // namespace ctdb::replica
