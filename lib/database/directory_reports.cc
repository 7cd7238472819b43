// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The part of Directory that learns what members have of slots that came to this node.

#include <utility>

#include "lib/database/directory.h"

namespace ctdb::database {

void Directory::OnReported(const std::string& key, const FoundCopy& copy) {
  const uint32_t slot = SlotOf(key).value();
  if (!own_slots_.test(slot) || is_ready_.test(slot)) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  // Millions of them: looked for once.
  auto [it, is_first] = records_.try_emplace(key);
  Record& record = it->second;
  if (is_first || IsOver(key, record)) {
    is_first = true;
    record = {};
    record.view = views_;
  }
  // Recovery has been asked for it alone, and knows more than this, which may be over.
  if (!is_first && record.undecided != Undecided::Why::kReported) return;
  if (!is_first) {
    const FoundCopy best = BestOf(key, record);
    if (best.node == copy.node) return;  // Found twice.
    // Who claims what another one owns has to give up.
    if (best.is_owner && copy.is_owner) {
      lent_copies_.erase(key);
      return Undecide(key, record, Undecided::Why::kContradiction);
    }
    if (!copy.IsBetterThan(best)) return;
  }
  record.undecided = Undecided::Why::kReported;
  record.owner = copy.node;
  record.version = copy.order.version;
  record.is_copy = !copy.is_owner;
  if (copy.order.is_full) {
    lent_copies_.erase(key);
  } else {
    lent_copies_[key] = copy.order.loan;
  }
}

FoundCopy Directory::BestOf(const std::string& key, const Record& record) const {
  const auto lent = lent_copies_.find(key);
  const Loan loan = lent == lent_copies_.end() ? Loan{} : lent->second;
  return {*record.owner, !record.is_copy, OrderOf(record.version, loan)};
}

bool Directory::IsUndecided(const std::string& key) const {
  const auto it = records_.find(key);
  return it != records_.end() && !IsOver(key, it->second) &&
         WhyUndecided(key, it->second).has_value();
}

// Of a slot that is not ready: what has been reported is asked for once more, of all members.
Directory::Records::iterator Directory::Want(Records::iterator it, const std::string& key) {
  if (it == records_.end()) it = Make(key);
  Record& record = it->second;
  record.owner.reset();
  record.version = {};
  record.is_copy = false;
  lent_copies_.erase(key);
  Undecide(key, record, Undecided::Why::kWanted);
  return it;
}

// Whoever reads what is not there leaves no trace.
void Directory::RefuseReaders(Records::iterator it) {
  auto& [key, record] = *it;
  if (!record.HasQueue()) return;
  std::erase_if(record.traffic->queue, [&](const Waiting& waiting) {
    if (!waiting.is_read || waiting.is_once) return false;
    Refuse(waiting.node, HeadFor(key, waiting.request), RefusalReason::kAbsent);
    --waiting_;
    return true;
  });
  record.Rest();
}

}  // namespace ctdb::database
