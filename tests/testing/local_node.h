// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// local_node: real daemons of one or more nodes on loopback, each with a directory of its own, for
// integration tests.
//
//   Ownership:  stops (SIGKILL) what it started and removes its directory.
//   Threading:  one thread.
//   Errors:     test failures.
//   Blocking:   Await() until its condition holds, at most kPatience.
//   Limits:     250 nodes.
//
// Example:
//   LocalNodes nodes(2, {.process_model = "multi"});
//   pid_t pid = nodes.Start(0, "daemon/ctdbd", {"--foreground"});
//   nodes.Await([&] { return nodes.Log(0).find("is ready") != std::string::npos; });

#ifndef TESTS_TESTING_LOCAL_NODE_H_
#define TESTS_TESTING_LOCAL_NODE_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace ctdb::test {

inline constexpr absl::Duration kPatience = absl::Seconds(20);

class LocalNodes {
 public:
  struct Options {
    std::string process_model = "single";
    std::string more_config = {};  // Lines for the end of ctdb.conf.
  };

  LocalNodes(int count, const Options& options);
  ~LocalNodes();

  const std::string& address(int node) const { return addresses_[static_cast<size_t>(node)]; }
  std::string base(int node) const;
  std::string socket(int node) const { return base(node) + "/run/transport.socket"; }
  std::string Log(int node) const;
  // Everything that programs wrote to standard output and error.
  std::string Output(int node) const;

  // Starts a program of this repository as the node's. Environment: that of the node, and `more`.
  pid_t Start(int node, const std::string& program, const std::vector<std::string>& arguments = {},
              const std::map<std::string, std::string>& more = {});
  // The exit code, or 128 + signal; waits for the end.
  int Wait(pid_t pid);
  // Whether it has ended.
  bool HasEnded(pid_t pid);
  // Start() and Wait().
  int Run(int node, const std::string& program, const std::vector<std::string>& arguments = {});

  // Starts ctdbd and waits until it is ready.
  pid_t StartReady(int node);

  // Polls until the condition holds; a test failure with the logs if it does not within `patience`.
  bool Await(const std::function<bool()>& condition, absl::Duration patience = kPatience);

  // Processes whose environment has this node's directory, by program name.
  std::vector<pid_t> ProcessesOf(int node, const std::string& program) const;

 private:
  void ChooseAddresses(int count);
  void WriteNode(int node, const Options& options);

  std::string directory_;
  std::vector<std::string> addresses_;
  std::map<pid_t, std::optional<int>> children_;
};

// The file that a Bazel target of this repository built, "daemon/ctdbd".
std::string BuiltProgram(const std::string& program);

}  // namespace ctdb::test

#endif  // TESTS_TESTING_LOCAL_NODE_H_
