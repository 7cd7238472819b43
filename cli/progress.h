// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// progress: how far something long has come, in one line of a terminal's stderr; elsewhere nothing.
// Also hears Ctrl-C, so that what is half done can be put away.
//
//   Ownership:  borrows the context.
//   Threading:  belongs to the context's thread.
//   Errors:     Cancelled: somebody pressed Ctrl-C.
//   Blocking:   never.
//   Limits:     some ten lines in a second.
//
// Example:
//   Progress progress(context, "backing up registry.tdb");
//   CTDB_RETURN_IF_ERROR(progress.Step());  // For each record.

#ifndef CLI_PROGRESS_H_
#define CLI_PROGRESS_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/context.h"

namespace ctdb::cli {

class Progress {
 public:
  Progress(Context& context, std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // One more record.
  absl::Status Step();

 private:
  Context& context_;
  const std::string what_;
  uint64_t records_ = 0;
  absl::Time shown_ = absl::InfinitePast();
};

}  // namespace ctdb::cli

#endif  // CLI_PROGRESS_H_
