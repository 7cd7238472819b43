// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// peer_cluster: a cluster of Debian's ctdb on this machine: one ctdbd per node in its test mode,
// which takes every path from one directory, each with an address of its own of 127.0.0.0/8 and
// the usual port. No public addresses, no event scripts, tunables as they come. In test mode ctdbd
// does not take real-time priority, as it does elsewhere; so it is given to it from outside.
//
//   Ownership:  the daemons, and a directory of its own below the given one. The daemons end when
//               the coordinator does, however it ends; only SIGKILL leaves the directory.
//   Threading:  as cluster_under_test.h says.
//   Errors:     FailedPrecondition when ctdb is not installed; otherwise what the daemons' last
//               lines say.
//   Blocking:   Start() about ten seconds, at most kStartPatience.
//   Limits:     250 nodes.

#ifndef TESTS_BENCH_CTDB_BENCH_PEER_CLUSTER_H_
#define TESTS_BENCH_CTDB_BENCH_PEER_CLUSTER_H_

#include <memory>
#include <string>

#include "tests/bench/ctdb_bench/cluster_under_test.h"

namespace ctdb::bench {

struct PeerOptions {
  std::string directory;
  bool realtime = true;  // Needs the right to do so (CAP_SYS_NICE).
};

std::unique_ptr<Cluster> MakePeerCluster(const PeerOptions& options);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_PEER_CLUSTER_H_
