// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/output_queue.h"

#include <algorithm>
#include <limits>

namespace ctdb {
namespace {

constexpr size_t kNoLimit = std::numeric_limits<size_t>::max();

// A queue that was long once gives its memory back when it is empty.
constexpr size_t kKeptCapacityBytes = size_t{256} << 10;

}  // namespace

void OutputQueue::Lane::Add(Bytes frame) {
  bytes_ += frame.size();
  // Frames that arrived one after the other lie so in memory: one part for all of them.
  if (borrowed_.size() > borrowed_begin_) {
    Bytes& last = borrowed_.back();
    if (last.data() + last.size() == frame.data()) {
      last = Bytes(last.data(), last.size() + frame.size());
      return;
    }
  }
  borrowed_.push_back(frame);
}

void OutputQueue::Lane::Settle() {
  if (copied_begin_ == copied_.size()) {
    copied_begin_ = 0;
    copied_.clear();
    if (copied_.capacity() > kKeptCapacityBytes) copied_.shrink_to_fit();
  } else if (copied_begin_ > copied_.size() / 2) {
    copied_.erase(copied_.begin(), copied_.begin() + static_cast<ptrdiff_t>(copied_begin_));
    copied_begin_ = 0;
  }
  for (size_t i = borrowed_begin_; i < borrowed_.size(); ++i) {
    copied_.insert(copied_.end(), borrowed_[i].begin(), borrowed_[i].end());
  }
  borrowed_.clear();
  borrowed_begin_ = 0;
}

void OutputQueue::Lane::Consume(size_t bytes) {
  bytes_ -= bytes;
  const size_t from_copied = std::min(bytes, copied_.size() - copied_begin_);
  copied_begin_ += from_copied;
  bytes -= from_copied;
  while (bytes > 0) {
    Bytes& first = borrowed_[borrowed_begin_];
    const size_t taken = std::min(bytes, first.size());
    first.remove_prefix(taken);
    if (first.empty()) ++borrowed_begin_;
    bytes -= taken;
  }
  if (borrowed_begin_ == borrowed_.size()) {
    borrowed_.clear();
    borrowed_begin_ = 0;
  }
}

size_t OutputQueue::Lane::Gather(size_t skip, size_t bytes_max, absl::Span<iovec> parts) const {
  size_t count = 0;
  const auto add = [&](Bytes piece) {
    const size_t skipped = std::min(skip, piece.size());
    skip -= skipped;
    piece = piece.subspan(skipped, bytes_max);
    if (piece.empty() || count == parts.size()) return;
    parts[count++] = {const_cast<std::byte*>(piece.data()), piece.size()};
    bytes_max -= piece.size();
  };
  add(Bytes(copied_).subspan(copied_begin_));
  for (size_t i = borrowed_begin_; i < borrowed_.size() && count < parts.size(); ++i) {
    add(borrowed_[i]);
  }
  return count;
}

size_t OutputQueue::Lane::FirstFrameBytes() const {
  const Bytes first = copied_begin_ < copied_.size() ? Bytes(copied_).subspan(copied_begin_)
                                                     : borrowed_[borrowed_begin_];
  return *FrameBytes(first);
}

void OutputQueue::Add(Bytes frame, bool is_bulk) { (is_bulk ? bulk_ : normal_).Add(frame); }

size_t OutputQueue::Gather(absl::Span<iovec> parts) const {
  size_t count = 0;
  if (bulk_frame_rest_ > 0) count += bulk_.Gather(0, bulk_frame_rest_, parts);
  count += normal_.Gather(0, kNoLimit, parts.subspan(count));
  count += bulk_.Gather(bulk_frame_rest_, kNoLimit, parts.subspan(count));
  return count;
}

void OutputQueue::OnWritten(size_t bytes) {
  const size_t rest = std::min(bytes, bulk_frame_rest_);
  bulk_.Consume(rest);
  bulk_frame_rest_ -= rest;
  bytes -= rest;
  const size_t normal = std::min(bytes, normal_.bytes());
  normal_.Consume(normal);
  bytes -= normal;
  while (bytes > 0) {
    const size_t frame = bulk_.FirstFrameBytes();
    const size_t taken = std::min(bytes, frame);
    bulk_.Consume(taken);
    bulk_frame_rest_ = frame - taken;
    bytes -= taken;
  }
}

void OutputQueue::Settle() {
  normal_.Settle();
  bulk_.Settle();
}

}  // namespace ctdb
