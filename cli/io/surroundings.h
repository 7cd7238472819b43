// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// surroundings: what the process finds around it: environment, terminal, time zone, its own file.
//
//   Ownership:  values.
//   Threading:  reads the environment; not beside setenv().
//   Errors:     those of the paths, such as test mode without a base directory.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_IO_SURROUNDINGS_H_
#define CLI_IO_SURROUNDINGS_H_

#include "absl/status/statusor.h"
#include "cli/context.h"
#include "cli/options.h"

namespace ctdb::cli {

absl::StatusOr<Environment> ReadSurroundings();

// stdout, flushed at every line's end, and stderr.
class StandardTerminal : public Terminal {
 public:
  void Out(absl::string_view text) override;
  void Err(absl::string_view text) override;
  void CatchInterrupt() override;
  bool interrupted() override;
};

}  // namespace ctdb::cli

#endif  // CLI_IO_SURROUNDINGS_H_
