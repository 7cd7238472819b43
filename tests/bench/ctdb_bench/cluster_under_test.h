// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// cluster_under_test: what ctdb-bench asks of a cluster, so that each workload is written once and
// runs against ours and against Debian's ctdb alike.
//
// A cluster is started by the coordinating process, which never becomes a client itself. Each
// client lives in a process of its own, forked from the coordinator after Start(), as the clients
// of Samba do. So a Cluster must have no threads when it forks, and Connect() must work in a child.
//
//   Ownership:  a client is owned by its process; a database must not outlive its client.
//   Threading:  one thread per client.
//   Errors:     say what was tried on which node; a workload that meets one fails as a whole.
//   Blocking:   yes, but never for ever: kPatience, then DeadlineExceeded.
//   Limits:     a client has at most one record locked at a time.
//
// Example, in a process of its own:
//   CTDB_ASSIGN_OR_RETURN(auto client, cluster.Connect(NodeNumber(0)));
//   CTDB_ASSIGN_OR_RETURN(auto database, client->Attach("test.tdb", {}));
//   CTDB_ASSIGN_OR_RETURN(LockedRecord * record, database->FetchLock("key"));
//   CTDB_RETURN_IF_ERROR(record->Store("value"));
//   CTDB_RETURN_IF_ERROR(record->Unlock());

#ifndef TESTS_BENCH_CTDB_BENCH_CLUSTER_UNDER_TEST_H_
#define TESTS_BENCH_CTDB_BENCH_CLUSTER_UNDER_TEST_H_

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"

namespace ctdb::bench {

// The longest wait for one answer.
inline constexpr absl::Duration kPatience = absl::Seconds(30);

// A record that this client may read and write and nobody else can touch.
class LockedRecord {
 public:
  virtual ~LockedRecord() = default;
  // Empty when there is no record. Valid until Store() or Unlock().
  virtual absl::string_view value() const = 0;
  virtual absl::Status Store(absl::string_view value) = 0;
  // The object is the database's own and is used again for the next record.
  virtual absl::Status Unlock() = 0;
};

class BenchDatabase {
 public:
  // For one record. `value` is valid during the call only.
  using RecordCallback = std::function<void(absl::string_view key, absl::string_view value)>;

  virtual ~BenchDatabase() = default;
  // Brings the record to this node if it is elsewhere, and locks it. Unlock() it before anything
  // else is asked of this client but Store().
  virtual absl::StatusOr<LockedRecord*> FetchLock(absl::string_view key) = 0;
  // Reads without the wish to write; false when there is no record.
  virtual absl::StatusOr<bool> Read(absl::string_view key, std::string* value) = 0;
  // Every record of the database in the whole cluster; gives their number.
  virtual absl::StatusOr<uint64_t> Traverse(const RecordCallback& on_record) = 0;
  // Brings these records to this node and stores the value in each, by whatever is quickest: what
  // is prepared so is not measured.
  virtual absl::Status Fill(const std::vector<std::string>& keys, absl::string_view value) = 0;
};

// Transactions of one client in a persistent database.
class BenchCommitter {
 public:
  virtual ~BenchCommitter() = default;
  // One more than the record says, acknowledged. 0 if there is none.
  virtual absl::Status Increment(absl::string_view key) = 0;
  virtual absl::StatusOr<uint64_t> Read(absl::string_view key) = 0;
  // All of it in one transaction.
  virtual absl::Status Store(const std::vector<std::string>& keys, absl::string_view value) {
    return absl::UnimplementedError("not measured");
  }
};

struct Message {
  ChannelId channel;
  std::string bytes;
};

struct AttachOptions {
  bool read_only_copies = false;  // Several nodes may hold copies for reading.
};

// A connection to one node.
class BenchClient {
 public:
  virtual ~BenchClient() = default;
  // Makes the volatile database unless it exists.
  virtual absl::StatusOr<std::unique_ptr<BenchDatabase>> Attach(absl::string_view name,
                                                                const AttachOptions& options) = 0;
  virtual absl::StatusOr<std::unique_ptr<BenchCommitter>> AttachPersistent(
      absl::string_view name) = 0;
  // Messages that are sent to this node and channel after the return will be received.
  virtual absl::Status Subscribe(ChannelId channel) = 0;
  virtual absl::Status SendMessage(NodeNumber node, ChannelId channel, absl::string_view bytes) = 0;
  // The next message; nothing when none came within the limit, or little later. Zero: only looks.
  virtual absl::StatusOr<std::optional<Message>> WaitMessage(absl::Duration limit) = 0;
};

class Cluster {
 public:
  virtual ~Cluster() = default;
  // With its version once it is started: "ctdb 4.17.12-Debian".
  virtual std::string name() const = 0;
  // Returns when all nodes are active and their databases usable. Called once. Must end early,
  // with Cancelled, when WasInterrupted() (interrupt.h).
  virtual absl::Status Start(uint32_t node_count) = 0;
  virtual absl::StatusOr<std::unique_ptr<BenchClient>> Connect(NodeNumber node) = 0;
  virtual absl::StatusOr<NodeNumber> Leader() = 0;
  // Ends the node's daemons at once (SIGKILL). In any process.
  virtual absl::Status Kill(NodeNumber node) = 0;
  // Starts a node that was killed; returns as Start() does.
  virtual absl::Status Restart(NodeNumber node) = 0;
  // What all nodes have sent so far so that copies of this database become equal. Unimplemented: it
  // cannot be told.
  virtual absl::StatusOr<uint64_t> CatchUpBytes(absl::string_view database) {
    return absl::UnimplementedError("not counted");
  }
  // The node's processes, to look at. In any process.
  virtual absl::StatusOr<std::vector<pid_t>> Processes(NodeNumber node) const = 0;
  // Leaves no process and no file. The destructor does it, too.
  virtual void Stop() = 0;
};

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_CLUSTER_UNDER_TEST_H_
