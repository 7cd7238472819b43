// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// restore: makes a database have the records of a backup:
// docs/decisions/0024-backup-and-restore.md.
//
// Everything is read and checked before anything is changed. What fits into one step happens at
// once or not at all. Otherwise the differences follow one another in steps, and while that is so a
// record of its own says that the database is neither what it was nor what it is to be; restoring
// again finishes it.
//
//   Ownership:  refers to source and target while it runs.
//   Threading:  belongs to one thread.
//   Errors:     those of source and target; before the first step nothing has happened, and after
//               it the text says what to do. FailedPrecondition: others write to the database so
//               much that it never was as it is to be.
//   Blocking:   as source and target.
//   Limits:     one step in memory, and what difference.h takes.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(const RestoreReport report, Restore(backup, database, {}));

#ifndef LIB_BACKUP_RESTORE_H_
#define LIB_BACKUP_RESTORE_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/backup/difference.h"
#include "lib/backup/records.h"

namespace ctdb::backup {

// The record that says that a restore is not finished.
inline constexpr absl::string_view kRestoreMarker = "__ctdb_restore_not_finished__";

// Of older backups and of TDB files of CTDB: it counts transactions there, and is no record.
bool IsLegacySequenceNumber(absl::string_view key);

struct RestoreOptions {
  bool removes = true;  // What the source does not have goes.
  size_t keys_max = 1 << 20;
  // Before the first of several steps: how many bytes differ.
  std::function<void(uint64_t bytes)> on_steps = {};
  // Before each step; an error ends it.
  std::function<absl::Status(uint64_t changes_done)> on_step = {};
};

struct RestoreReport {
  uint64_t changes = 0;  // Records written and deleted; with a wipe, those that there are now.
  uint64_t steps = 0;
  bool is_at_once = false;
};

absl::StatusOr<RestoreReport> Restore(RecordSource& wanted, RecordTarget& target,
                                      const RestoreOptions& options);

}  // namespace ctdb::backup

#endif  // LIB_BACKUP_RESTORE_H_
