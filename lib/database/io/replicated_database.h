// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// replicated_database: a database of which each node has a full copy, as the database service sees
// it. What it is inside is not this module's business (lib/replica).
//
//   Ownership:  the service owns it; the outlet outlives it.
//   Threading:  any thread, with the lock of the service held.
//   Errors:     OnMessage(), OnRequest(): what was wrong with the packet.
//   Blocking:   never for the disk.
//   Limits:     those of the implementation.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(MakeReplicated make, open_replicated(place));
//   std::unique_ptr<ReplicatedDatabase> database = make(outlet);

#ifndef LIB_DATABASE_IO_REPLICATED_DATABASE_H_
#define LIB_DATABASE_IO_REPLICATED_DATABASE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "capnp/database.capnp.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/cluster/node_state.h"
#include "lib/protocol/address.h"

namespace ctdb::database {

class ReplicatedDatabase {
 public:
  class Outlet {
   public:
    virtual ~Outlet() = default;
    virtual Instant Now() = 0;
    // Whether this node may answer clients now.
    virtual bool HasLease() const = 0;
    virtual void SendReplica(NodeNumber to,
                             absl::FunctionRef<void(wire::ReplicaMessage::Builder)> fill) = 0;
    virtual void AnswerClient(const Address& client, RequestId request,
                              absl::FunctionRef<void(wire::ClientAnswer::Builder)> fill) = 0;
    virtual void FailClient(const Address& client, RequestId request,
                            const absl::Status& status) = 0;
    // The database's NextDeadline() is now. From any thread, with or without the lock.
    virtual void Wake() = 0;
    virtual void OnTrouble(const absl::Status& status) = 0;
  };

  struct Statistics {
    uint64_t records = 0;
    uint64_t bytes = 0;
    uint64_t sequence = 0;
    std::string state;   // One or two words, for people.
    std::string reason;  // Why it is closed or damaged, or empty.
    // Since it was opened:
    uint64_t batches = 0;              // That this node has put in order.
    uint64_t catch_up_bytes_sent = 0;  // In packets, to and from members that were behind.
    uint64_t fills = 0;                // Of this copy, by what differs.
  };

  // A later epoch beats any sequence.
  struct LogPosition {
    uint64_t epoch = 0;
    uint64_t sequence = 0;
  };
  // All records of this node's copy at one position. Keeps the copy's file from using space again:
  // not to be kept for long. May outlive the database.
  class Snapshot {
   public:
    using Record = std::pair<std::string, std::string>;
    virtual ~Snapshot() = default;
    virtual LogPosition position() const = 0;
    // False: these were the last ones. May wait for the disk.
    virtual absl::StatusOr<bool> Next(std::vector<Record>& records) = 0;
  };
  // What all copies are to be at a position.
  struct Mark {
    LogPosition position;
    uint64_t digest_high = 0;
    uint64_t digest_low = 0;
  };

  virtual ~ReplicatedDatabase() = default;

  virtual void OnView(const cluster::View& view, Instant now) = 0;
  virtual absl::Status OnMessage(NodeNumber from, wire::ReplicaMessage::Reader in, Instant now) = 0;
  // Answered through the outlet, unless this returns an error.
  virtual absl::Status OnRequest(const Address& client, RequestId request,
                                 wire::ClientRequest::Reader in, Instant now) = 0;
  virtual void OnTick(Instant now) = 0;
  virtual Instant NextDeadline() const = 0;
  // Whether what it looks up for a short message is in memory: then it may be given to it on a
  // thread that must not wait for the disk.
  virtual bool IsInMemory() const = 0;
  // Nothing of the last view remains to be done here, for better or worse.
  virtual bool IsSettled() const = 0;
  virtual Statistics GetStatistics() const = 0;
  // Of what may be read here now.
  virtual absl::StatusOr<std::unique_ptr<Snapshot>> TakeSnapshot() const = 0;
  // The last positions of this copy, oldest first.
  virtual std::vector<Mark> Marks() const = 0;
  // Counts everything in this copy's file anew; takes as long as that takes, on any thread, and may
  // outlive the database.
  virtual std::function<absl::Status()> FileCheck() const = 0;

  // Of one with a mirror: what others must open that with. Counting, once begun, goes on.
  virtual uint32_t mirror_flags() const { return 0; }
  virtual void EnableMirrorSequence() {}
};

// Where the copy of this node is, or is to be.
struct ReplicatedPlace {
  NodeNumber local;
  uint32_t id = 0;
  std::string name;
  std::string path;
  bool is_durable = false;
  std::string mirror_path = {};  // Of a file that unmodified Samba reads; empty: there is none.
};
// Behind `path`: there is such a file once the mirror is the copy's own. What lies in the mirror's
// place before is somebody else's.
inline constexpr char kMirrorMark[] = "-mirror";
using MakeReplicated =
    std::function<std::unique_ptr<ReplicatedDatabase>(ReplicatedDatabase::Outlet&)>;
// Opens the file, which may wait for the disk; what it returns does not.
using OpenReplicated = std::function<absl::StatusOr<MakeReplicated>(const ReplicatedPlace&)>;

}  // namespace ctdb::database

#endif  // LIB_DATABASE_IO_REPLICATED_DATABASE_H_
