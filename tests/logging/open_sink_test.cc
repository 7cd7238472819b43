// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/io/open_sink.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "tests/logging/testing.h"

namespace ctdb::logging {
namespace {

SinkOptions TestSinkOptions() {
  SinkOptions options;
  options.presentation = {"nas1", TestZone()};
  return options;
}

void Write(absl::string_view location, const SinkOptions& options) {
  auto sink = OpenSink(*ParseLocation(location), options);
  ASSERT_TRUE(sink.ok()) << sink.status();
  const absl::Status status =
      (*sink)->Write(TestEvent(LogLevel::kNotice, "text", "name", {{"key", 1}}));
  ASSERT_TRUE(status.ok()) << status;
}

TEST(OpenSinkTest, FilesGetLinesOrJson) {
  const std::string path = TestPath("log");
  Write("file:" + path, TestSinkOptions());
  EXPECT_EQ(*ReadFile(path, 1000), "2031-05-04T10:11:12.000345+02:00 nas1 ctdbd[812]: text\n");
  Write("json:" + path + ".json", TestSinkOptions());
  EXPECT_TRUE(absl::EndsWith(*ReadFile(path + ".json", 1000), "\"fields\":{\"key\":1}}\n"));
}

TEST(OpenSinkTest, RelativePathStaysWhereItWasWhenTheDirectoryChanges) {
  ASSERT_EQ(::chdir(TestPath("").c_str()), 0);
  auto sink = OpenSink(*ParseLocation("file:relative"), TestSinkOptions());
  ASSERT_TRUE(sink.ok()) << sink.status();
  ASSERT_EQ(::chdir("/"), 0);
  ASSERT_TRUE((*sink)->Reopen().ok());
  ASSERT_TRUE((*sink)->Write(TestEvent(LogLevel::kNotice, "text")).ok());
  EXPECT_FALSE(ReadFile(TestPath("relative"), 1000)->empty());
}

TEST(OpenSinkTest, MissingDirectoryIsAnErrorAtStart) {
  EXPECT_TRUE(absl::IsNotFound(
      OpenSink(*ParseLocation("file:" + TestPath("missing/log")), TestSinkOptions()).status()));
}

TEST(OpenSinkTest, LocalSocketsGetTheirForms) {
  SinkOptions options = TestSinkOptions();
  options.syslog_socket = TestSocketPath("syslog");
  options.journal_socket = TestSocketPath("journal");
  Receiver syslog = Receiver::Unix(options.syslog_socket);
  Receiver journal = Receiver::Unix(options.journal_socket);
  Write("syslog:nonblocking", options);
  Write("journald", options);
  EXPECT_EQ(syslog.Receive(), "<29>ctdbd[812]: text");
  EXPECT_TRUE(absl::StartsWith(journal.Receive(), "MESSAGE=text\n"));
}

TEST(OpenSinkTest, UdpGetsBothForms) {
  Receiver receiver = Receiver::Udp();
  SinkOptions options = TestSinkOptions();
  options.udp_port = receiver.port();
  Write("syslog:udp", options);
  EXPECT_EQ(receiver.Receive(), "<29>ctdbd[812]: text");
  Write("syslog:udp-rfc5424", options);
  EXPECT_EQ(receiver.Receive(),
            "<29>1 2031-05-04T10:11:12.000345+02:00 nas1 ctdbd 812 name "
            "[ctdb@32473 key=\"1\"] text");
}

TEST(OpenSinkTest, StderrSyslogAndAnAbsentDaemonAreNoErrors) {
  SinkOptions options = TestSinkOptions();
  options.syslog_socket = TestSocketPath("absent");
  for (absl::string_view text : {"file:", "json:", "syslog", "syslog:nonblocking"}) {
    EXPECT_TRUE(OpenSink(*ParseLocation(text), options).ok()) << text;
  }
}

TEST(OpenSinkTest, StandardDestinationsAreTheSystemsOwn) {
  const SinkOptions options;
  EXPECT_EQ(options.syslog_socket, "/dev/log");
  EXPECT_EQ(options.journal_socket, "/run/systemd/journal/socket");
  EXPECT_EQ(options.udp_address, "127.0.0.1");
  EXPECT_EQ(options.udp_port, 514);
}

}  // namespace
}  // namespace ctdb::logging
