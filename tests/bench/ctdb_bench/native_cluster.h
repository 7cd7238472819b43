// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// native_cluster: a cluster of ours on this machine, started with "ctdb local" and stopped with it.
//
//   Ownership:  the daemons, and a directory of its own below the given one.
//   Threading:  as cluster_under_test.h says.
//   Errors:     what "ctdb local" said.
//   Blocking:   Start() a few seconds, at most 30.
//   Limits:     those of "ctdb local".

#ifndef TESTS_BENCH_CTDB_BENCH_NATIVE_CLUSTER_H_
#define TESTS_BENCH_CTDB_BENCH_NATIVE_CLUSTER_H_

#include <memory>
#include <string>

#include "tests/bench/ctdb_bench/cluster_under_test.h"

namespace ctdb::bench {

struct NativePrograms {
  std::string ctdb;
  std::string ctdbd;
  int memory_mib = 0;  // Of each volatile database; 0: what suits the host.
};

std::unique_ptr<Cluster> MakeNativeCluster(const std::string& directory,
                                           const NativePrograms& programs);

// A client of ours on the node that listens at the socket.
absl::StatusOr<std::unique_ptr<BenchClient>> ConnectToNative(const std::string& socket_path);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_NATIVE_CLUSTER_H_
