// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/guardian/io/execution.h"

#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/match.h"
#include "lib/base/io/boot_time.h"
#include "tests/store/tdb_store_support.h"
#include "tests/transport/transport_fixture.h"

namespace ctdb::guardian {
namespace {

using store::MustOpen;

// Node 3 of two has ended; node 0 lives.
class ExecutionTest : public test::TransportFixture {
 protected:
  ExecutionTest() {
    MakeNodes(4);
    will_ = {.node = NodeNumber(3),
             .address = nodes_[3].address,
             .port = port_,
             .parting_token = 7,
             .volatile_directory = directory_.path(),
             .peers = {{NodeNumber(0), nodes_[0].address}}};
  }
  std::unique_ptr<store::NativeStore> MakeDatabase() {
    store::StoreOptions options = directory_.Options();
    options.name = "counters.tdb.3";
    auto database = MustOpen(options);
    database->SetServeUntil(BootTimeNanoseconds() + int64_t{3600} * 1'000'000'000);
    return database;
  }

  store::TestDirectory directory_;
  Will will_;
};

TEST_F(ExecutionTest, ClientsAreStoppedAndTheOthersTold) {
  Start(0);
  const auto database = MakeDatabase();
  const Report report = Execute(will_);
  EXPECT_EQ(report.clients, absl::OkStatus());
  EXPECT_FALSE(database->HasLease());
  EXPECT_EQ(report.told, std::vector<NodeNumber>{NodeNumber(0)});
  EXPECT_TRUE(absl::StrContains(Describe(report), "node 0 was told")) << Describe(report);
}

TEST_F(ExecutionTest, WhenAClientCannotBeStoppedNobodyIsTold) {
  Start(0);
  const auto database = MakeDatabase();
  auto record = database->Lock("key", {.wait = absl::Seconds(1)});
  ASSERT_TRUE(record.ok());
  const Report report = Execute(will_);
  EXPECT_TRUE(absl::IsDeadlineExceeded(report.clients)) << report.clients;
  EXPECT_FALSE(database->HasLease());
  EXPECT_TRUE(report.told.empty());
  EXPECT_TRUE(absl::StrContains(Describe(report), "holds a record")) << Describe(report);
}

TEST_F(ExecutionTest, WhenSmbdHoldsARecordNobodyIsTold) {
  store::TdbStore::Options options = store::TdbOptions(directory_);
  store::SmbdProcess smbd(options.path,
                          {[](store::SmbdPart& file) { return file.TryLock("key"); }});
  std::atomic<bool>& is_made = store::SharedWithChildren<std::atomic<bool>>();
  const pid_t service = store::Fork([&] {
    const auto file = store::MustOpenTdb(options);
    store::Serve(*file);
    is_made = true;
    ::pause();
  });
  ASSERT_TRUE(store::WaitUntil([&] { return is_made.load(); }));
  ASSERT_TRUE(smbd.Do());
  ::kill(service, SIGKILL);
  store::WaitForEnd(service);
  Start(0);  // Not before: its threads are none of the processes made above.
  const Report report = Execute(will_);
  EXPECT_TRUE(absl::IsDeadlineExceeded(report.clients)) << report.clients;
  EXPECT_TRUE(report.told.empty());
}

TEST_F(ExecutionTest, WithNobodyToTellTheClientsAreStoppedAllTheSame) {
  const auto database = MakeDatabase();
  const Report report = Execute(will_);
  EXPECT_EQ(report.clients, absl::OkStatus());
  EXPECT_FALSE(database->HasLease());
  EXPECT_TRUE(absl::StrContains(Describe(report), "no other node was told")) << Describe(report);
}

}  // namespace
}  // namespace ctdb::guardian
