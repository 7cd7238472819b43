// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What is particular to the C++ interface; ctdbapi_test.cc has the rest, and
// tests/integration/database several clients of several nodes.

#include "lib/client/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "lib/client/client.h"
#include "tests/testing/local_node.h"

namespace ctdb::test {
namespace {

using testing::HasSubstr;

class ClientDatabaseTest : public testing::Test {
 protected:
  void StartNode() {
    nodes_.emplace(1, LocalNodes::Options());
    daemon_ = nodes_->StartReady(0);
    client_ = *Client::Open({.socket_path = nodes_->socket(0)});
    database_ = *client_->Attach("test", kPatience);
  }

  std::optional<LocalNodes> nodes_;
  pid_t daemon_ = 0;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Database> database_;
};

TEST_F(ClientDatabaseTest, TheKeyOfALockedRecordMayBeATemporaryOne) {
  StartNode();
  std::string key = "key";
  auto record = database_->Lock(key);
  ASSERT_TRUE(record.ok()) << record.status();
  key = "yek";
  ASSERT_EQ(record->Store("value"), absl::OkStatus());
  record->Unlock();
  EXPECT_EQ(database_->Read("key").value_or(""), "value");
}

TEST_F(ClientDatabaseTest, AnUnlockedRecordRefusesToStore) {
  StartNode();
  auto record = database_->Lock("key");
  ASSERT_TRUE(record.ok()) << record.status();
  record->Unlock();
  record->Unlock();
  EXPECT_TRUE(absl::IsFailedPrecondition(record->Store("x")));
  auto again = database_->Lock("key");
  ASSERT_TRUE(again.ok()) << again.status();
  const Record moved = *std::move(again);
  EXPECT_FALSE(moved.exists());
}

// Others may have promoted their copies meanwhile.
TEST_F(ClientDatabaseTest, WhoHoldsARecordLongerThanTheLeaseIsToldThatItIsLost) {
  StartNode();
  auto record = database_->Lock("key");
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->Store("in time"), absl::OkStatus());
  ::kill(daemon_, SIGKILL);
  nodes_->Wait(daemon_);
  absl::Status status;
  std::string last;
  nodes_->Await([&] {
    last = std::string(record->value());
    status = record->Store(last + ".");
    return !status.ok();
  });
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(record->value(), last) << "an error of Store() changes nothing";
  record->Unlock();
  status = database_->Lock("key", absl::Milliseconds(50)).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(absl::IsUnavailable(
      database_->VisitLocal([](auto, auto) { return true; }, absl::Milliseconds(50))));
}

TEST_F(ClientDatabaseTest, ALockThatIsHeldNamesKeyTimeAndHolder) {
  StartNode();
  auto record = database_->Lock("the\nkey");
  ASSERT_TRUE(record.ok()) << record.status();
  int status = -1;
  const pid_t child = ::fork();
  if (child == 0) {
    auto client = Client::Open({.socket_path = nodes_->socket(0)});
    auto database = (*client)->Attach("test");
    const std::string text(
        (*database)->Lock("the\nkey", absl::Milliseconds(120)).status().message());
    EXPECT_EQ(text, absl::StrCat("cannot lock key \"the\\nkey\" of database \"test\" within 120ms: "
                                 "held by process ",
                                 ::getppid()));
    ::_exit(testing::Test::HasFailure() ? 1 : 0);
  }
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace ctdb::test
