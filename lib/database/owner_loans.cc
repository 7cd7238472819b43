// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The part of Owner that lends records out, and reads what others lent.

#include <algorithm>
#include <utility>

#include "lib/database/owner.h"

namespace ctdb::database {

void Owner::OnShare(const Share& share, Instant now) {
  auto it = keys_.try_emplace(share.head.key).first;
  std::vector<Share>& shares = share.loan == 0 ? it->second.shows : it->second.shares;
  std::erase_if(shares, [&](const Share& other) { return other.to == share.to; });
  shares.push_back(share);
  Advance(it, now);
}

// A request that was answered, given up or revoked may have been followed by a write.
void Owner::OnCopy(NodeNumber from, const Copy& copy, Instant now) {
  auto it = keys_.find(copy.head.key);
  bool is_wanted = it != keys_.end() && it->second.asked &&
                   it->second.asked->request == copy.head.request &&
                   it->second.asked->mode == Mode::kRead;
  if (!is_wanted) {
    ignored_.Add(Ignored::kLate);
    return;
  }
  const uint64_t until = it->second.asked->until;
  it->second.asked.reset();
  if (copy.loan == 0) {
    // Who came later may have to see what was written since.
    AnswerReaders(it->second, Answer::kValue, until, copy.value);
  } else {
    it->second.copy = Received{from, copy};
  }
  Advance(it, now);
}

void Owner::OnRevoke(const Revoke& revoke, Instant now) {
  auto it = keys_.try_emplace(revoke.head.key).first;
  Key& key = it->second;
  if (key.copy && key.copy->copy.loan <= revoke.loan) key.copy.reset();
  bool may_come = key.asked && key.asked->mode == Mode::kRead;
  if (may_come) key.asked.reset();
  if (!key.asked) key.ask_again = Instant::min();
  if (!key.revoke || key.revoke->loan < revoke.loan) key.revoke = revoke;
  Advance(it, now);
}

void Owner::StoreCopy(Keys::iterator it, std::optional<StoredRecord>& stored) {
  Key& key = it->second;
  if (!key.copy) return;
  auto [from, copy] = *std::exchange(key.copy, std::nullopt);
  StoredRecord lent{copy.version, from, copy.value, {epoch_, copy.loan}, /*is_read_only=*/true};
  bool is_newer =
      !stored || OrderOf(stored->version, stored->loan) < OrderOf(lent.version, lent.loan);
  if (!is_newer) {
    ignored_.Add(Ignored::kLate);
    key.ask_again = Instant::min();
    return;
  }
  stored = std::move(lent);
  output_.stores.push_back({it->first, *stored});
  AnswerReaders(key, Answer::kReady);
}

// Changes what is there and creates nothing.
void Owner::EndLoan(Keys::iterator it, std::optional<StoredRecord>& stored) {
  if (!it->second.revoke) return;
  Revoke revoke = *std::exchange(it->second.revoke, std::nullopt);
  if (stored && stored->is_read_only && stored->loan <= Loan{epoch_, revoke.loan}) {
    stored->is_read_only = false;
    output_.stores.push_back({it->first, *stored});
  }
  SendHome(it->first, Revoked{revoke.head, revoke.loan});
}

// The record stays as it is, so clients of this node need not have had it before.
void Owner::Show(Keys::iterator it, const std::optional<StoredRecord>& stored) {
  for (const Share& show : std::exchange(it->second.shows, {})) {
    if (!IsOwned(stored, show.version)) {
      SendHome(it->first, Refusal{show.head, RefusalReason::kNotOwner, show.version});
    } else if (stored->value.size() > options_.given_bytes_max) {
      output_.too_large.push_back(it->first);
    } else {
      output_.sends.push_back({show.to, Copy{show.head, show.version, 0, stored->value}});
    }
  }
}

void Owner::LendOut(Keys::iterator it, std::optional<StoredRecord>& stored) {
  for (const Share& share : std::exchange(it->second.shares, {})) {
    if (!IsOwned(stored, share.version)) {
      SendHome(it->first, Refusal{share.head, RefusalReason::kNotOwner, share.version});
      continue;
    }
    if (!stored->is_lent_out) {
      stored->is_lent_out = true;
      output_.stores.push_back({it->first, *stored});
    }
    forgetting_.erase(it->first);  // A copy is on its way again.
    output_.sends.push_back({share.to, Copy{share.head, share.version, share.loan, stored->value}});
  }
}

}  // namespace ctdb::database
