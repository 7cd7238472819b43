// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/output_queue.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "lib/protocol/packet.h"

namespace ctdb {
namespace {

// A frame that is `words` long in all and carries `mark` in its payload.
std::vector<uint64_t> Frame(char mark, size_t words = 4) {
  std::vector<uint64_t> frame(words);
  std::memset(frame.data(), mark, words * 8);
  frame[0] = uint64_t{words - 1} << 32;
  return frame;
}
Bytes AsBytes(const std::vector<uint64_t>& words) {
  return Bytes(reinterpret_cast<const std::byte*>(words.data()), words.size() * 8);
}

// All that the queue would write next, in at most `part_count` parts.
std::string Gathered(const OutputQueue& queue, size_t part_count = 64) {
  std::vector<iovec> parts(part_count);
  const size_t count = queue.Gather(absl::MakeSpan(parts));
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    text.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  }
  return text;
}
std::string Text(const std::vector<std::vector<uint64_t>>& frames) {
  std::string text;
  for (const auto& frame : frames) {
    text.append(reinterpret_cast<const char*>(frame.data()), frame.size() * 8);
  }
  return text;
}

TEST(OutputQueueTest, ANewQueueIsEmpty) {
  OutputQueue queue;
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.bytes(), 0u);
  EXPECT_EQ(Gathered(queue), "");
}

TEST(OutputQueueTest, FramesAreWrittenFromWhereTheyWereReceived) {
  // No payload is copied while the connection keeps up: the parts lie in the frames themselves.
  const auto first = Frame('a', 10);
  const auto second = Frame('b', 20);
  OutputQueue queue;
  queue.Add(AsBytes(first), false);
  queue.Add(AsBytes(second), true);
  iovec parts[8];
  ASSERT_EQ(queue.Gather(parts), 2u);
  EXPECT_EQ(parts[0].iov_base, first.data());
  EXPECT_EQ(parts[0].iov_len, 80u);
  EXPECT_EQ(parts[1].iov_base, second.data());
  EXPECT_EQ(parts[1].iov_len, 160u);
  queue.OnWritten(100);
  ASSERT_EQ(queue.Gather(parts), 1u);
  EXPECT_EQ(parts[0].iov_base, reinterpret_cast<const std::byte*>(second.data()) + 20);
}

TEST(OutputQueueTest, FramesThatArrivedTogetherLeaveAsOnePart) {
  auto buffer = Frame('a', 5);
  const auto second = Frame('b', 7);
  buffer.insert(buffer.end(), second.begin(), second.end());
  OutputQueue queue;
  queue.Add(AsBytes(buffer).subspan(0, 40), false);
  queue.Add(AsBytes(buffer).subspan(40), false);
  iovec parts[8];
  ASSERT_EQ(queue.Gather(parts), 1u);
  EXPECT_EQ(parts[0].iov_base, buffer.data());
  EXPECT_EQ(parts[0].iov_len, 96u);
}

TEST(OutputQueueTest, SettleKeepsWhatWasNotWrittenAfterItsBufferIsGone) {
  OutputQueue queue;
  auto frame = Frame('a', 100);
  const std::string text = Text({frame});
  queue.Add(AsBytes(frame), false);
  queue.OnWritten(123);
  queue.Settle();
  std::memset(frame.data(), 'Z', frame.size() * 8);
  EXPECT_EQ(queue.bytes(), 800u - 123);
  EXPECT_EQ(Gathered(queue), text.substr(123));
}

TEST(OutputQueueTest, NormalFramesOvertakeBulk) {
  const auto bulk = Frame('B');
  const auto normal = Frame('n');
  OutputQueue queue;
  queue.Add(AsBytes(bulk), true);
  queue.Add(AsBytes(normal), false);
  EXPECT_EQ(Gathered(queue), Text({normal, bulk}));
}

TEST(OutputQueueTest, ABulkFrameThatHasBegunIsFinishedFirst) {
  const auto bulk = Frame('B');
  const auto more_bulk = Frame('C');
  const auto normal = Frame('n');
  OutputQueue queue;
  queue.Add(AsBytes(bulk), true);
  queue.Add(AsBytes(more_bulk), true);
  queue.OnWritten(1);
  queue.Add(AsBytes(normal), false);
  EXPECT_EQ(Gathered(queue), Text({bulk}).substr(1) + Text({normal, more_bulk}));
  queue.Settle();
  EXPECT_EQ(Gathered(queue), Text({bulk}).substr(1) + Text({normal, more_bulk}));
  queue.OnWritten(31);
  EXPECT_EQ(Gathered(queue), Text({normal, more_bulk}));
}

TEST(OutputQueueTest, ANormalFrameThatHasBegunIsFinishedBeforeBulk) {
  const auto bulk = Frame('B');
  const auto normal = Frame('n');
  OutputQueue queue;
  queue.Add(AsBytes(normal), false);
  queue.OnWritten(5);
  queue.Add(AsBytes(bulk), true);
  EXPECT_EQ(Gathered(queue), Text({normal}).substr(5) + Text({bulk}));
}

TEST(OutputQueueTest, WithFewPartsTheBeginningIsGathered) {
  const auto bulk = Frame('B');
  const auto first = Frame('1');
  const auto second = Frame('2');
  OutputQueue queue;
  queue.Add(AsBytes(bulk), true);
  queue.OnWritten(8);
  queue.Add(AsBytes(first), false);
  queue.Add(AsBytes(second), false);
  const std::string whole = Text({bulk}).substr(8) + Text({first, second});
  EXPECT_EQ(Gathered(queue, 0), "");
  EXPECT_EQ(Gathered(queue, 1), whole.substr(0, 24));
  EXPECT_EQ(Gathered(queue, 2), whole.substr(0, 56));
  EXPECT_EQ(Gathered(queue, 3), whole);
}

TEST(OutputQueueTest, AWriteMayEndAnywhere) {
  const auto bulk = Frame('B', 3);
  const auto normal = Frame('n', 3);
  const std::string whole = Text({normal, bulk, bulk});
  for (size_t written = 0; written <= whole.size(); ++written) {
    OutputQueue queue;
    queue.Add(AsBytes(bulk), true);
    queue.Add(AsBytes(bulk), true);
    queue.Add(AsBytes(normal), false);
    queue.OnWritten(written);
    EXPECT_EQ(queue.bytes(), whole.size() - written);
    EXPECT_EQ(Gathered(queue), whole.substr(written)) << written;
    queue.Settle();
    EXPECT_EQ(Gathered(queue), whole.substr(written)) << written;
  }
}

}  // namespace
}  // namespace ctdb
