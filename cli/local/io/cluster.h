// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster: a cluster of real daemons on this machine, for trying things out and for tests.
//
//   Ownership:  the daemons outlive this object.
//   Threading:  not thread-safe.
//   Errors:     say what was tried on which node, and what to do.
//   Blocking:   Start() and Stop() wait as long as they are told to.
//   Limits:     those of layout.h.
//
// Example:
//   CTDB_RETURN_IF_ERROR(Cluster::SetUp("/tmp/c", {.node_count = 3}));
//   CTDB_ASSIGN_OR_RETURN(Cluster cluster, Cluster::Load("/tmp/c"));
//   CTDB_RETURN_IF_ERROR(cluster.Start(cluster.nodes(), start_options));

#ifndef CLI_LOCAL_IO_CLUSTER_H_
#define CLI_LOCAL_IO_CLUSTER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/local/io/process.h"

namespace ctdb::cli::local {

class Cluster {
 public:
  struct Setup {
    uint32_t node_count = 3;
    bool multi_process = false;
  };
  // `directory` must be absolute, and new or empty.
  static absl::Status SetUp(const std::string& directory, const Setup& setup);
  static absl::StatusOr<Cluster> Load(const std::string& directory);

  const std::string& directory() const { return directory_; }
  std::set<uint32_t> nodes() const;
  const std::string& address(uint32_t node) const { return addresses_[node]; }

  // The process of a node's master daemon, when it runs.
  std::optional<ProcessStat> Process(uint32_t node) const;

  struct StartOptions {
    std::string ctdbd;  // The program.
    absl::Duration time_limit = absl::Seconds(30);
    // Whether a node is ready; if not, `why` says what is missing.
    std::function<bool(uint32_t node, std::string* why)> is_ready;
  };
  // Starts those of the nodes that do not run, and waits until all of them are ready.
  absl::Status Start(const std::set<uint32_t>& nodes, const StartOptions& options);

  // Asks the daemons to end; kills those that have not within the time, and tells which.
  absl::StatusOr<std::set<uint32_t>> Stop(const std::set<uint32_t>& nodes,
                                          absl::Duration time_limit);

  // To the node's whole process group. Nodes that do not run are an error when nothing was
  // signalled.
  absl::Status Signal(const std::set<uint32_t>& nodes, int signal);

  // Stops what runs and removes the directory.
  absl::Status Destroy(absl::Duration time_limit);

  // What a program needs to be on the node.
  EnvironmentVariables Environment(uint32_t node, absl::string_view helper_directory) const;

 private:
  Cluster(std::string directory, std::vector<std::string> addresses)
      : directory_(std::move(directory)), addresses_(std::move(addresses)) {}

  std::optional<ProcessIdentity> Identity(uint32_t node) const;
  absl::Status StartNode(uint32_t node, const StartOptions& options);
  absl::Status CheckStarted(uint32_t node);
  std::string Evidence(uint32_t node) const;

  std::string directory_;
  std::vector<std::string> addresses_;
  std::vector<int> children_ = std::vector<int>(addresses_.size(), 0);  // By node; 0: none.
};

}  // namespace ctdb::cli::local

#endif  // CLI_LOCAL_IO_CLUSTER_H_
