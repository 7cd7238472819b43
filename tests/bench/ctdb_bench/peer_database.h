// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// peer_database: an attached volatile database of Debian's ctdb: the TDB file that client and
// daemon share, and the calls that bring a record into it.
//
//   Ownership:  owns its handle of the file; uses the client's connection.
//   Threading:  one thread.
//   Errors:     as cluster_under_test.h says; what TDB says is part of the text.
//   Blocking:   yes.
//   Limits:     kRoundsMax attempts to get hold of one record.

#ifndef TESTS_BENCH_CTDB_BENCH_PEER_DATABASE_H_
#define TESTS_BENCH_CTDB_BENCH_PEER_DATABASE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "lib/samba/constants.h"
#include "tests/bench/ctdb_bench/cluster_under_test.h"
#include "tests/bench/ctdb_bench/peer_connection.h"

namespace ctdb::bench {

struct PeerDatabasePlace {
  PeerConnection& connection;
  std::string socket_path;  // For the connection that each traverse has of its own.
  NodeNumber node;
  samba::DbId id;
  std::string tdb_path;
  int tdb_flags;  // As the daemon's own handle has them.
};

absl::StatusOr<std::unique_ptr<BenchDatabase>> OpenPeerDatabase(const PeerDatabasePlace& place);

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_PEER_DATABASE_H_
