// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// fake_cluster: daemons of a few lines in this process, so that commands can be tested whole, from
// the command line to what they print, without sockets.
//
//   Ownership:  owns everything.
//   Threading:  belongs to one thread.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     three nodes; node 0 is local, node 1 connected, node 2 not.
//
// Example:
//   FakeCluster cluster;
//   FakeCluster::Result result = cluster.Run({"ping", "-n", "1"});

#ifndef TESTS_CLI_FAKE_CLUSTER_H_
#define TESTS_CLI_FAKE_CLUSTER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "cli/context.h"

namespace ctdb::cli {

class FakeCluster {
 public:
  // What the daemons of all nodes were told, in the order of the calls: "setLogLevel INFO".
  std::vector<std::string> calls;
  // As if no daemon ran.
  bool absent = false;
  // The messages that a listener gets, one after the other.
  std::vector<std::string> messages;
  // What is known from outside the arguments.
  Environment environment;

  struct Result {
    int exit_code = 0;
    std::string out;
    std::string err;
  };
  Result Run(const std::vector<std::string>& arguments);

  // Opens connections to these daemons; only one at a time.
  Connector connector();
};

}  // namespace ctdb::cli

#endif  // TESTS_CLI_FAKE_CLUSTER_H_
