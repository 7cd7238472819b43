// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/queue.h"

#include <gtest/gtest.h>

#include "tests/logging/testing.h"

namespace ctdb::logging {
namespace {

EventPtr Make(absl::string_view text) {
  return std::make_shared<Event>(TestEvent(LogLevel::kNotice, text));
}

TEST(EventQueueTest, EventsComeOutInOrder) {
  EventQueue queue({});
  EXPECT_FALSE(queue.HasWork());
  EXPECT_TRUE(queue.Push(Make("one")));
  EXPECT_TRUE(queue.Push(Make("two")));
  EXPECT_EQ(queue.size(), 2u);
  EXPECT_EQ(queue.Pop().event->text, "one");
  EXPECT_EQ(queue.Pop().event->text, "two");
  EXPECT_FALSE(queue.HasWork());
}

TEST(EventQueueTest, FullQueueDropsTheNewestAndRemembersWhere) {
  EventQueue queue({2, 1 << 20});
  EXPECT_TRUE(queue.Push(Make("one")));
  EXPECT_TRUE(queue.Push(Make("two")));
  EXPECT_FALSE(queue.Push(Make("three")));
  EXPECT_FALSE(queue.Push(Make("four")));
  EXPECT_EQ(queue.Pop().dropped_before, 0u);
  EXPECT_TRUE(queue.Push(Make("five")));
  EXPECT_EQ(queue.Pop().dropped_before, 0u);
  const EventQueue::Item item = queue.Pop();
  EXPECT_EQ(item.dropped_before, 2u);
  EXPECT_EQ(item.event->text, "five");
  EXPECT_EQ(queue.dropped(), 2u);
  EXPECT_FALSE(queue.HasWork());
}

TEST(EventQueueTest, DropsThatNoEventFollowsAreReportedAlone) {
  EventQueue queue({1, 1 << 20});
  EXPECT_TRUE(queue.Push(Make("one")));
  EXPECT_FALSE(queue.Push(Make("two")));
  EXPECT_EQ(queue.Pop().event->text, "one");
  ASSERT_TRUE(queue.HasWork());
  const EventQueue::Item item = queue.Pop();
  EXPECT_EQ(item.dropped_before, 1u);
  EXPECT_EQ(item.event, nullptr);
  EXPECT_FALSE(queue.HasWork());
}

TEST(EventQueueTest, BytesAreBoundedAndGivenBack) {
  const size_t bytes = EventBytes(*Make("text"));
  EventQueue queue({1000, 2 * bytes});
  EXPECT_TRUE(queue.Push(Make("text")));
  EXPECT_TRUE(queue.Push(Make("text")));
  EXPECT_FALSE(queue.Push(Make("text")));
  queue.Pop();
  EXPECT_TRUE(queue.Push(Make("text")));
  EXPECT_FALSE(queue.Push(Make("text")));
}

}  // namespace
}  // namespace ctdb::logging
