// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// load: configuration from the file system.
//
//   Ownership:  values.
//   Threading:  may be called from several threads at once.
//   Errors:     what cannot be read is a status; what is wrong inside a file is among the problems
//               of the result.
//   Blocking:   YES, as files do; LoadNodes also runs a command when the list of nodes comes from
//               one, for up to its time limit. Daemons call these before they start or on a helper
//               thread.
//   Limits:     kConfigBytesMax per file, kTunablesFilesMax files; CommandOptions for the command.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(Config config, LoadConfig(paths, Strictness::kLenient));
//   CTDB_RETURN_IF_ERROR(config.status());

#ifndef LIB_CONFIG_IO_LOAD_H_
#define LIB_CONFIG_IO_LOAD_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/config/config.h"
#include "lib/config/io/run_command.h"
#include "lib/config/nodes.h"
#include "lib/config/paths.h"
#include "lib/config/problem.h"
#include "lib/config/tunables.h"
#include "lib/config/validate.h"

namespace ctdb::config {

inline constexpr size_t kConfigBytesMax = size_t{1} << 20;
inline constexpr size_t kTunablesFilesMax = 1000;

// Looks at the file system with stat(2) and access(2).
class SystemFileProbe : public FileProbe {
 public:
  FileKind KindOf(const std::string& path) const override;
};

// A missing file is everything at its default when lenient, and NotFound when strict.
absl::StatusOr<Config> LoadConfig(const Paths& paths, Strictness strictness);

// Where the list of nodes comes from: a path, or "!" and a command.
std::string NodesSource(const Config& config, const Paths& paths);

// The list that NodesSource() names: NotFound when the file is missing, InvalidArgument with a line
// for each problem when the list is wrong or a command printed none.
absl::StatusOr<std::vector<NodeEntry>> LoadNodes(const Config& config, const Paths& paths,
                                                 const CommandOptions& options = {});

struct LoadedTunables {
  Tunables tunables;
  std::vector<Problem> problems;
  std::vector<std::string> files;  // those read, in this order
};

// Whatever is wrong, there is a result: as in CTDB, a node starts with what could be read. Missing
// files are fine.
LoadedTunables LoadTunables(const Paths& paths);

}  // namespace ctdb::config

#endif  // LIB_CONFIG_IO_LOAD_H_
