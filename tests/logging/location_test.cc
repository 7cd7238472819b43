// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/location.h"

#include <gtest/gtest.h>

namespace ctdb::logging {
namespace {

TEST(LocationTest, EveryFormIsUnderstood) {
  const struct {
    absl::string_view text;
    Location location;
  } rows[] = {
      {"syslog", {Destination::kSyslog, ""}},
      {"syslog:nonblocking", {Destination::kSyslogNonblocking, ""}},
      {"syslog:udp", {Destination::kSyslogUdp, ""}},
      {"syslog:udp-rfc5424", {Destination::kSyslogUdpRfc5424, ""}},
      {"journald", {Destination::kJournald, ""}},
      {"file:", {Destination::kStderr, ""}},
      {"file:-", {Destination::kStderr, ""}},
      {"file:/var/log/ctdb/log.ctdb", {Destination::kFile, "/var/log/ctdb/log.ctdb"}},
      {"file:relative", {Destination::kFile, "relative"}},
      {"json:", {Destination::kJsonStderr, ""}},
      {"json:-", {Destination::kJsonStderr, ""}},
      {"json:/x", {Destination::kJsonFile, "/x"}},
  };
  for (const auto& row : rows) {
    const auto location = ParseLocation(row.text);
    ASSERT_TRUE(location.ok()) << location.status();
    EXPECT_EQ(*location, row.location) << row.text;
    EXPECT_EQ(*ParseLocation(LocationText(*location)), row.location) << row.text;
  }
  EXPECT_EQ(LocationText({Destination::kStderr, ""}), "file:");
}

TEST(LocationTest, ErrorsNameTheValidFormsAndTheNearestOne) {
  const absl::Status status = ParseLocation("syslog:nonblock").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_EQ(status.message(),
            "invalid log location \"syslog:nonblock\"; valid are: syslog | syslog:nonblocking | "
            "syslog:udp | syslog:udp-rfc5424 | journald | file:PATH | json:PATH | file: or json: "
            "(standard error); did you mean \"syslog:nonblocking\"?");
}

TEST(LocationTest, AnythingElseIsRefused) {
  for (absl::string_view text :
       {"", "SYSLOG", "syslog:", "syslog:tcp", "file", "/var/log/x", "journald:", " syslog"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseLocation(text).status())) << text;
  }
  EXPECT_FALSE(ParseLocation(absl::string_view("file:/a\0b", 9)).ok());
}

TEST(LocationTest, HostNameIsTheNodesOwnExceptInTestMode) {
  EXPECT_EQ(LogHostName("nas1", false, "/tmp/cluster/node.2"), "nas1");
  EXPECT_EQ(LogHostName("nas1", true, "/tmp/cluster/node.2"), "node.2");
  EXPECT_EQ(LogHostName("nas1", true, "/tmp/cluster/node.2//"), "node.2");
  EXPECT_EQ(LogHostName("nas1", true, "node.2"), "node.2");
  EXPECT_EQ(LogHostName("nas1", true, "/"), "nas1");
  EXPECT_EQ(LogHostName("nas1", true, ""), "nas1");
}

}  // namespace
}  // namespace ctdb::logging
