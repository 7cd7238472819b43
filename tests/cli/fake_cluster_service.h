// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// fake_cluster_service: the cluster service of one node of a FakeCluster, which knows what the
// FakeMembership says and changes it when it is told to.
//
//   Ownership:  borrows the cluster.
//   Threading:  belongs to one thread.
//   Errors:     those that the FakeMembership asks for.
//   Blocking:   never.
//   Limits:     those of the FakeCluster.

#ifndef TESTS_CLI_FAKE_CLUSTER_SERVICE_H_
#define TESTS_CLI_FAKE_CLUSTER_SERVICE_H_

#include <capnp/capability.h>

#include "lib/base/ids.h"
#include "tests/cli/fake_cluster.h"

namespace ctdb::cli {

capnp::Capability::Client MakeFakeClusterService(FakeCluster& cluster, NodeNumber node);

}  // namespace ctdb::cli

#endif  // TESTS_CLI_FAKE_CLUSTER_SERVICE_H_
