// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/backup/difference.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "lib/base/status_macros.h"
#include "lib/store/siphash.h"

namespace ctdb::backup {
namespace {

uint64_t ValueHash(absl::string_view value) { return store::SipHash13({5, 6}, value); }

// One part of the keys.
class Part {
 public:
  using Visit = absl::FunctionRef<absl::Status(const Difference&)>;
  Part(uint64_t number, uint64_t parts, const CompareOptions& options, DifferenceCounts& counts,
       Visit visit)
      : number_(number), parts_(parts), options_(options), counts_(counts), visit_(visit) {}

  absl::Status Run(RecordSource& wanted, RecordSource& present) {
    CTDB_RETURN_IF_ERROR(wanted.ForEach([&](absl::string_view key, absl::string_view value) {
      const KeyHash hash = HashOf(key);
      if (IsMine(hash) && !value.empty()) entries_[hash] = {ValueHash(value), State::kAbsent};
      return absl::OkStatus();
    }));
    CTDB_RETURN_IF_ERROR(present.ForEach(
        [&](absl::string_view key, absl::string_view value) { return See(key, value); }));
    counts_.same += same_;
    // Nothing is missing.
    if (same_ == entries_.size()) return absl::OkStatus();
    return wanted.ForEach(
        [&](absl::string_view key, absl::string_view value) { return Want(key, value); });
  }

 private:
  enum class State : uint8_t { kAbsent, kOther, kSame, kDone };
  struct Entry {
    uint64_t value = 0;
    State state = State::kAbsent;
  };

  bool IsMine(const KeyHash& hash) const { return hash.high % parts_ == number_; }

  absl::Status Tell(Difference::Kind kind, absl::string_view key, absl::string_view value) {
    counts_.bytes += BytesOf(key, value);
    return visit_({kind, key, value});
  }

  absl::Status See(absl::string_view key, absl::string_view value) {
    const KeyHash hash = HashOf(key);
    if (!IsMine(hash) || value.empty() || key == options_.ignored_key) return absl::OkStatus();
    const auto it = entries_.find(hash);
    if (it == entries_.end()) {
      if (!options_.removes) return absl::OkStatus();
      ++counts_.removed;
      return Tell(Difference::Kind::kRemoved, key, "");
    }
    // One that moves may be told twice: what it was last counts.
    Entry& entry = it->second;
    const State now = entry.value == ValueHash(value) ? State::kSame : State::kOther;
    if (entry.state == State::kSame && now != State::kSame) --same_;
    if (entry.state != State::kSame && now == State::kSame) ++same_;
    entry.state = now;
    return absl::OkStatus();
  }

  absl::Status Want(absl::string_view key, absl::string_view value) {
    const auto it = entries_.find(HashOf(key));
    if (it == entries_.end() || value.empty()) return absl::OkStatus();
    Entry& entry = it->second;
    const bool is_old = entry.value != ValueHash(value);
    if (entry.state == State::kSame || entry.state == State::kDone || is_old) {
      return absl::OkStatus();
    }
    const bool is_new = entry.state == State::kAbsent;
    entry.state = State::kDone;
    ++(is_new ? counts_.added : counts_.changed);
    return Tell(is_new ? Difference::Kind::kAdded : Difference::Kind::kChanged, key, value);
  }

  const uint64_t number_;
  const uint64_t parts_;
  const CompareOptions& options_;
  DifferenceCounts& counts_;
  const Visit visit_;
  absl::flat_hash_map<KeyHash, Entry> entries_;
  uint64_t same_ = 0;
};

}  // namespace

KeyHash HashOf(absl::string_view key) {
  return {store::SipHash13({1, 2}, key), store::SipHash13({3, 4}, key)};
}

absl::StatusOr<DifferenceCounts> Compare(RecordSource& wanted, RecordSource& present,
                                         const CompareOptions& options,
                                         absl::FunctionRef<absl::Status(const Difference&)> visit) {
  uint64_t records = 0;
  CTDB_RETURN_IF_ERROR(wanted.ForEach([&](absl::string_view, absl::string_view) {
    ++records;
    return absl::OkStatus();
  }));
  const uint64_t parts = records / std::max<size_t>(options.keys_max, 1) + 1;
  DifferenceCounts counts;
  for (uint64_t part = 0; part < parts; ++part) {
    CTDB_RETURN_IF_ERROR(Part(part, parts, options, counts, visit).Run(wanted, present));
  }
  return counts;
}

}  // namespace ctdb::backup
