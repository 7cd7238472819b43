// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What rsyslog, the syslog daemon of Debian, makes of our records, and what a stopped one does to
// us.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/io/file.h"
#include "lib/logging/io/open_sink.h"
#include "lib/logging/location.h"
#include "lib/logging/logger.h"
#include "tests/logging/testing.h"

namespace ctdb::logging {
namespace {

using testing::IsSupersetOf;

// An rsyslogd of our own: its socket, port, files and pid file are those of one test.
class RsyslogTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = TestPath(testing::UnitTest::GetInstance()->current_test_info()->name());
    ASSERT_TRUE(MakeDirectories(directory_).ok());
    // The current directory: TEST_TMPDIR is longer than the paths of sockets may be.
    ASSERT_EQ(::chdir(directory_.c_str()), 0);
    options_.presentation = {"nas1", TestZone()};
    options_.syslog_socket = "socket";
    options_.udp_port = Receiver::Udp().port();
    Start();
  }

  void TearDown() override {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGCONT);
    ::kill(pid_, SIGTERM);
    int status = 0;
    EXPECT_TRUE(Eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }));
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status << Read("errors");
    EXPECT_NE(::access("pid", F_OK), 0);
  }

  void Start() {
    const std::string config = absl::StrCat(
        "global(workDirectory=\"", directory_, "\")\n",
        "module(load=\"imuxsock\" SysSock.Use=\"off\")\n", "module(load=\"imudp\")\n",
        "template(name=\"parsed\" type=\"string\" string=\"%syslogfacility-text%|"
        "%syslogseverity-text%|%programname%|%procid%|%msgid%|%structured-data%|%msg%\\n\")\n",
        "input(type=\"imuxsock\" Socket=\"socket\" RateLimit.Interval=\"0\")\n",
        "input(type=\"imudp\" address=\"127.0.0.1\" port=\"", options_.udp_port, "\")\n",
        "action(type=\"omfile\" file=\"", directory_, "/records\" template=\"parsed\")\n");
    ASSERT_TRUE(WriteFileAtomically("rsyslog.conf", config).ok());
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    ASSERT_GE(pid_, 0);
    if (pid_ > 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(1);
    const int errors = ::open("errors", O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(errors, STDOUT_FILENO);
    ::dup2(errors, STDERR_FILENO);
    const std::string config_path = directory_ + "/rsyslog.conf", pid_path = directory_ + "/pid";
    // -n: in the foreground. -C: stay in this directory.
    ::execl("/usr/sbin/rsyslogd", "rsyslogd", "-n", "-C", "-f", config_path.c_str(), "-i",
            pid_path.c_str(), nullptr);
    ::_exit(127);
  }

  Logger MakeLogger(absl::string_view location, size_t events_max = 8192) {
    Logger::Options options = TestOptions();
    options.level = LogLevel::kDebug;
    options.writer.limits.events_max = events_max;
    auto sink = OpenSink(*ParseLocation(location), options_);
    EXPECT_TRUE(sink.ok()) << sink.status();
    return Logger(options, *std::move(sink));
  }

  std::string Read(const std::string& name) {
    return ReadFile(directory_ + "/" + name, 64 << 20).value_or("");
  }
  // What rsyslog understood, one line per record.
  std::vector<std::string> Records() {
    return absl::StrSplit(Read("records"), '\n', absl::SkipEmpty());
  }

  // Logs one event of each kind and waits until rsyslog has written as many records. The sink
  // itself waits until rsyslog listens.
  void LogOneOfEach(absl::string_view location) {
    Logger logger = MakeLogger(location);
    logger.Error("", "an error");
    logger.Warning("", "a warning");
    logger.Notice("link_lost", "Lost the link", {{"node", 2}, {"reason", "a \"b\" [c] \\d"}});
    logger.WithTag("ctdb-eventd").Info("", "50.samba: one\ntwo");
    logger.Debug("", "the details \xc3\xa4");
    const absl::Status status = logger.Flush(kTestDeadline);
    ASSERT_TRUE(status.ok()) << status << Read("errors");
    EXPECT_TRUE(Eventually([this] { return Records().size() >= 5; })) << Read("errors");
  }

  std::string directory_;
  SinkOptions options_;
  pid_t pid_ = -1;
};

const char* const kShortForm[] = {
    "daemon|err|ctdbd|812|-|-| an error",
    "daemon|warning|ctdbd|812|-|-| a warning",
    "daemon|notice|ctdbd|812|-|-| Lost the link",
    "daemon|notice|ctdb-eventd|812|-|-| 50.samba: one\\ntwo",
    "daemon|debug|ctdbd|812|-|-| the details \xc3\xa4",
};

TEST_F(RsyslogTest, NonblockingRecordsAreUnderstood) {
  LogOneOfEach("syslog:nonblocking");
  EXPECT_THAT(Records(), IsSupersetOf(kShortForm));
}

TEST_F(RsyslogTest, UdpRecordsAreUnderstood) {
  LogOneOfEach("syslog:udp");
  EXPECT_THAT(Records(), IsSupersetOf(kShortForm));
}

TEST_F(RsyslogTest, Rfc5424RecordsAreUnderstoodWithNameAndFields) {
  LogOneOfEach("syslog:udp-rfc5424");
  EXPECT_THAT(Records(), IsSupersetOf({"daemon|err|ctdbd|812|-|-|an error",
                                       "daemon|warning|ctdbd|812|-|-|a warning",
                                       "daemon|notice|ctdbd|812|link_lost|[ctdb@32473 node=\"2\" "
                                       "reason=\"a \\\"b\\\" [c\\] \\\\d\"]|Lost the link",
                                       "daemon|notice|ctdb-eventd|812|-|-|50.samba: one\\ntwo",
                                       "daemon|debug|ctdbd|812|-|-|the details \xc3\xa4"}));
}

// All calls return although rsyslogd is provably stopped: only this test lets it go on.
TEST_F(RsyslogTest, StoppedDaemonHoldsNobodyUpAndGetsTheDropReport) {
  constexpr int kCount = 20000;
  LogOneOfEach("syslog:nonblocking");
  const size_t records_before = Records().size();
  ASSERT_EQ(::kill(pid_, SIGSTOP), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(pid_, &status, WUNTRACED), pid_);
  ASSERT_TRUE(WIFSTOPPED(status));

  Logger logger = MakeLogger("syslog:nonblocking", 1000);
  LogFromTwoThreads(logger, kCount);
  ASSERT_TRUE(Eventually([&] { return logger.statistics().is_failing; }));
  EXPECT_TRUE(absl::IsDeadlineExceeded(logger.statistics().last_error));
  EXPECT_GT(logger.statistics().dropped, 0u);
  EXPECT_EQ(Records().size(), records_before);

  ASSERT_EQ(::kill(pid_, SIGCONT), 0);
  ASSERT_TRUE(logger.Flush(kTestDeadline).ok());
  const LogStatistics statistics = logger.statistics();
  EXPECT_EQ(statistics.written + statistics.dropped, uint64_t{kCount});
  LineCount lines;
  EXPECT_TRUE(Eventually([&] {
    lines = CountLines(Records());
    return lines.others - records_before + lines.dropped == kCount;
  })) << lines.others
      << " " << lines.dropped;
  EXPECT_EQ(lines.dropped, statistics.dropped);
}

// The socket is another one after a restart.
TEST_F(RsyslogTest, RestartedDaemonGetsWhatWasLoggedMeanwhile) {
  Logger logger = MakeLogger("syslog:nonblocking");
  logger.Notice("", "before");
  // What is still in the socket when the daemon ends is lost, so it must have read this.
  ASSERT_TRUE(Eventually([this] { return Records().size() == 1; })) << Read("errors");
  TearDown();
  logger.Notice("", "meanwhile");
  ASSERT_TRUE(Eventually([&] { return logger.statistics().is_failing; }));
  Start();
  ASSERT_TRUE(logger.Flush(kTestDeadline).ok());
  EXPECT_TRUE(Eventually([this] { return Records().size() >= 2; }));
  EXPECT_THAT(Records(), IsSupersetOf({"daemon|notice|ctdbd|812|-|-| before",
                                       "daemon|notice|ctdbd|812|-|-| meanwhile"}));
}

}  // namespace
}  // namespace ctdb::logging
