// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// messages: what a home asks all members after a change of view, and what they answer.
//
//   home --Survey(page)--> member --Report(page)--> home --Survey(page + 1)--> member ...
//
// docs/decisions/0016-homes-rebuild-their-slots.md has the reasons.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     a report has about Reporter::Options::page_bytes_max; who decodes limits lengths.
//
// Example:
//   reporter.OnSurvey(from, Survey{database, epoch, 1, 0, "", slots});

#ifndef LIB_RECOVERY_MESSAGES_H_
#define LIB_RECOVERY_MESSAGES_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "lib/base/ids.h"
#include "lib/database/messages.h"
#include "lib/database/placement.h"
#include "lib/database/record_version.h"

namespace ctdb::recovery {

// What do you have of these slots, from `cursor` on? May be said again; nothing is kept for it.
struct Survey {
  database::DatabaseId database;
  Epoch epoch;
  uint64_t round = 0;  // Of the home, within the epoch.
  uint64_t page = 0;
  std::string cursor;  // As the page before ended; "" for the first one. Only its member reads it.
  database::SlotSet slots;
  // If there are any, only these records, which belong to `slots`: those who do not know this
  // field read all of the slots.
  std::vector<std::string> keys = {};
  friend bool operator==(const Survey&, const Survey&) = default;
};

struct Report {
  // A copy of a record. Also copies that nobody owns: one of them may be all that is left.
  struct Entry {
    std::string key;
    database::RecordVersion version;
    bool is_owner = false;
    database::Loan loan{};  // Of a read-only copy.
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  database::DatabaseId database;
  Epoch epoch;
  uint64_t round = 0;
  uint64_t page = 0;
  std::vector<Entry> entries;
  std::string next_cursor;
  bool is_last = false;
  // For people who wait: how many records this page looked at, and how many there are in all.
  uint64_t scanned = 0;
  uint64_t stored = 0;
  friend bool operator==(const Report&, const Report&) = default;
};

using Message = std::variant<Survey, Report>;

struct Send {
  NodeNumber to;
  Message message;
  friend bool operator==(const Send&, const Send&) = default;
};

}  // namespace ctdb::recovery

#endif  // LIB_RECOVERY_MESSAGES_H_
