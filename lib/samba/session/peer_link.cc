// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/peer_link.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::samba {

absl::Status PeerLink::Send(absl::string_view item) {
  if (item.size() > kItemBytesMax || queued_bytes_ + item.size() > kQueueBytesMax) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "cannot send ", item.size(), " bytes to the Samba proxy of another node: ", queued_bytes_,
        " bytes wait for it already"));
  }
  queued_bytes_ += item.size();
  bool begins = true;
  do {
    const absl::string_view part = item.substr(0, kChunkBytesMax);
    item.remove_prefix(part.size());
    Chunk& chunk = queue_.emplace_back();
    chunk.sequence = oldest_ + queue_.size() - 1;
    chunk.begins = begins;
    chunk.ends = item.empty();
    chunk.bytes = std::string(part);
    begins = false;
  } while (!item.empty());
  return absl::OkStatus();
}

void PeerLink::Drop() {
  oldest_ += queue_.size();
  queue_.clear();
  queued_bytes_ = 0;
  next_ = 0;
  retry_at_ = kNever;
}

bool PeerLink::TakeRestarted() { return std::exchange(was_restarted_, false); }

Chunk PeerLink::Begin() const {
  Chunk chunk;
  chunk.run = run_;
  chunk.to_run = peer_run_;
  chunk.acknowledged = expected_ - 1;
  chunk.oldest = oldest_;
  return chunk;
}

std::vector<Chunk> PeerLink::TakeOutput(Instant now) {
  std::vector<Chunk> output;
  size_t on_the_way = 0;
  for (size_t i = 0; i < next_; ++i) on_the_way += queue_[i].bytes.size();
  while (next_ < queue_.size() && (on_the_way < kWindowBytes || next_ == 0)) {
    const Chunk& waiting = queue_[next_++];
    Chunk chunk = Begin();
    chunk.sequence = waiting.sequence;
    chunk.begins = waiting.begins;
    chunk.ends = waiting.ends;
    chunk.bytes = waiting.bytes;
    on_the_way += chunk.bytes.size();
    output.push_back(std::move(chunk));
  }
  if (output.empty() && (owes_ == Owes::kNow || acknowledge_at_ <= now)) output.push_back(Begin());
  if (!output.empty()) {
    owes_ = Owes::kNothing;
    acknowledge_at_ = kNever;
    unacknowledged_bytes_ = 0;
  } else if (owes_ == Owes::kSoon && acknowledge_at_ == kNever) {
    acknowledge_at_ = After(now, kAcknowledgeAfter);
  }
  if (next_ > 0 && retry_at_ == kNever) retry_at_ = After(now, kRetryAfter);
  return output;
}

void PeerLink::OnTick(Instant now) {
  if (now < retry_at_) return;
  retry_at_ = kNever;
  Resend();
}

std::vector<std::string> PeerLink::OnChunk(Chunk chunk) {
  std::vector<std::string> items;
  if (chunk.run < peer_run_) return items;  // Its sender is no more.
  OnPeerRun(chunk);
  const bool is_for_this_run = chunk.to_run == run_;
  if (is_for_this_run) OnAcknowledged(chunk.acknowledged);
  if (chunk.sequence == 0) return items;
  // A sender that does not know this run yet, or says something again, waits for it.
  Owe(is_for_this_run && chunk.sequence == expected_ ? Owes::kSoon : Owes::kNow);
  if (is_for_this_run || chunk.to_run == 0) Take(chunk, items);
  return items;
}

void PeerLink::OnPeerRun(const Chunk& chunk) {
  if (chunk.run == peer_run_) return;
  if (peer_run_ != 0) {
    was_restarted_ = true;
    Drop();
  }
  peer_run_ = chunk.run;
  expected_ = std::max<uint64_t>(chunk.oldest, 1);
  is_inside_item_ = false;
  item_.clear();
  Owe(Owes::kNow);
}

void PeerLink::OnAcknowledged(uint64_t sequence) {
  bool has_moved = false;
  while (!queue_.empty() && oldest_ <= sequence) {
    queued_bytes_ -= queue_.front().bytes.size();
    queue_.pop_front();
    ++oldest_;
    if (next_ > 0) --next_;
    has_moved = true;
  }
  if (has_moved) retry_at_ = kNever;  // The next TakeOutput() sets it again if more is on its way.
}

void PeerLink::Take(Chunk& chunk, std::vector<std::string>& items) {
  if (chunk.oldest > expected_) {
    expected_ = chunk.oldest;
    is_inside_item_ = false;
  }
  if (chunk.sequence != expected_) return;
  ++expected_;
  unacknowledged_bytes_ += chunk.bytes.size();
  if (unacknowledged_bytes_ >= kAcknowledgeBytes) Owe(Owes::kNow);
  if (chunk.begins) {
    item_.clear();
    is_inside_item_ = true;
  }
  if (!is_inside_item_) return;
  if (item_.size() + chunk.bytes.size() > kItemBytesMax) {
    is_inside_item_ = false;
    item_.clear();
    return;
  }
  item_ += chunk.bytes;
  if (!chunk.ends) return;
  is_inside_item_ = false;
  items.push_back(std::exchange(item_, std::string()));
}

}  // namespace ctdb::samba
