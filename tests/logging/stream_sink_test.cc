// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/io/stream_sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "lib/base/io/file.h"
#include "lib/logging/format.h"
#include "tests/logging/testing.h"

namespace ctdb::logging {
namespace {

std::string Contents(const std::string& path) { return ReadFile(path, 100 << 20).value_or("?"); }

Event Text(absl::string_view text) { return TestEvent(LogLevel::kNotice, text); }

std::unique_ptr<Sink> Open(const std::string& path) {
  auto sink = OpenFileSink(path, FormatBareLine);
  EXPECT_TRUE(sink.ok()) << sink.status();
  return *std::move(sink);
}

TEST(FileSinkTest, LinesAreAppended) {
  const std::string path = TestPath("appended");
  ASSERT_TRUE(WriteFileAtomically(path, "old\n").ok());
  ASSERT_TRUE(Open(path)->Write(Text("new")).ok());
  EXPECT_EQ(Contents(path), "old\nnew\n");
}

TEST(FileSinkTest, MissingDirectoryIsAnErrorAtOnce) {
  const absl::Status status = OpenFileSink(TestPath("missing/log"), FormatBareLine).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "missing/log")) << status;
  EXPECT_TRUE(absl::EndsWith(status.message(), "; create its directory")) << status;
}

TEST(FileSinkTest, ReopenFollowsARename) {
  const std::string path = TestPath("rotated");
  auto sink = Open(path);
  ASSERT_TRUE(sink->Write(Text("one")).ok());
  ASSERT_EQ(::rename(path.c_str(), (path + ".1").c_str()), 0);
  ASSERT_TRUE(sink->Write(Text("two")).ok());
  ASSERT_TRUE(sink->Reopen().ok());
  ASSERT_TRUE(sink->Write(Text("three")).ok());
  EXPECT_EQ(Contents(path + ".1"), "one\ntwo\n");
  EXPECT_EQ(Contents(path), "three\n");
}

TEST(FileSinkTest, TruncationByLogrotateLeavesNoHole) {
  const std::string path = TestPath("truncated");
  auto sink = Open(path);
  ASSERT_TRUE(sink->Write(Text("one")).ok());
  ASSERT_EQ(::truncate(path.c_str(), 0), 0);
  ASSERT_TRUE(sink->Write(Text("two")).ok());
  EXPECT_EQ(Contents(path), "two\n");
}

TEST(FileSinkTest, FailedReopenKeepsTheOldFile) {
  const std::string directory = TestPath("moved");
  ASSERT_TRUE(MakeDirectories(directory).ok());
  auto sink = Open(directory + "/log");
  ASSERT_EQ(::rename(directory.c_str(), (directory + ".old").c_str()), 0);
  EXPECT_TRUE(absl::IsNotFound(sink->Reopen()));
  ASSERT_TRUE(sink->Write(Text("one")).ok());
  EXPECT_EQ(Contents(directory + ".old/log"), "one\n");
}

TEST(FileSinkTest, FullDiskRefusesTheLineAndItComesOnceThereIsRoom) {
  const std::string path = TestPath("disk");
  ASSERT_EQ(::symlink("/dev/full", path.c_str()), 0);
  Logger logger(TestOptions(), Open(path));
  logger.Notice("", "one");
  ASSERT_TRUE(Eventually([&] { return logger.statistics().is_failing; }));
  EXPECT_TRUE(absl::IsResourceExhausted(logger.statistics().last_error));
  EXPECT_TRUE(absl::StrContains(logger.statistics().last_error.message(), path));

  ASSERT_EQ(::unlink(path.c_str()), 0);
  logger.Reopen();
  logger.Notice("", "two");
  ASSERT_TRUE(logger.Flush(kTestDeadline).ok());
  ASSERT_TRUE(Eventually([&] { return absl::StrContains(Contents(path), "Reopened logs\n"); }));
  EXPECT_TRUE(absl::StartsWith(Contents(path), "one\n"));
  EXPECT_TRUE(absl::StrContains(Contents(path), "two\n"));
  EXPECT_FALSE(logger.statistics().is_failing);
}

class FifoTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ = TestPath("fifo");
    ::unlink(path_.c_str());
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  }
  void OpenReader() {
    reader_.Reset(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    ASSERT_TRUE(reader_.is_open());
  }
  void ReadAvailable() {
    char buffer[65536];
    ssize_t bytes = 0;
    while ((bytes = ::read(reader_.get(), buffer, sizeof(buffer))) > 0) {
      received_.append(buffer, static_cast<size_t>(bytes));
    }
  }

  std::string path_;
  UniqueFd reader_;
  std::string received_;
};

TEST_F(FifoTest, FifoWithoutReaderIsAnErrorInsteadOfAWait) {
  const absl::Status status = OpenFileSink(path_, FormatBareLine).status();
  EXPECT_TRUE(absl::StrContains(status.message(), "nobody reads this FIFO")) << status;
}

// Nothing is read until all calls have returned; the pipe holds less than the calls log.
TEST_F(FifoTest, CallersDoNotWaitForAFullPipeAndEveryEventIsWrittenOrCounted) {
  constexpr int kCount = 10000;
  OpenReader();
  ASSERT_GT(::fcntl(reader_.get(), F_SETPIPE_SZ, 4096), 0);
  Logger::Options options = TestOptions();
  options.writer.limits.events_max = 100;
  Logger logger(options, Open(path_));
  LogFromTwoThreads(logger, kCount);
  ASSERT_TRUE(Eventually([&] { return logger.statistics().is_failing; }));
  EXPECT_TRUE(absl::IsDeadlineExceeded(logger.statistics().last_error));
  EXPECT_GT(logger.statistics().dropped, 0u);

  ASSERT_TRUE(Eventually([&] {
    ReadAvailable();
    return logger.Flush(absl::Milliseconds(1)).ok();
  }));
  ReadAvailable();
  const LogStatistics statistics = logger.statistics();
  EXPECT_EQ(statistics.written + statistics.dropped, uint64_t{kCount});
  std::vector<std::string> lines = absl::StrSplit(received_, '\n', absl::SkipEmpty());
  EXPECT_EQ(CountLines(lines).dropped, statistics.dropped);
  EXPECT_EQ(CountLines(lines).others, statistics.written);
}

// The writer's thread blocks SIGPIPE; a program must not die because its log's reader does.
TEST_F(FifoTest, ReaderThatGoesAndComesBackGetsTheRest) {
  OpenReader();
  Logger logger(TestOptions(), Open(path_));
  logger.Notice("", "one");
  ASSERT_TRUE(logger.Flush(kTestDeadline).ok());
  ReadAvailable();
  reader_.Reset();
  logger.Notice("", "two");
  ASSERT_TRUE(Eventually([&] { return logger.statistics().is_failing; }));
  OpenReader();
  ASSERT_TRUE(logger.Flush(kTestDeadline).ok());
  ReadAvailable();
  EXPECT_EQ(received_, "one\ntwo\n");
}

class StderrSinkTest : public testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    reader_.Reset(ends[0]);
    UniqueFd writer(ends[1]);
    saved_.Reset(::dup(STDERR_FILENO));
    ASSERT_EQ(::dup2(writer.get(), STDERR_FILENO), STDERR_FILENO);
    auto sink = OpenStderrSink(FormatBareLine);
    ASSERT_EQ(::dup2(saved_.get(), STDERR_FILENO), STDERR_FILENO);
    ASSERT_TRUE(sink.ok()) << sink.status();
    sink_ = *std::move(sink);
  }

  UniqueFd reader_, saved_;
  std::unique_ptr<Sink> sink_;
};

TEST_F(StderrSinkTest, LinesHaveNoHeader) {
  ASSERT_TRUE(sink_->Write(Text("one")).ok());
  ASSERT_TRUE(sink_->Reopen().ok());
  ASSERT_TRUE(sink_->Write(Text("two")).ok());
  char buffer[100];
  const ssize_t bytes = ::read(reader_.get(), buffer, sizeof(buffer));
  EXPECT_EQ(std::string(buffer, static_cast<size_t>(bytes)), "one\ntwo\n");
}

TEST_F(StderrSinkTest, PipeThatNobodyReadsRefusesInsteadOfBlocking) {
  absl::Status status;
  int written = 0;
  while ((status = sink_->Write(Text(std::string(5000, 'x')))).ok()) ++written;
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_GT(written, 0);
}

}  // namespace
}  // namespace ctdb::logging
