// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/io/datagram_sink.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "lib/logging/format_journal.h"
#include "lib/logging/format_syslog.h"
#include "tests/logging/testing.h"

namespace ctdb::logging {
namespace {

Event Text(absl::string_view text) { return TestEvent(LogLevel::kNotice, text); }

// Receives until everything logged is accounted for, then compares with the sender's statistics.
void ExpectEveryEventReceivedOrReported(Logger* logger, Receiver* receiver, uint64_t count) {
  std::vector<std::string> received;
  LineCount lines;
  while (lines.others + lines.dropped < count) {
    received.push_back(receiver->Receive());
    ASSERT_NE(received.back(), "(nothing)");
    lines = CountLines(received);
  }
  ASSERT_TRUE(logger->Flush(kTestDeadline).ok());
  const LogStatistics statistics = logger->statistics();
  EXPECT_EQ(lines.others, statistics.written);
  EXPECT_EQ(lines.dropped, statistics.dropped);
  EXPECT_EQ(statistics.written + statistics.dropped, count);
}

class UnixDatagramSinkTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = TestSocketPath("socket");
    ::unlink(path_.c_str());
    sink_ = *MakeUnixDatagramSink(path_, FormatRfc3164);
  }

  std::string path_;
  std::unique_ptr<Sink> sink_;
};

TEST_F(UnixDatagramSinkTest, OneEventIsOneDatagram) {
  Receiver receiver = Receiver::Unix(path_);
  ASSERT_TRUE(sink_->Write(Text("one")).ok());
  ASSERT_TRUE(sink_->Write(Text("two\nlines")).ok());
  EXPECT_EQ(receiver.Receive(), "<29>ctdbd[812]: one");
  EXPECT_EQ(receiver.Receive(), "<29>ctdbd[812]: two\\nlines");
}

TEST_F(UnixDatagramSinkTest, MissingSocketIsNamedAndFoundOnceItIsThere) {
  const absl::Status status = sink_->Write(Text("one"));
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_TRUE(absl::StrContains(status.message(), path_)) << status;
  Receiver receiver = Receiver::Unix(path_);
  ASSERT_TRUE(sink_->Write(Text("one")).ok());
  EXPECT_EQ(receiver.Receive(), "<29>ctdbd[812]: one");
}

TEST_F(UnixDatagramSinkTest, RestartedReceiverGetsTheEventThatFailed) {
  {
    Receiver receiver = Receiver::Unix(path_);
    ASSERT_TRUE(sink_->Write(Text("one")).ok());
  }
  EXPECT_FALSE(sink_->Write(Text("two")).ok());
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  Receiver receiver = Receiver::Unix(path_);
  ASSERT_TRUE(sink_->Write(Text("two")).ok());
  EXPECT_EQ(receiver.Receive(), "<29>ctdbd[812]: two");
}

TEST_F(UnixDatagramSinkTest, ReopenFindsANewSocketUnderTheOldName) {
  Receiver old_receiver = Receiver::Unix(path_);
  ASSERT_TRUE(sink_->Write(Text("one")).ok());
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  Receiver new_receiver = Receiver::Unix(path_);
  ASSERT_TRUE(sink_->Reopen().ok());
  ASSERT_TRUE(sink_->Write(Text("two")).ok());
  EXPECT_EQ(old_receiver.Receive(), "<29>ctdbd[812]: one");
  EXPECT_EQ(new_receiver.Receive(), "<29>ctdbd[812]: two");
}

TEST_F(UnixDatagramSinkTest, ReceiverThatDoesNotReadRefusesInsteadOfBlocking) {
  Receiver receiver = Receiver::Unix(path_);
  absl::Status status;
  while ((status = sink_->Write(Text("x"))).ok()) {
  }
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), path_)) << status;
  receiver.Receive();
  EXPECT_TRUE(sink_->Write(Text("x")).ok());
}

