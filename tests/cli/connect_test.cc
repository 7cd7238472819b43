// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/io/connect.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace ctdb::cli {
namespace {

TEST(ConnectTest, WithoutADaemonTheLinesAreThoseThatScriptsKnow) {
  const std::string path = absl::StrCat("/tmp/no-ctdb.", ::getpid());
  const auto connection = ConnectToDaemon({.socket_path = path, .timeout = absl::Seconds(2)});
  EXPECT_EQ(connection.status().message(),
            absl::StrCat("connect() failed, errno=", ENOENT, "\nFailed to connect to CTDB daemon (",
                         path, ")"));
}

TEST(ConnectTest, ATooLongPathIsAnErrorLikeAnyOther) {
  const std::string path = "/" + std::string(200, 'x');
  const auto connection = ConnectToDaemon({.socket_path = path, .timeout = absl::Seconds(2)});
  EXPECT_EQ(connection.status().message(),
            absl::StrCat("connect() failed, errno=", ENAMETOOLONG,
                         "\nFailed to connect to CTDB daemon (", path, ")"));
}

}  // namespace
}  // namespace ctdb::cli
