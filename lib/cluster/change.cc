// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/change.h"

#include <algorithm>
#include <utility>

namespace ctdb::cluster {
namespace {

// Others are about the cluster as a whole, or change nothing yet.
bool ChangesNodeState(ChangeKind kind) {
  return kind == ChangeKind::kConnection || kind == ChangeKind::kFlags ||
         kind == ChangeKind::kRunState;
}

}  // namespace

uint64_t ChangeLog::Add(Change change, Instant now) {
  change.sequence = ++last_;
  change.at = now;
  if (ChangesNodeState(change.kind)) latest_[change.node] = last_;
  kept_.push_back(std::move(change));
  if (kept_.size() > kKept) kept_.pop_front();
  return last_;
}

std::vector<Change> ChangeLog::After(uint64_t sequence, uint64_t* missed) const {
  const uint64_t first_kept = last_ - kept_.size() + 1;
  *missed = sequence + 1 < first_kept ? first_kept - sequence - 1 : 0;
  const uint64_t from = std::max(sequence + 1, first_kept);
  if (from > last_) return {};
  return {kept_.begin() + static_cast<std::ptrdiff_t>(from - first_kept), kept_.end()};
}

std::vector<Change> ChangeLog::Why(NodeNumber node) const {
  std::vector<Change> chain;
  const auto latest = latest_.find(node);
  uint64_t sequence = latest == latest_.end() ? 0 : latest->second;
  while (const Change* change = Find(sequence)) {
    chain.push_back(*change);
    // Causes lie in the past, so the chain ends.
    if (change->cause >= sequence || chain.size() == kChainMax) break;
    sequence = change->cause;
  }
  return chain;
}

const Change* ChangeLog::Find(uint64_t sequence) const {
  const uint64_t first_kept = last_ - kept_.size() + 1;
  if (sequence < first_kept || sequence > last_ || sequence == 0) return nullptr;
  return &kept_[sequence - first_kept];
}

}  // namespace ctdb::cluster
