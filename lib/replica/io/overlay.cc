// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/io/overlay.h"

#include "lib/base/status_macros.h"

namespace ctdb::replica {

void Overlay::Add(const std::vector<Entry>& entries, const std::map<uint32_t, Digest>& digests) {
  for (const Entry& entry : entries) {
    for (const Write& write : entry.writes) {
      Item item{{entry.position, {}}, write.value};
      if (write.value)
        item.info.fingerprint = FingerprintOf(write.key, entry.position, *write.value);
      items_.insert_or_assign({SlotNumberOf(write.key), write.key}, std::move(item));
    }
    bytes_ += BytesOf(entry);
    entries_.push_back(entry);
  }
  for (const auto& [slot, digest] : digests) digests_[slot] = digest;
}

const Overlay::Item* Overlay::Find(absl::string_view key) const {
  if (items_.empty()) return nullptr;
  const auto it = items_.find({SlotNumberOf(key), std::string(key)});
  return it == items_.end() ? nullptr : &it->second;
}

absl::Status MergedCursor::Seek(const Tables& tables, const store::LmdbTransaction& txn,
                                const Overlay::Items& items, uint32_t slot,
                                absl::string_view after) {
  item_ = items.upper_bound({slot, std::string(after)});
  end_ = items.end();
  is_loaded_ = false;
  return tables_.Seek(tables, txn, slot, after);
}

absl::StatusOr<bool> MergedCursor::Next(RecordView& record) {
  while (true) {
    if (!is_loaded_) {
      CTDB_ASSIGN_OR_RETURN(is_there_, tables_.Next(next_));
      is_loaded_ = true;
    }
    if (item_ == end_) {
      record = next_;
      is_loaded_ = false;
      return is_there_;
    }
    const auto& [slot, key] = item_->first;
    const bool is_same = is_there_ && next_.slot == slot && next_.key == key;
    const bool is_tables_turn =
        is_there_ && !is_same && (next_.slot < slot || (next_.slot == slot && next_.key < key));
    if (is_tables_turn) {
      record = next_;
      is_loaded_ = false;
      return true;
    }
    // What the tables have of it is older.
    if (is_same) is_loaded_ = false;
    const Overlay::Item& item = (item_++)->second;
    if (!item.value) continue;
    record = {slot, item.info, key, *item.value};
    return true;
  }
}

}  // namespace ctdb::replica
