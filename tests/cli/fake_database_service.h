// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// fake_database_service: the database service of one node of a FakeCluster, which knows what the
// FakeDatabases say and changes them when it is told to.
//
//   Ownership:  borrows the cluster.
//   Threading:  belongs to one thread.
//   Errors:     those that the FakeDatabases ask for.
//   Blocking:   never.
//   Limits:     those of the FakeCluster.

#ifndef TESTS_CLI_FAKE_DATABASE_SERVICE_H_
#define TESTS_CLI_FAKE_DATABASE_SERVICE_H_

#include <capnp/capability.h>

#include "lib/base/ids.h"
#include "tests/cli/fake_cluster.h"

namespace ctdb::cli {

capnp::Capability::Client MakeFakeDatabaseService(FakeCluster& cluster, NodeNumber node);

}  // namespace ctdb::cli

#endif  // TESTS_CLI_FAKE_DATABASE_SERVICE_H_
