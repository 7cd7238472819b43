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

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "capnp/cluster.capnp.h"
#include "cli/context.h"

namespace ctdb::cli {

// What the cluster services know; tests change it before they run a command.
struct FakeMembership {
  struct Node {
    uint32_t flags = 0;
    bool known = true;
    bool active = true;
    bool may_lead = true;
    bool may_be_home = true;
    std::vector<std::pair<uint32_t, std::string>> reasons;
  };
  struct Change {
    double time = 0;
    wire::ChangeKind kind = wire::ChangeKind::FLAGS;
    uint32_t node = 0;
    std::string text;
    uint64_t cause = 0;
  };
  using NodesFile = std::vector<std::string>;  // Addresses; "#" is a deleted node.

  bool answers = true;
  std::vector<Node> nodes;
  uint64_t epoch = 16781313;
  bool settled = true;
  std::optional<uint32_t> leader = 1;
  std::string cluster_lock;
  std::string waiting_for;
  std::vector<std::string> warnings;
  wire::RunState run_state = wire::RunState::RUNNING;
  double change_seconds = 0.251;
  // A request that changes a flag is answered, but has no effect.
  bool ignores_requests = false;
  // Names of methods, with the number of the node, that fail: "1: stop".
  std::set<std::string> failing;
  // By node: how many overviews it gives before the flags of the nodes show in them.
  std::map<uint32_t, int> overviews_until_visible;
  // By node. Without an entry: the addresses of the three nodes.
  std::map<uint32_t, NodesFile> files;
  std::map<uint32_t, NodesFile> in_use;
  // The history of every node, the oldest first, with sequences from 1 on.
  std::vector<Change> history;
  uint64_t missed = 0;  // Told in front of it.
  // So many pings are answered, then the service is lost.
  int pings = 1000;

  FakeMembership() : nodes(3) {
    nodes[2].flags = 3;
    nodes[2].active = false;
  }
};

// What the database services of the connected nodes know.
struct FakeDatabases {
  struct Record {
    std::string key;
    std::string value;
    uint32_t owner = 0;
    uint64_t counter = 0;
    uint32_t flags = 0;
  };
  // By node. Detaching removes a name, attaching adds one.
  std::map<uint32_t, std::set<std::string>> names;
  // Of every database; each node owns those that name it.
  std::vector<Record> records;
  // Keys that both connected nodes say they own, and who owns a key as its home, node 0, says.
  std::set<std::string> claimed;
  std::map<std::string, int64_t> home_says;
  // Of full copies, by node: digests by sequence, what is wrong with the file, records.
  std::map<uint32_t, std::map<uint64_t, uint64_t>> marks;
  std::map<uint32_t, std::string> file_problems;
  std::map<uint32_t, std::map<std::string, std::string>> copies;
  std::string reason;  // Why they may not be used.
  uint64_t locks_taken = 0;
  std::string unsettled;      // A database; none: all are settled.
  std::string lock_obstacle;  // "": nobody waits.
  // Names of methods, with the number of the node, that fail: "1: detach".
  std::set<std::string> failing;
  uint32_t clients_may_attach = 0;  // The tunable.
};

class FakeCluster {
 public:
  FakeMembership membership;
  FakeDatabases databases;
  // What the daemons of all nodes were told, in the order of the calls: "setLogLevel INFO".
  std::vector<std::string> calls;
  // As if no daemon ran.
  bool absent = false;
  // As if somebody had pressed Ctrl-C.
  bool interrupted = false;
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