TEST_F(UnixDatagramSinkTest, RecordLargerThanTheSocketTakesIsNeverOfferedAgain) {
  Receiver receiver = Receiver::Unix(path_);
  auto sink = *MakeUnixDatagramSink(path_, [](const Event&) { return std::string(16 << 20, 'x'); });
  EXPECT_TRUE(absl::IsInvalidArgument(sink->Write(Text("x"))));
}

// Journal records with the largest event fit, unlike syslog's they are not cut.
TEST_F(UnixDatagramSinkTest, LargestEventFitsIntoAJournalRecord) {
  Receiver receiver = Receiver::Unix(path_);
  auto sink = *MakeUnixDatagramSink(path_, FormatJournal);
  ASSERT_TRUE(sink->Write(Text(std::string(kTextBytesMax, 'x'))).ok());
  EXPECT_GT(receiver.Receive().size(), kTextBytesMax);
}

TEST_F(UnixDatagramSinkTest, PathThatNoSocketCanHaveIsRefused) {
  EXPECT_TRUE(
      absl::IsInvalidArgument(MakeUnixDatagramSink(std::string(108, 'x'), FormatRfc3164).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(MakeUnixDatagramSink("", FormatRfc3164).status()));
}

// Nothing is received until all calls have returned.
TEST_F(UnixDatagramSinkTest, CallersDoNotWaitForAReceiverThatDoesNotRead) {
  constexpr int kCount = 10000;
  Receiver receiver = Receiver::Unix(path_);
  Logger::Options options = TestOptions();
  options.writer.limits.events_max = 1000;
  Logger logger(options, std::move(sink_));
  LogFromTwoThreads(logger, kCount);
  ASSERT_TRUE(Eventually([&] { return logger.statistics().is_failing; }));
  EXPECT_GT(logger.statistics().dropped, 0u);
  ExpectEveryEventReceivedOrReported(&logger, &receiver, kCount);
}

TEST(UdpSinkTest, OneEventIsOneDatagram) {
  Receiver receiver = Receiver::Udp();
  auto sink = *MakeUdpSink("127.0.0.1", receiver.port(), FormatRfc3164);
  ASSERT_TRUE(sink->Write(Text("one")).ok());
  ASSERT_TRUE(sink->Reopen().ok());
  ASSERT_TRUE(sink->Write(Text("two")).ok());
  EXPECT_EQ(receiver.Receive(), "<29>ctdbd[812]: one");
  EXPECT_EQ(receiver.Receive(), "<29>ctdbd[812]: two");
}

TEST(UdpSinkTest, AddressMustBeNumeric) {
  EXPECT_TRUE(MakeUdpSink("::1", 514, FormatRfc3164).ok());
  const absl::Status status = MakeUdpSink("loghost", 514, FormatRfc3164).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "loghost"));
}

TEST(UdpSinkTest, CallersDoNotWaitForAClosedPortAndItsReturnIsNoticed) {
  constexpr uint64_t kCount = 10000;
  uint16_t port = 0;
  {
    Receiver finder = Receiver::Udp();
    port = finder.port();
  }
  Logger::Options options = TestOptions();
  options.writer.limits.events_max = 1000;
  Logger logger(options, *MakeUdpSink("127.0.0.1", port, FormatRfc3164));
  LogFromTwoThreads(logger, kCount);
  ASSERT_TRUE(Eventually([&] { return logger.statistics().is_failing; }));
  EXPECT_TRUE(absl::IsUnavailable(logger.statistics().last_error));
  EXPECT_GT(logger.statistics().dropped, 0u);

  Receiver receiver = Receiver::Udp(port);
  // UDP promises nothing, so only what the sender knows is compared.
  ASSERT_TRUE(logger.Flush(kTestDeadline).ok());
  const LogStatistics statistics = logger.statistics();
  EXPECT_EQ(statistics.written + statistics.dropped, kCount);
  std::string datagram;
  do {
    datagram = receiver.Receive();
  } while (datagram != "(nothing)" && !absl::StrContains(datagram, "[Dropped "));
  EXPECT_TRUE(absl::StrContains(datagram, "log messages]")) << datagram;
}

}  // namespace
}  // namespace ctdb::logging
