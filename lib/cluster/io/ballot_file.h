// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ballot_file: the one thing that the cluster service must remember over a restart: the ballot
// that this node promised itself to last. A node that forgot it could vote twice.
//
// The file is one line of text: "ballot 1 <round> <node>", where 1 is the version of the format.
//
//   Ownership:  values.
//   Threading:  pure functions over the file system.
//   Errors:     DataLoss for a file that is not what was written, with what to do; otherwise those
//               of file.h.
//   Blocking:   yes: StoreBallot() until the file is on disk. Not for event loops.
//   Limits:     none.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(Ballot promised, LoadBallot(path));

#ifndef LIB_CLUSTER_IO_BALLOT_FILE_H_
#define LIB_CLUSTER_IO_BALLOT_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "lib/cluster/ballot.h"

namespace ctdb::cluster {

// Ballot 0 when there is no file yet.
absl::StatusOr<Ballot> LoadBallot(const std::string& path);
absl::Status StoreBallot(const std::string& path, Ballot ballot);

}  // namespace ctdb::cluster

#endif  // LIB_CLUSTER_IO_BALLOT_FILE_H_
