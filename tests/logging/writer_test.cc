// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/writer.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "tests/logging/testing.h"

namespace ctdb::logging {
namespace {

using Texts = std::vector<std::string>;

class WriterTest : public testing::Test {
 protected:
  std::unique_ptr<LogWriter> MakeWriter() {
    return std::make_unique<LogWriter>(options_, std::make_unique<GatedSink>(control_));
  }
  static EventPtr Make(absl::string_view text) {
    return std::make_shared<Event>(TestEvent(LogLevel::kNotice, text));
  }

  LogWriter::Options options_ = TestOptions().writer;
  std::shared_ptr<GatedSink::Control> control_ = std::make_shared<GatedSink::Control>();
};

TEST_F(WriterTest, EventsReachTheSinkInOrder) {
  auto writer = MakeWriter();
  for (const char* text : {"one", "two", "three"}) writer->Add(Make(text));
  ASSERT_TRUE(writer->Flush(kTestDeadline).ok());
  EXPECT_EQ(control_->texts(), Texts({"one", "two", "three"}));
  const LogStatistics statistics = writer->statistics();
  EXPECT_EQ(statistics.written, 3u);
  EXPECT_EQ(statistics.dropped, 0u);
  EXPECT_EQ(statistics.queued, 0u);
  EXPECT_FALSE(statistics.is_failing);
  EXPECT_TRUE(statistics.last_error.ok());
}

TEST_F(WriterTest, GapIsReportedWhereEventsAreMissing) {
  options_.limits.events_max = 2;
  control_->SetOpen(false);
  auto writer = MakeWriter();
  writer->Add(Make("one"));
  ASSERT_TRUE(control_->WaitUntilBlocked());
  for (const char* text : {"two", "three", "four", "five"}) writer->Add(Make(text));
  EXPECT_EQ(writer->statistics().dropped, 2u);
  EXPECT_EQ(writer->statistics().queued, 3u);
  control_->SetOpen(true);
  ASSERT_TRUE(writer->Flush(kTestDeadline).ok());
  writer->Add(Make("six"));
  ASSERT_TRUE(writer->Flush(kTestDeadline).ok());
  EXPECT_EQ(control_->texts(), Texts({"one", "two", "three", "[Dropped 2 log messages]", "six"}));
  EXPECT_EQ(writer->statistics().written, 4u);
}

TEST_F(WriterTest, RefusedEventIsOfferedAgainUntilTheSinkRecovers) {
  control_->SetStatus(absl::ResourceExhaustedError("no space"));
  auto writer = MakeWriter();
  writer->Add(Make("one"));
  writer->Add(Make("two"));
  ASSERT_TRUE(Eventually([&] { return writer->statistics().is_failing; }));
  EXPECT_EQ(writer->statistics().last_error.message(), "no space");
  EXPECT_EQ(writer->statistics().last_error_time, TestTime());
  control_->SetStatus(absl::OkStatus());
  ASSERT_TRUE(writer->Flush(kTestDeadline).ok());
  EXPECT_EQ(control_->texts(), Texts({"one", "two"}));
  EXPECT_FALSE(writer->statistics().is_failing);
  EXPECT_EQ(writer->statistics().last_error.message(), "no space");
}

TEST_F(WriterTest, EventThatCanNeverBeWrittenIsDroppedAndReportedOnce) {
  control_->SetStatus(absl::InvalidArgumentError("too large"));
  auto writer = MakeWriter();
  writer->Add(Make("large"));
  ASSERT_TRUE(writer->Flush(kTestDeadline).ok());
  control_->SetStatus(absl::OkStatus());
  writer->Add(Make("small"));
  ASSERT_TRUE(writer->Flush(kTestDeadline).ok());
  EXPECT_EQ(writer->statistics().dropped, 1u);
  EXPECT_EQ(writer->statistics().written, 1u);
  EXPECT_EQ(control_->texts().back(), "small");
}

TEST_F(WriterTest, FlushOfABrokenSinkEndsAtItsDeadlineAndSaysWhy) {
  control_->SetStatus(absl::UnavailableError("connection refused"));
  auto writer = MakeWriter();
  writer->Add(Make("one"));
  ASSERT_TRUE(Eventually([&] { return writer->statistics().is_failing; }));
  const absl::Status status = writer->Flush(absl::Milliseconds(5));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_EQ(status.message(), "cannot write 1 log messages within 5ms: connection refused");
}

TEST_F(WriterTest, ReopenIsReportedAlsoWhileNothingElseIsLogged) {
  auto writer = MakeWriter();
  writer->Reopen();
  ASSERT_TRUE(Eventually([&] { return control_->texts() == Texts({"Reopened logs"}); }));
  EXPECT_EQ(writer->statistics().written, 0u);
}

TEST_F(WriterTest, FailedReopenIsReportedByTheSinkThatGoesOn) {
  control_->SetReopenStatus(absl::NotFoundError("cannot open log file /x: no such file"));
  auto writer = MakeWriter();
  writer->Reopen();
  ASSERT_TRUE(Eventually([&] {
    return control_->texts() ==
           Texts({"Failed to reopen logs: cannot open log file /x: no such file"});
  }));
}

TEST_F(WriterTest, ReopenIsNotHeldUpByABrokenSink) {
  control_->SetStatus(absl::UnavailableError("gone"));
  options_.retry_min = options_.retry_max = absl::InfiniteDuration();
  auto writer = MakeWriter();
  writer->Add(Make("one"));
  ASSERT_TRUE(Eventually([&] { return writer->statistics().is_failing; }));
  control_->SetStatus(absl::OkStatus());
  writer->Reopen();
  ASSERT_TRUE(writer->Flush(kTestDeadline).ok());
  ASSERT_TRUE(Eventually([&] { return control_->texts() == Texts({"one", "Reopened logs"}); }));
}

TEST_F(WriterTest, DestructionWritesWhatAWorkingSinkTakes) {
  auto writer = MakeWriter();
  for (int i = 0; i < 100; ++i) writer->Add(Make(absl::StrCat(i)));
  writer.reset();
  EXPECT_EQ(control_->texts().size(), 100u);
}

TEST_F(WriterTest, DestructionDoesNotWaitForABrokenSink) {
  control_->SetStatus(absl::UnavailableError("gone"));
  options_.exit_wait = absl::InfiniteDuration();
  auto writer = MakeWriter();
  writer->Add(Make("one"));
  writer.reset();
  EXPECT_TRUE(control_->texts().empty());
}

// A write() to a file on a dead server cannot be interrupted.
TEST_F(WriterTest, DestructionLeavesASinkThatBlocksForEver) {
  control_->SetOpen(false);
  options_.exit_wait = absl::Milliseconds(1);
  auto writer = MakeWriter();
  writer->Add(Make("one"));
  writer->Add(Make("two"));
  ASSERT_TRUE(control_->WaitUntilBlocked());
  writer.reset();
  control_->SetOpen(true);
  // The thread lets go of the sink, and with it of the control, once it is free.
  ASSERT_TRUE(Eventually([&] { return control_.use_count() == 1; }));
  EXPECT_EQ(control_->texts(), Texts({"one"}));
}

TEST_F(WriterTest, RecentEventsAreKeptEvenIfTheSinkNeverTookThem) {
  options_.recent_max = 2;
  control_->SetStatus(absl::UnavailableError("gone"));
  auto writer = MakeWriter();
  for (const char* text : {"one", "two", "three"}) writer->Add(Make(text));
  const std::vector<EventPtr> recent = writer->Recent();
  ASSERT_EQ(recent.size(), 2u);
  EXPECT_EQ(recent[0]->text, "two");
  EXPECT_EQ(recent[1]->text, "three");
}

}  // namespace
}  // namespace ctdb::logging
