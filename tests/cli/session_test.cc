// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/session.h"

#include <gtest/gtest.h>

#include "tests/cli/fake_cluster.h"

namespace ctdb::cli {
namespace {

TEST(SessionTest, OpensOnceAndAgainAfterClose) {
  FakeCluster cluster;
  int opened = 0;
  Session session(
      [&](const Connection::Options& options) {
        ++opened;
        return cluster.connector()(options);
      },
      {.socket_path = "/s"});
  EXPECT_FALSE(session.is_open());
  ASSERT_TRUE(session.Open().ok());
  EXPECT_EQ(*session.Open(), *session.Open());
  EXPECT_EQ(opened, 1);
  session.Close();
  EXPECT_FALSE(session.is_open());
  ASSERT_TRUE(session.Open().ok());
  EXPECT_EQ(opened, 2);
}

TEST(SessionTest, RemembersThatThereIsNoDaemonUntilThereIsOne) {
  FakeCluster cluster;
  Session session(cluster.connector(), {.socket_path = "/s"});
  EXPECT_FALSE(session.daemon_absent());
  cluster.absent = true;
  EXPECT_FALSE(session.Open().ok());
  EXPECT_TRUE(session.daemon_absent());
  cluster.absent = false;
  EXPECT_TRUE(session.Open().ok());
  EXPECT_FALSE(session.daemon_absent());
}

TEST(SessionTest, AFailedCallTellsWhatWasTried) {
  FakeCluster cluster;
  Session session(cluster.connector(), {.socket_path = "/s"});
  ASSERT_TRUE(session.Open().ok());
  // The daemons of the test do not know how to reload.
  const auto reply = session.Call(session.master(NodeNumber(0)).reloadRequest(), "reload node 0");
  EXPECT_TRUE(absl::IsUnimplemented(reply.status())) << reply.status();
  EXPECT_EQ(reply.status().message().substr(0, 22), "cannot reload node 0: ");
}

TEST(SessionTest, ElsewhereIsAnotherSocket) {
  std::string socket;
  Session session(
      [&](const Connection::Options& options) -> absl::StatusOr<std::unique_ptr<Connection>> {
        socket = options.socket_path;
        return absl::UnavailableError("");
      },
      {.socket_path = "/here"});
  Session other = session.Elsewhere("/there");
  EXPECT_FALSE(other.Open().ok());
  EXPECT_EQ(socket, "/there");
}

}  // namespace
}  // namespace ctdb::cli
