// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/samba/packet.h"

namespace ctdb::samba {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
// A buffer larger than this is given back as soon as nothing waits in it.
constexpr size_t kKeptBytesMax = 1024 * 1024;

}  // namespace

char* FrameReader::Space(size_t* size) {
  MakeRoom();
  *size = capacity_ - filled_;
  return buffer_.get() + filled_;
}

void FrameReader::MakeRoom() {
  if (waiting() == 0) {
    begin_ = filled_ = 0;
    if (capacity_ > kKeptBytesMax) capacity_ = 0;
  }
  if (capacity_ == 0) {
    capacity_ = std::min(kBufferBytes, capacity_max());
    buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
  }
  if (capacity_ - filled_ >= kReadBytesMin) return;
  if (begin_ > 0) std::memmove(buffer_.get(), buffer_.get() + begin_, waiting());
  filled_ = waiting();
  begin_ = 0;
  // Moving less than half of the buffer for each half that arrives keeps the cost of it constant.
  if (capacity_ - filled_ < kReadBytesMin || filled_ >= capacity_ / 2) Grow();
}

void FrameReader::Grow() {
  const size_t capacity = std::min(capacity_ * 2, capacity_max());
  if (capacity == capacity_) return;
  auto grown = std::make_unique_for_overwrite<char[]>(capacity);
  std::memcpy(grown.get(), buffer_.get(), filled_);
  buffer_ = std::move(grown);
  capacity_ = capacity;
}

void FrameReader::Added(size_t size) { filled_ += std::min(size, capacity_ - filled_); }

absl::StatusOr<std::optional<absl::string_view>> FrameReader::Next() {
  while (failure_.ok()) {
    uint32_t length = 0;
    if (waiting() < sizeof(length)) return std::nullopt;
    std::memcpy(&length, buffer_.get() + begin_, sizeof(length));
    const bool is_short = length < kPacketHeaderBytes;
    if (length == 0 || length > options_.packet_bytes_max ||
        (is_short && options_.short_frames == ShortFrames::kRefuse)) {
      failure_ = absl::InvalidArgumentError(
          absl::StrCat("a packet says it has ", length, " bytes; ", kPacketHeaderBytes, " to ",
                       options_.packet_bytes_max, " are possible"));
      break;
    }
    if (waiting() < length) return std::nullopt;
    const absl::string_view frame(buffer_.get() + begin_, length);
    begin_ += length;
    if (!is_short) return frame;
    ++skipped_count_;
  }
  return failure_;
}

}  // namespace ctdb::samba
