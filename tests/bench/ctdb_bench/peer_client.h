// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// peer_client: a client of Debian's ctdb that does what an smbd does: opens the daemon's TDB files
// itself, locks a record's hash chain, uses the record when its header names this node as owner,
// and asks the daemon to bring it here otherwise.
//
//   Ownership:  owns its connection; a database owns its handle of the TDB file.
//   Threading:  one thread; one handle of each file per process (libtdb wants it so).
//   Errors:     as cluster_under_test.h says.
//   Blocking:   yes; on the lock of a chain without a limit, as smbd does.
//   Limits:     as cluster_under_test.h says.

#ifndef TESTS_BENCH_CTDB_BENCH_PEER_CLIENT_H_
#define TESTS_BENCH_CTDB_BENCH_PEER_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tests/bench/ctdb_bench/cluster_under_test.h"

namespace ctdb::bench {

absl::StatusOr<std::unique_ptr<BenchClient>> ConnectToPeer(const std::string& socket_path);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_PEER_CLIENT_H_
