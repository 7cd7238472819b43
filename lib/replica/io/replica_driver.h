// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// replica_driver: a database of which each node has a full copy, at work: the cores of this module
// with the copy's file, the database service's packets, and its clients.
//
// The file is written by a thread of its own, and read where the packets are handled: LMDB has it
// mapped.
//
// Clients read this node's copy while it is as the others are. What a client sees has been
// acknowledged by all members, or is asked of the coordinator first.
//
//   Ownership:  owns the file. The outlet must outlive it.
//   Threading:  as database::ReplicatedDatabase.
//   Errors:     OnRequest(): Unavailable while this node's copy may not be read; InvalidArgument
//               for what is beyond limits.h.
//   Blocking:   the destructor waits for what is being written; reading for pages of the file.
//   Limits:     limits.h.
//
// Example:
//   options.open_replicated = OpenReplica;

#ifndef LIB_REPLICA_IO_REPLICA_DRIVER_H_
#define LIB_REPLICA_IO_REPLICA_DRIVER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/io/worker.h"
#include "lib/base/random.h"
#include "lib/database/io/replicated_database.h"
#include "lib/replica/coordinator.h"
#include "lib/replica/io/replica_file.h"
#include "lib/replica/io/uploads.h"
#include "lib/replica/replica.h"
#include "lib/replica/submitter.h"

namespace ctdb::replica {

// A database::OpenReplicated. Without `open_mirror` there are none with a mirror.
absl::StatusOr<database::MakeReplicated> OpenReplica(const database::ReplicatedPlace& place,
                                                     const OpenMirror& open_mirror = nullptr);

class ReplicaDriver final : public database::ReplicatedDatabase {
 public:
  // `run`: random, another one for each process.
  ReplicaDriver(const database::ReplicatedPlace& place, uint64_t run,
                std::shared_ptr<ReplicaFile> file, Replica::Copy copy, Outlet& outlet,
                std::shared_ptr<Mirror> mirror = nullptr);
  ~ReplicaDriver() noexcept override = default;

  void OnView(const cluster::View& view, Instant now) override;
  absl::Status OnMessage(NodeNumber from, wire::ReplicaMessage::Reader in, Instant now) override;
  absl::Status OnRequest(const Address& client, RequestId request, wire::ClientRequest::Reader in,
                         Instant now) override;
  void OnTick(Instant now) override;
  Instant NextDeadline() const override;
  bool IsInMemory() const override { return is_in_memory_; }
  bool IsSettled() const override;
  Statistics GetStatistics() const override;
  absl::StatusOr<std::unique_ptr<Snapshot>> TakeSnapshot() const override;
  std::vector<Mark> Marks() const override { return {marks_.begin(), marks_.end()}; }
  std::function<absl::Status()> FileCheck() const override;
  uint32_t mirror_flags() const override { return mirror_ != nullptr ? mirror_->open_flags() : 0; }
  void EnableMirrorSequence() override;

 private:
  // Positions that are remembered: those of some seconds under load.
  static constexpr size_t kMarksMax = 1024;
  // Shorter: less to be read at the next start; longer: more at once for a client that writes one
  // after the other.
  static constexpr absl::Duration kQuiet = absl::Milliseconds(500);
  // Between two looks whether there is room again.
  static constexpr absl::Duration kLookForRoom = absl::Seconds(1);
  // All of a file that is not larger was read when it was opened, and is taken to be in memory.
  static constexpr uint64_t kInMemoryBytesMax = uint64_t{64} << 20;

  // Who waits for the answer to a transaction; of a read, which one that was.
  struct Asker {
    Address client;
    RequestId request;
    std::optional<Read> read;
  };

  // What the storage's thread has done leads to.
  using Finish = std::function<void(Instant now)>;

  // On the storage's thread; what it returns is called when the database is used next.
  void Do(std::function<Finish()> work);
  void Finished(Finish finish);
  void TakeFinished(Instant now);
  void OnStored(std::shared_ptr<const Replica::Output::Store> work, const absl::Status& status,
                uint64_t room, uint64_t bytes, Instant now);
  void Trouble(const absl::Status& status);
  void Give(NodeNumber from, const Message& message, Instant now);
  void Pump(Instant now);
  void Deliver(const Send& send);
  void Store(std::shared_ptr<const Replica::Output::Store> work);
  void OnRoom(uint64_t bytes, Instant now);
  void LookForRoom();
  void Flush();
  void Remember();
  void OnAnswer(const Submitter::Answer& answer, Instant now);
  ClientTicket Expect(Asker asker);
  bool IsServing() const;
  absl::Status NotServing() const;
  Position Acknowledged() const;
  // `certain`: so much of it has been acknowledged.
  absl::Status OnRead(const Address& client, RequestId request, const std::string& key,
                      const std::optional<Read>& certain, Instant now);
  absl::Status OnBodyPart(const Address& client, RequestId request,
                          wire::ClientRequest::BodyPart::Reader part, Instant now);
  absl::Status OnCommit(const Address& client, RequestId request,
                        wire::ClientTransaction::Reader in, Instant now);
  absl::Status OnList(const Address& client, RequestId request,
                      wire::ClientRequest::List::Reader list);

  const database::ReplicatedPlace place_;
  Outlet& outlet_;
  const std::shared_ptr<ReplicaFile> file_;
  const std::shared_ptr<Mirror> mirror_;
  Random random_;
  Replica replica_;
  Coordinator coordinator_;
  Submitter submitter_;
  Uploads uploads_;
  std::deque<Message> to_self_;
  std::map<ClientTicket, Asker> askers_;
  uint64_t last_ticket_ = 0;
  std::deque<Mark> marks_;
  Position acknowledged_;  // By a coordinator, to clients of this node.
  uint64_t catch_up_bytes_sent_ = 0;
  Instant flush_at_ = kNever;                            // When nothing was stored for a while.
  std::shared_ptr<const Replica::Output::Store> stuck_;  // For want of room.
  Instant look_for_room_at_{};  // Also when nothing is stored, while there is little.
  bool is_in_memory_ = false;
  mutable std::mutex finished_mutex_;
  std::vector<Finish> finished_;  // Under finished_mutex_.
  Worker storage_;                // The last one: its thread uses all of these.
};

}  // namespace ctdb::replica

#endif  // LIB_REPLICA_IO_REPLICA_DRIVER_H_
