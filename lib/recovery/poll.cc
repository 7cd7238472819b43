// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/recovery/poll.h"

#include <algorithm>
#include <utility>

namespace ctdb::recovery {

void Poll::Begin(const std::vector<NodeNumber>& members, const Survey& survey, Instant now) {
  Stop();
  for (NodeNumber member : members) {
    Asked& asked = asked_[member];
    asked.survey = survey;
    Ask(member, asked, now);
  }
}

void Poll::Stop() {
  asked_.clear();
  sends_.clear();
}

void Poll::Ask(NodeNumber member, Asked& asked, Instant now) {
  sends_.push_back({member, asked.survey});
  asked.ask_again = After(now, resend_);
}

bool Poll::OnReport(NodeNumber from, const Report& report, Instant now) {
  auto it = asked_.find(from);
  if (it == asked_.end()) return false;
  Survey& survey = it->second.survey;
  const bool is_asked = report.database == survey.database && report.epoch == survey.epoch &&
                        report.round == survey.round && report.page == survey.page;
  if (!is_asked) return false;
  if (report.is_last) {
    asked_.erase(it);
    return true;
  }
  ++survey.page;
  survey.cursor = report.next_cursor;
  Ask(from, it->second, now);
  return true;
}

void Poll::OnTick(Instant now) {
  for (auto& [member, asked] : asked_) {
    if (asked.ask_again <= now) Ask(member, asked, now);
  }
}

std::vector<Send> Poll::TakeSends() { return std::exchange(sends_, {}); }

Instant Poll::NextDeadline() const {
  Instant next = kNever;
  for (const auto& [member, asked] : asked_) next = std::min(next, asked.ask_again);
  return next;
}

std::vector<NodeNumber> Poll::WaitsFor() const {
  std::vector<NodeNumber> nodes;
  for (const auto& [member, asked] : asked_) nodes.push_back(member);
  return nodes;
}

}  // namespace ctdb::recovery
