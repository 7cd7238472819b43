// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/config/paths.h"

#include <gtest/gtest.h>

namespace ctdb::config {
namespace {

Environment TestMode() {
  Environment environment;
  environment.test_mode = true;
  environment.ctdb_base = "/t/node.0";
  return environment;
}

TEST(PathsTest, DefaultsAreThePackagedPlaces) {
  const Paths paths;
  EXPECT_EQ(paths.etcdir(), "/etc/ctdb");
  EXPECT_EQ(paths.datadir(), "/usr/share/ctdb");
  EXPECT_EQ(*paths.HelperDir(), "/usr/libexec/ctdb");
  EXPECT_EQ(paths.lockdir(), "/run/ctdb");
  EXPECT_EQ(paths.piddir(), "/run/ctdb");
  EXPECT_EQ(paths.socketdir(), "/run/ctdb");
  EXPECT_EQ(paths.vardir(), "/var/lib/ctdb");
  EXPECT_EQ(paths.logdir(), "/var/log/ctdb");
  EXPECT_EQ(paths.script_state_dir(), "/var/lib/ctdb/scripts");
  EXPECT_EQ(paths.ConfigFile(), "/etc/ctdb/ctdb.conf");
  EXPECT_EQ(paths.NodesFile(), "/etc/ctdb/nodes");
  EXPECT_EQ(paths.PublicAddressesFile(), "/etc/ctdb/public_addresses");
  EXPECT_EQ(paths.TunablesFile(), "/etc/ctdb/ctdb.tunables");
  EXPECT_EQ(paths.TunablesDirectory(), "/etc/ctdb/tunables.d");
  EXPECT_EQ(paths.PidFile("eventd"), "/run/ctdb/eventd.pid");
  EXPECT_EQ(paths.Socket("ctdbd"), "/run/ctdb/ctdbd.socket");
  EXPECT_EQ(paths.TransportSocket(), "/run/ctdb/transport.socket");
}

TEST(PathsTest, OutsideTestModeNoVariableCounts) {
  Environment environment = TestMode();
  environment.test_mode = false;
  environment.ctdb_socket = "/tmp/a";
  environment.transport_socket = "/tmp/b";
  environment.helper_bindir = "/tmp/c";
  environment.script_vardir = "/tmp/d";
  const Paths paths = *Paths::Make(environment);
  EXPECT_EQ(paths.etcdir(), "/etc/ctdb");
  EXPECT_EQ(paths.Socket("ctdbd"), "/run/ctdb/ctdbd.socket");
  EXPECT_EQ(paths.TransportSocket(), "/run/ctdb/transport.socket");
  EXPECT_EQ(*paths.HelperDir(), "/usr/libexec/ctdb");
  EXPECT_EQ(paths.script_state_dir(), "/var/lib/ctdb/scripts");
}

TEST(PathsTest, TestModeMovesEverythingButLogsBelowOneDirectory) {
  const Paths paths = *Paths::Make(TestMode());
  EXPECT_EQ(paths.etcdir(), "/t/node.0");
  EXPECT_EQ(paths.datadir(), "/t/node.0/share");
  EXPECT_EQ(paths.lockdir(), "/t/node.0/run");
  EXPECT_EQ(paths.vardir(), "/t/node.0/var");
  EXPECT_EQ(paths.script_state_dir(), "/t/node.0/var/scripts");
  EXPECT_EQ(paths.logdir(), "/var/log/ctdb");
  EXPECT_EQ(paths.Socket("ctdbd"), "/t/node.0/run/ctdbd.socket");
  EXPECT_EQ(paths.TransportSocket(), "/t/node.0/run/transport.socket");
}

TEST(PathsTest, TestModeWithoutBaseIsRefused) {
  Environment environment = TestMode();
  environment.ctdb_base.clear();
  EXPECT_TRUE(absl::IsInvalidArgument(Paths::Make(environment).status()));
}

TEST(PathsTest, TestModeWithoutHelperDirectoryFailsOnlyWhenHelpersAreNeeded) {
  Environment environment = TestMode();
  EXPECT_TRUE(absl::IsFailedPrecondition(Paths::Make(environment)->HelperDir().status()));
  environment.helper_bindir = "/t/bin";
  EXPECT_EQ(*Paths::Make(environment)->HelperDir(), "/t/bin");
}

TEST(PathsTest, SocketVariablesReplaceOneSocketEachInTestMode) {
  Environment environment = TestMode();
  environment.ctdb_socket = "/tmp/a";
  environment.transport_socket = "/tmp/b";
  environment.script_vardir = "/tmp/d";
  const Paths paths = *Paths::Make(environment);
  EXPECT_EQ(paths.Socket("ctdbd"), "/tmp/a");
  EXPECT_EQ(paths.Socket("eventd"), "/t/node.0/run/eventd.socket");
  EXPECT_EQ(paths.TransportSocket(), "/tmp/b");
  EXPECT_EQ(paths.script_state_dir(), "/tmp/d");
}

}  // namespace
}  // namespace ctdb::config
