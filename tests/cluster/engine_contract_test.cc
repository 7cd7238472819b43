// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The contract of engine.h, kept by the built-in engine with each of its rules.

#include "tests/cluster/engine_contract.h"

#include <gtest/gtest.h>

#include "tests/cluster/builtin_cluster.h"

namespace ctdb::cluster {
namespace {

ContractCase Case(const char* name, Election::Rule rule, absl::Duration delay) {
  BuiltinCluster::Options options;
  options.rule = rule;
  options.delay = delay;
  ContractCase made;
  made.name = name;
  made.make = [options](int nodes) { return std::make_unique<BuiltinCluster>(nodes, options); };
  made.needs_majority = rule == Election::Rule::kMajority;
  return made;
}

INSTANTIATE_TEST_SUITE_P(
    Builtin, EngineContract,
    testing::Values(Case("MajorityAtOnce", Election::Rule::kMajority, absl::ZeroDuration()),
                    Case("MajorityDelayed", Election::Rule::kMajority, absl::Milliseconds(15)),
                    Case("LockAtOnce", Election::Rule::kLock, absl::ZeroDuration()),
                    Case("LockDelayed", Election::Rule::kLock, absl::Milliseconds(15))),
    ContractName);

}  // namespace
}  // namespace ctdb::cluster
