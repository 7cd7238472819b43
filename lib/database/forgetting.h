// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// forgetting: what Owner is told of empty records, how far it has come with each, and what became
// of them.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none here.
//
// Example:
//   owner.OnRestingRecord({key, version, header.owner, loan, value.empty()}, now);
//   uint64_t forgotten = owner.forget_counts().forgotten;

#ifndef LIB_DATABASE_FORGETTING_H_
#define LIB_DATABASE_FORGETTING_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/database/record_version.h"

namespace ctdb::database {

// What lies in the store, read without locks.
struct RestingRecord {
  std::string key;
  RecordVersion version;
  NodeNumber owner;
  Loan loan{};
  bool is_empty = false;
  bool is_watched = false;
};

// Why an empty record was not forgotten this time.
enum class ForgetRefused : uint8_t {
  kWanted,    // By clients of this node, or it came lately.
  kTooMany,   // Others are being forgotten.
  kInUse,     // The home says so.
  kChanged,   // Under the lock it was another one.
  kNoAnswer,  // Of a node, or of the home.
};
struct ForgetCounts {
  uint64_t forgotten = 0;             // Of this node.
  uint64_t dropped = 0;               // Stale copies.
  uint64_t voided = 0;                // Copies from before this node was away.
  std::array<uint64_t, 5> refused{};  // By ForgetRefused.

  void Add(ForgetRefused reason) { ++refused[static_cast<size_t>(reason)]; }
};

// One record on its way out: first the home is asked, then the others empty their copies, then
// they remove them, then the home is asked for good.
struct Forgetting {
  enum class Step : uint8_t { kAsk, kEmpty, kRemove, kErase };
  RequestId request;
  RecordVersion version;
  Instant since{};
  Step step = Step::kAsk;
  std::vector<NodeNumber> missing{};  // Whose answer is.
  std::vector<NodeNumber> copies{};   // Who has something to remove.
};

}  // namespace ctdb::database

#endif  // LIB_DATABASE_FORGETTING_H_
