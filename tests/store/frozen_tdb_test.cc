// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/store/tdb/frozen_tdb.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/store/tdb/tdb_user.h"
#include "tests/store/tdb_store_support.h"

namespace ctdb::store {
namespace {

constexpr char kOwn[] = "own";
constexpr char kOther[] = "other";

// The database service of node 3 has ended; smbd has its file open still.
class FrozenTdbTest : public testing::Test {
 protected:
  // The service makes the file in a process of its own, and ends. `smbd` is made before.
  void EndService(SmbdProcess& smbd) {
    SharedFlags& flags = SharedWithChildren<SharedFlags>();
    const pid_t service = Fork([&] {
      const auto store = MustOpenTdb(options_);
      Serve(*store);
      EXPECT_TRUE(PutTdb(*store, kOwn, HeaderOf(kTestNode, 5), "mine").ok());
      EXPECT_TRUE(PutTdb(*store, kOther, HeaderOf(NodeNumber(7), 5), "theirs").ok());
      flags.is_made = true;
      ::pause();
    });
    ASSERT_TRUE(WaitUntil([&] { return flags.is_made.load(); }));
    ASSERT_TRUE(smbd.Do());  // Opens it.
    ::kill(service, SIGKILL);
    WaitForEnd(service);
  }
  absl::StatusOr<std::unique_ptr<FrozenTdb>> Freeze(absl::Duration limit) {
    return FrozenTdb::Freeze(options_.path, absl::Now() + limit);
  }

  struct SharedFlags {
    std::atomic<bool> is_made = false;
  };
  TestDirectory directory_;
  const TdbStore::Options options_ = TdbOptions(directory_);
};

bool Nothing(SmbdPart&) { return true; }
bool OwnIsUsable(SmbdPart& file) {
  file.Lock(kOwn);
  const bool is_usable = file.IsUsable(file.Stored(kOwn));
  file.Unlock(kOwn);
  return is_usable;
}

TEST_F(FrozenTdbTest, AFileThatNobodyHasOpenIsLeftAlone) {
  const auto nowhere = Freeze(absl::ZeroDuration());
  ASSERT_TRUE(nowhere.ok()) << nowhere.status();
  EXPECT_EQ(*nowhere, nullptr);
}

TEST_F(FrozenTdbTest, SmbdWaitsAndThenHasToAskForWhatWasItsNodes) {
  SmbdProcess smbd(options_.path, {Nothing, OwnIsUsable, OwnIsUsable});
  EndService(smbd);
  EXPECT_TRUE(smbd.Do()) << "nothing keeps it from that yet";
  EXPECT_EQ(*UserOfTdb(options_.path), smbd.pid());
  auto frozen = Freeze(absl::Seconds(10));
  ASSERT_TRUE(frozen.ok()) << frozen.status();
  ASSERT_NE(*frozen, nullptr);
  smbd.Begin();
  EXPECT_EQ((*frozen)->Disown(kTestNode), absl::OkStatus());
  EXPECT_FALSE(smbd.IsDone());
  frozen->reset();
  EXPECT_FALSE(smbd.End());
}

TEST_F(FrozenTdbTest, RecordsOfOthersStayTheirs) {
  SmbdProcess smbd(options_.path, {Nothing, [](SmbdPart& file) {
                                     const std::optional<std::string> stored = file.Stored(kOther);
                                     return stored.has_value() &&
                                            DecodeTdbHeader(*stored)->owner == NodeNumber(7) &&
                                            stored->substr(kTdbHeaderBytes) == "theirs";
                                   }});
  EndService(smbd);
  {
    const auto frozen = Freeze(absl::Seconds(10));
    ASSERT_TRUE(frozen.ok()) << frozen.status();
    EXPECT_EQ((*frozen)->Disown(kTestNode), absl::OkStatus());
  }
  EXPECT_TRUE(smbd.Do());
}

TEST_F(FrozenTdbTest, WhoeverHoldsARecordForTooLongIsNamed) {
  SmbdProcess smbd(options_.path, {Nothing, [](SmbdPart& file) { return file.TryLock(kOwn); }});
  EndService(smbd);
  ASSERT_TRUE(smbd.Do());
  const auto frozen = Freeze(absl::Milliseconds(20));
  EXPECT_TRUE(absl::IsDeadlineExceeded(frozen.status())) << frozen.status();
  EXPECT_TRUE(absl::StrContains(frozen.status().message(), absl::StrCat(smbd.pid())))
      << frozen.status();
}

}  // namespace
}  // namespace ctdb::store
