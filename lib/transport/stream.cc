// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/stream.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/protocol/limits.h"

namespace ctdb {

size_t StreamSender::SendableBytes() const {
  return static_cast<size_t>(std::min<uint64_t>(granted_ - offset_, kStreamChunkBytesMax));
}

void StreamSender::OnCredit(uint64_t granted) { granted_ = std::max(granted_, granted); }

absl::Status StreamReceiver::OnChunk(uint64_t offset, size_t bytes) {
  if (offset != received_) {
    return absl::InvalidArgumentError(
        absl::StrCat("stream goes on at byte ", offset, " where byte ", received_, " was to come"));
  }
  if (bytes > granted_ - received_) {
    return absl::InvalidArgumentError(
        absl::StrCat("stream sent ", bytes, " bytes at ", offset, " with credit up to ", granted_));
  }
  received_ += bytes;
  return absl::OkStatus();
}

std::optional<uint64_t> StreamReceiver::OnConsumed(size_t bytes) {
  consumed_ += bytes;
  const uint64_t grant = consumed_ + window_;
  if (grant - granted_ < window_ / 2) return std::nullopt;
  granted_ = grant;
  return granted_;
}

absl::Status StreamReceiver::OnEnd(uint64_t total) const {
  if (total == received_) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("stream ended after ", received_, " bytes, its sender counted ", total));
}

}  // namespace ctdb
