// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Random frames, writes of any length and copying at any time, beside a model that keeps whole
// frames in two lists. The seed of a failed run is in its trace.

#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/random.h"
#include "lib/transport/output_queue.h"

namespace ctdb {
namespace {

constexpr uint64_t kSeeds = 300;
constexpr int kSteps = 400;

class RandomQueue {
 public:
  explicit RandomQueue(uint64_t seed) : random_(seed) {}

  void Run() {
    for (int step = 0; step < kSteps; ++step) {
      switch (random_.Below(4)) {
        case 0:
        case 1:
          AddBatch();
          break;
        case 2:
          Write();
          break;
        case 3:
          queue_.Settle();
          // What is settled must not be read from its buffer again.
          for (auto& buffer : borrowed_) std::memset(buffer->data(), 0xee, buffer->size() * 8);
          borrowed_.clear();
          break;
      }
      ASSERT_EQ(queue_.bytes(), begun_.size() + Bytes(normal_) + Bytes(bulk_));
      ASSERT_EQ(queue_.empty(), queue_.bytes() == 0);
    }
    while (!queue_.empty()) ASSERT_NO_FATAL_FAILURE(Write());
    ASSERT_TRUE(begun_.empty() && normal_.empty() && bulk_.empty());
  }

 private:
  static size_t Bytes(const std::deque<std::string>& frames) {
    size_t bytes = 0;
    for (const std::string& frame : frames) bytes += frame.size();
    return bytes;
  }

  // Some frames one after the other in one buffer, as one read gives them.
  void AddBatch() {
    const size_t count = 1 + random_.Below(4);
    auto buffer = std::make_shared<std::vector<uint64_t>>();
    std::vector<std::pair<size_t, size_t>> places;  // Word, words.
    for (size_t i = 0; i < count; ++i) {
      const size_t words = 2 + random_.Below(random_.Below(10) == 0 ? 400 : 20);
      places.emplace_back(buffer->size(), words);
      buffer->push_back(uint64_t{words - 1} << 32);
      while (buffer->size() < places.back().first + words) buffer->push_back(random_.Next());
    }
    borrowed_.push_back(buffer);
    for (const auto& [begin, words] : places) {
      const auto* data = reinterpret_cast<const std::byte*>(buffer->data() + begin);
      const bool is_bulk = random_.Below(2) == 0;
      queue_.Add(ctdb::Bytes(data, words * 8), is_bulk);
      (is_bulk ? bulk_ : normal_).emplace_back(reinterpret_cast<const char*>(data), words * 8);
    }
  }

  // What the model writes next: the frame that has begun, then normal ones, then bulk.
  std::string Expected() const {
    std::string text = begun_;
    for (const std::string& frame : normal_) text += frame;
    for (const std::string& frame : bulk_) text += frame;
    return text;
  }

  void Write() {
    std::vector<iovec> parts(random_.Below(6));
    const size_t count = queue_.Gather(absl::MakeSpan(parts));
    ASSERT_LE(count, parts.size());
    std::string gathered;
    for (size_t i = 0; i < count; ++i) {
      ASSERT_GT(parts[i].iov_len, 0u);
      gathered.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    }
    ASSERT_EQ(gathered, Expected().substr(0, gathered.size()));
    ASSERT_TRUE(parts.empty() || queue_.empty() || !gathered.empty());
    size_t written = random_.Below(3) == 0 ? gathered.size() : random_.Below(gathered.size() + 1);
    queue_.OnWritten(written);
    while (written > 0) {
      if (begun_.empty()) {
        auto& lane = normal_.empty() ? bulk_ : normal_;
        begun_ = lane.front();
        lane.pop_front();
      }
      const size_t taken = std::min(written, begun_.size());
      begun_.erase(0, taken);
      written -= taken;
    }
  }

  Random random_;
  OutputQueue queue_;
  std::vector<std::shared_ptr<std::vector<uint64_t>>> borrowed_;
  std::string begun_;  // The rest of a frame.
  std::deque<std::string> normal_;
  std::deque<std::string> bulk_;
};

TEST(OutputQueuePropertyTest, WholeFramesLeaveInTheOrderOfTheirLanesWhateverTheWritesDo) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    ASSERT_NO_FATAL_FAILURE(RandomQueue(seed).Run());
  }
}

}  // namespace
}  // namespace ctdb
