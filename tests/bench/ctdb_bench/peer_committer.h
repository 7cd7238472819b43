// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// peer_committer: transactions in a persistent database of Debian's ctdb, as Samba makes them:
// under a lock over the whole cluster, by one TRANS3_COMMIT with all records and the sequence
// number.
//
// The lock is a record of a volatile database that stays locked meanwhile. Samba's own, a record
// that is changed before and after, costs more.
//
//   Ownership:  refers to the connection; owns the handle of the TDB file and the lock's database.
//   Threading:  not thread-safe.
//   Errors:     what the daemon answered.
//   Blocking:   until the commit is answered.
//   Limits:     none of its own.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto committer, OpenPeerCommitter(place, std::move(locks)));
//   CTDB_RETURN_IF_ERROR(committer->Increment("key"));

#ifndef TESTS_BENCH_CTDB_BENCH_PEER_COMMITTER_H_
#define TESTS_BENCH_CTDB_BENCH_PEER_COMMITTER_H_

#include <memory>

#include "absl/status/statusor.h"
#include "tests/bench/ctdb_bench/cluster_under_test.h"
#include "tests/bench/ctdb_bench/peer_database.h"

namespace ctdb::bench {

absl::StatusOr<std::unique_ptr<BenchCommitter>> OpenPeerCommitter(
    const PeerDatabasePlace& place, std::unique_ptr<BenchDatabase> locks);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_PEER_COMMITTER_H_
