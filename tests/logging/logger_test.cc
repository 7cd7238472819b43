// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/logger.h"

#include <gtest/gtest.h>

#include "tests/logging/testing.h"

namespace ctdb::logging {
namespace {

using Texts = std::vector<std::string>;

class LoggerTest : public testing::Test {
 protected:
  Logger MakeLogger() { return Logger(options_, std::make_unique<GatedSink>(control_)); }

  Logger::Options options_ = TestOptions();
  std::shared_ptr<GatedSink::Control> control_ = std::make_shared<GatedSink::Control>();
};

TEST_F(LoggerTest, EventHasSourceTimeNameAndFields) {
  Logger logger = MakeLogger();
  logger.Notice("link_lost", "Lost the link to node 2", {{"node", 2}, {"reason", "reset"}});
  const std::vector<EventPtr> recent = logger.Recent();
  ASSERT_EQ(recent.size(), 1u);
  const Event& event = *recent[0];
  EXPECT_EQ(event.level, LogLevel::kNotice);
  EXPECT_EQ(event.time, TestTime());
  EXPECT_EQ(event.source.tag, "ctdbd");
  EXPECT_EQ(event.source.pid, 812);
  EXPECT_EQ(event.name, "link_lost");
  EXPECT_EQ(event.text, "Lost the link to node 2");
  EXPECT_EQ(event.fields,
            (std::vector<EventField>{{"node", int64_t{2}}, {"reason", std::string("reset")}}));
}

TEST_F(LoggerTest, LevelDecidesAndCanBeChangedWhileRunning) {
  options_.level = LogLevel::kWarning;
  Logger logger = MakeLogger();
  const auto log_all = [&logger] {
    logger.Error("", "error");
    logger.Warning("", "warning");
    logger.Notice("", "notice");
    logger.Info("", "info");
    logger.Debug("", "debug");
  };
  log_all();
  ASSERT_TRUE(logger.Flush(kTestDeadline).ok());
  EXPECT_EQ(control_->texts(), Texts({"error", "warning"}));
  EXPECT_FALSE(logger.IsEnabled(LogLevel::kNotice));

  logger.SetLevel(LogLevel::kDebug);
  EXPECT_EQ(logger.level(), LogLevel::kDebug);
  log_all();
  ASSERT_TRUE(logger.Flush(kTestDeadline).ok());
  EXPECT_EQ(control_->texts().size(), 2u + 5u);

  logger.SetLevel(LogLevel::kError);
  log_all();
  ASSERT_TRUE(logger.Flush(kTestDeadline).ok());
  EXPECT_EQ(control_->texts().size(), 7u + 1u);
}

TEST_F(LoggerTest, LoggersOfOneProgramShareAllButTheTag) {
  Logger logger = MakeLogger();
  const Logger other = logger.WithTag("ctdb-eventd");
  logger.SetLevel(LogLevel::kError);
  other.Notice("", "suppressed");
  other.Error("", "from the other");
  logger.Error("", "from the first");
  const std::vector<EventPtr> recent = logger.Recent();
  ASSERT_EQ(recent.size(), 2u);
  EXPECT_EQ(recent[0]->source.tag, "ctdb-eventd");
  EXPECT_EQ(recent[0]->source.pid, 812);
  EXPECT_EQ(recent[1]->source.tag, "ctdbd");
}

// All calls return although the sink cannot have moved, since only this test opens the gate.
TEST_F(LoggerTest, CallersDoNotWaitForASinkThatStandsStill) {
  constexpr int kCount = 10000;
  control_->SetOpen(false);
  Logger logger = MakeLogger();
  LogFromTwoThreads(logger, kCount);
  EXPECT_TRUE(control_->texts().empty());
  EXPECT_GE(logger.statistics().dropped, kCount - options_.writer.limits.events_max - 1);

  control_->SetOpen(true);
  ASSERT_TRUE(logger.Flush(kTestDeadline).ok());
  const LogStatistics statistics = logger.statistics();
  EXPECT_EQ(statistics.written + statistics.dropped, uint64_t{kCount});
  const LineCount lines = CountLines(control_->texts());
  EXPECT_EQ(lines.dropped, statistics.dropped);
  EXPECT_EQ(lines.others, statistics.written);
}

TEST_F(LoggerTest, ReopenAndLevelMayBeUsedWhileOthersLog) {
  options_.writer.limits.events_max = 100;
  Logger logger = MakeLogger();
  LogFromTwoThreads(logger, 1000);
  logger.Reopen();
  logger.SetLevel(LogLevel::kDebug);
  LogFromTwoThreads(logger, 1000);
  ASSERT_TRUE(logger.Flush(kTestDeadline).ok());
  const LogStatistics statistics = logger.statistics();
  EXPECT_EQ(statistics.written + statistics.dropped, 2000u);
}

}  // namespace
}  // namespace ctdb::logging
