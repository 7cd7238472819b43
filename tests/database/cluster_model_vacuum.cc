// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ClusterModel's vacuuming, and what must hold of it.

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/database/cluster_model.h"

namespace ctdb::database {

// A record or two at a time, without their locks, and told later.
void ClusterModel::Vacuum(NodeNumber number, const std::string& after) {
  const absl::Duration pause = Below(after.empty() ? 2 * options_.vacuum : options_.vacuum / 4);
  LaterAt(number, pause, [this, number, after] {
    Node& node = At(number);
    auto it = node.store.upper_bound(after);
    std::string last;
    for (size_t i = 0; i < 2 && it != node.store.end(); ++i, ++it) {
      last = it->first;
      const StoredRecord& record = it->second;
      const RestingRecord resting{it->first,   record.version,       record.owner,
                                  record.loan, record.value.empty(), record.is_watched};
      const absl::Duration delay =
          Below(random_.Below(4) == 0 ? absl::Milliseconds(3) : absl::Microseconds(50));
      LaterAt(number, delay,
              [this, number, resting] { At(number).owner->OnRestingRecord(resting, now_); });
    }
    Vacuum(number, it == node.store.end() ? "" : last);
  });
}

// A node that returns while others have stayed, as there always are some here, comes with nothing.
bool ClusterModel::IsVoid(NodeNumber node, const StoredRecord& record) const {
  auto joined = joined_.find(node);
  return joined == joined_.end() ||
         (record.version.epoch < joined->second && record.loan.epoch < joined->second);
}

void ClusterModel::Remove(NodeNumber number, const std::string& key) {
  Node& node = At(number);
  auto it = node.store.find(key);
  if (it == node.store.end()) return Fail("removes what is not there");
  const StoredRecord removed = it->second;
  const bool was_owned = IsOwned(number, key);
  node.store.erase(it);
  if (node.is_fenced || IsVoid(number, removed)) return;
  if (was_owned && !removed.value.empty()) Fail(absl::StrCat("a value of ", key, " is erased"));
  if (was_owned) ++forgotten_;
  bool has_newer = false;
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    auto other = nodes_[i].store.find(key);
    if (!nodes_[i].is_up || other == nodes_[i].store.end()) continue;
    if (IsVoid(NodeNumber(i), other->second)) continue;
    has_newer |=
        OrderOf(other->second.version, other->second.loan) > OrderOf(removed.version, removed.loan);
    if (was_owned && !other->second.value.empty()) {
      Fail(absl::StrCat(key, " is forgotten, and node ", i, " has a copy (INV-23)"));
    }
  }
  // Its owner may have died after it had said so.
  if (!was_owned && !has_newer && !removed.value.empty() && !may_lose_.contains(key)) {
    Fail(absl::StrCat("the newest copy of ", key, " is dropped (INV-26)"));
  }
}

// What is wrong when nobody does anything any more, or empty.
std::string ClusterModel::Remains(const std::string& key) {
  const StoredRecord* newest = nullptr;
  uint64_t copies = 0;
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    auto it = nodes_[i].store.find(key);
    if (!nodes_[i].is_up || it == nodes_[i].store.end()) continue;
    ++copies;
    if (IsVoid(NodeNumber(i), it->second)) return absl::StrCat("a void copy at node ", i);
    const CopyOrder order = OrderOf(it->second.version, it->second.loan);
    if (!newest || order > OrderOf(newest->version, newest->loan)) newest = &it->second;
  }
  if (newest && !newest->value.empty()) return "";
  if (copies > 0) return absl::StrCat(copies, " copies of a deleted record");
  for (const Node& node : nodes_) {
    if (node.is_up && node.directory->Find(key)) return "the home of a deleted record knows it";
  }
  return "";
}

void ClusterModel::WaitUntilForgotten(absl::Duration limit) {
  const Instant end = After(now_, limit);
  for (uint32_t i = 0; i < options_.keys && failure_.empty();) {
    const std::string key = absl::StrCat("key", i);
    const std::string remains = Remains(key);
    if (remains.empty()) {
      ++i;
    } else if (now_ >= end) {
      Fail(absl::StrCat(key, ": ", remains));
    } else {
      RunFor(absl::Milliseconds(10));
    }
  }
}

}  // namespace ctdb::database
