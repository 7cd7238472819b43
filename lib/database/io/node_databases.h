// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// node_databases: all databases of a node. Makes and opens them, tells the other nodes which there
// are, gives packets to the database that they are about, and tells each the newest view and the
// lease.
//
// A packet about a database that this node does not have yet is answered with "not ready": the
// other node asks again, and an announcement of the database comes sooner or later.
//
// Where the transport is in the same process, packets about records, and short ones of databases of
// full copies, are handled on its thread (OnData()): what wakes no thread costs a few microseconds.
// All the rest happens on the event loop's. One of them is at work at a time.
//
//   Ownership:  owns the databases; endpoint, event port, worker and listener must outlive it.
//   Threading:  belongs to the event loop's thread, but for what the transport's calls as its
//               DataHandler, and Wake(). Whoever uses what entries() or Find() gave holds Enter()'s
//               lock, and calls only what is const.
//   Errors:     Attach(): InvalidArgument for a name that is none, FailedPrecondition when the
//               database exists and is of another kind or engine, AlreadyExists when another name
//               has the same number, else those of the store. Detach(): NotFound, or what kept
//               the file from being removed: the database is gone all the same.
//   Blocking:   never but for records that do not fit memory (native_store.h).
//   Limits:     kDatabasesMax.
//
// Example:
//   NodeDatabases databases(options, endpoint, event_port, worker, listener);
//   databases.Attach({.name = "locking.tdb"}).then(...);

#ifndef LIB_DATABASE_IO_NODE_DATABASES_H_
#define LIB_DATABASE_IO_NODE_DATABASES_H_

#include <kj/async.h>
#include <kj/timer.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "capnp/database.capnp.h"
#include "lib/base/io/precise_timer.h"
#include "lib/base/io/worker.h"
#include "lib/cluster/node_state.h"
#include "lib/database/file_changes.h"
#include "lib/database/io/database_driver.h"
#include "lib/database/io/database_info.h"
#include "lib/database/io/helper_threads.h"
#include "lib/database/io/replicated_database.h"
#include "lib/protocol/limits.h"
#include "lib/protocol/packet.h"
#include "lib/store/io/hot_file.h"
#include "lib/store/shared_file_store.h"
#include "lib/transport/io/data_handler.h"
#include "lib/transport/io/endpoint.h"

namespace ctdb::database {

class NodeDatabases : public DataHandler,
                      private Endpoint::Observer,
                      private DatabaseDriver::Outlet,
                      private ReplicatedDatabase::Outlet,
                      private kj::TaskSet::ErrorHandler {
 public:
  static constexpr size_t kDatabasesMax = 1000;
  // A page of a list: much less than a packet may have, and enough to be cheap for each record.
  static constexpr size_t kListBytes = 64 * 1024;
  // Of records in an answer: a packet is a little longer.
  static constexpr size_t kAnswerBytesMax = kFrameBytesMax - 64 * 1024;

  struct Options {
    NodeNumber local;
    std::string volatile_directory;
    std::string persistent_directory;
    OpenReplicated open_replicated;               // Null: there are none of these kinds.
    store::OpenSharedFile open_tdb;               // Null: there are none of this engine.
    uint64_t memory_bytes = store::kMemoryUsual;  // Of each database.
    HelperThreads::Options threads{};
    VacuumPace::Options vacuum{};  // Of volatile databases.
    // How often files of engine tdb are asked whether they have changed; zero: never.
    absl::Duration sequence_interval = absl::Seconds(1);
  };

  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnAttached(const DatabaseInfo& info) {}
    // Whether clients may attach databases to this node; if not, why.
    virtual kj::Promise<absl::Status> MayAttach(const std::string&) { return absl::OkStatus(); }
    // Everything that this node is home of is known in this epoch.
    virtual void OnSettled(Epoch epoch) {}
    virtual void OnTrouble(const absl::Status& status) {}
  };

  struct Counters {
    uint64_t packets_received = 0;
    uint64_t packets_refused = 0;  // Malformed.
    uint64_t packets_sent = 0;
    uint64_t client_requests = 0;
    uint64_t migrations = 0;  // Records that came because a client wanted them.
    uint64_t attaches = 0;
  };

  NodeDatabases(const Options& options, Endpoint& endpoint, kj::UnixEventPort& event_port,
                Worker& worker, Listener& listener);
  ~NodeDatabases() noexcept override;

  // `run_handler` makes the transport call NextFrame(). Until this is called, and where it is not,
  // packets come and go through the endpoint.
  void UseTransportThread(std::function<void()> run_handler);
  bool OnData(const Envelope& envelope, Bytes frame) override;
  std::vector<uint64_t> NextFrame() override;
  Instant NextDeadline() override;
  void OnDeadline(Instant now) override;

  std::unique_lock<std::mutex> Enter() override { return std::unique_lock(mutex_); }

  // What the cluster service says. `serve_until`: CLOCK_BOOTTIME in nanoseconds; 0: not now.
  void OnPart(const std::optional<cluster::View>& view, int64_t serve_until);

  kj::Promise<absl::StatusOr<DatabaseInfo>> Attach(DatabaseWish wish);
  // Those that were there before this process.
  void AttachPersistent();
  // The database of this node alone, with all that is in it. Clients that have it open find out
  // when they lock or store a record.
  kj::Promise<absl::Status> Detach(const std::string& name);

  struct Entry {
    DatabaseInfo info;
    std::unique_ptr<DatabaseDriver> driver;          // Of a volatile one.
    std::unique_ptr<ReplicatedDatabase> replicated;  // Of all others.
    // The store of a volatile one of engine tdb.
    std::shared_ptr<store::SharedFileStore> shared_file;
    FileChanges changes;

    Instant NextDeadline() const {
      return driver != nullptr ? driver->NextDeadline() : replicated->NextDeadline();
    }
    bool IsSettled() const {
      return driver != nullptr ? driver->IsSettled() : replicated->IsSettled();
    }
  };
  const std::map<DatabaseId, Entry>& entries() const { return entries_; }
  const Entry* Find(const std::string& name) const;
  Instant Now() override;
  std::optional<Epoch> epoch() const;
  bool IsSettled() const;
  const Counters& counters() const { return counters_; }
  void ResetCounters() { counters_ = {}; }

 private:
  void taskFailed(kj::Exception&& exception) override;
  void OnConnected() override;
  void OnUndeliverable(const Endpoint::Undeliverable& report) override;
  void Send(NodeNumber to, const Message& message) override;
  void Send(NodeNumber to, const recovery::Message& message) override;
  void Answer(const Owner::Output::Answered& answer) override;
  void Answer(const Spares::Output::Answered& answer) override;
  void AskForUse(DatabaseId id, const Owner::Output::Awaited& awaited) override;
  bool HasLease() const override;
  void SendReplica(NodeNumber to,
                   absl::FunctionRef<void(wire::ReplicaMessage::Builder)> fill) override;
  void AnswerClient(const Address& client, RequestId request,
                    absl::FunctionRef<void(wire::ClientAnswer::Builder)> fill) override;
  void FailClient(const Address& client, RequestId request, const absl::Status& status) override {
    Fail(client, request, status);
  }
  void OnProgress() override { FinishTurn(); }
  void Wake() override;
  void OnTrouble(const absl::Status& status) override { listener_.OnTrouble(status); }

  void OnPacket(const Envelope& envelope, Bytes frame);
  void OnHandled(const Envelope& envelope, const absl::Status& status);
  kj::Promise<absl::StatusOr<DatabaseInfo>> AttachLater(DatabaseWish wish);
  absl::Status Handle(const Envelope& envelope, wire::DatabasePacket::Reader packet);
  absl::Status HandleRecord(NodeNumber from, wire::RecordMessage::Reader in);
  absl::Status HandleSurvey(NodeNumber from, wire::Survey::Reader in);
  absl::Status HandleReport(NodeNumber from, wire::Report::Reader in);
  absl::Status HandleReplica(NodeNumber from, wire::ReplicaMessage::Reader in);
  absl::Status HandleReplicaRequest(const Envelope& envelope, uint32_t database,
                                    wire::ClientRequest::Reader request);
  DatabaseDriver* FindDriver(DatabaseId id) const;  // Null: there is none of that kind.
  Entry* FindEntry(DatabaseId id);
  void HandleAnnouncement(NodeNumber from, wire::Announcement::Reader announcement);
  absl::Status HandleRequest(const Envelope& envelope, wire::ClientRequest::Reader request);
  void HandleAttach(const Envelope& envelope, wire::ClientRequest::Attach::Reader attach);
  absl::Status HandleGet(const Envelope& envelope, wire::ClientRequest::Get::Reader get);
  absl::Status HandleSpare(const Envelope& envelope, wire::ClientRequest::Spare::Reader spare);
  absl::Status HandleList(const Envelope& envelope, wire::ClientRequest::List::Reader list);
  void ListFile(const Address& client, RequestId request,
                const std::shared_ptr<store::SharedFileStore>& store, const store::Cursor& cursor);
  void AnswerList(const Address& client, RequestId request, const store::Cursor& cursor,
                  std::vector<store::Record> records, Epoch owned_since);
  void HandleMembers(const Envelope& envelope);
  absl::Status HandleRead(const Envelope& envelope, wire::ClientRequest::Reader request);
  absl::StatusOr<bool> ReadAtOnce(const Envelope& envelope, wire::ClientRequest::Reader request);
  void AnswerRead(const Address& client, RequestId request, const std::string& database,
                  const store::LockedRecord& record, Epoch owned_since);
  void HandleChangedFiles(wire::ChangedFiles::Reader changed);
  kj::Promise<void> WatchFiles();
  void TellChangedFiles();

  void AttachForClient(const DatabaseWish& wish, const Address& client, RequestId request);
  absl::Status CheckAttach(const DatabaseWish& wish) const;
  DatabaseInfo GrantWish(Entry& entry, const DatabaseWish& wish);
  store::StoreOptions FileOf(const std::string& name) const;
  std::string SharedPathOf(const std::string& name, DatabaseKind kind) const;
  kj::Promise<absl::StatusOr<DatabaseInfo>> Open(const DatabaseWish& wish);
  kj::Promise<absl::StatusOr<DatabaseInfo>> OpenVolatile(const std::string& name);
  kj::Promise<absl::StatusOr<DatabaseInfo>> OpenTdb(const DatabaseWish& wish);
  kj::Promise<absl::StatusOr<DatabaseInfo>> OpenReplica(const DatabaseWish& wish);
  absl::StatusOr<DatabaseInfo> OnOpened(const std::string& name,
                                        absl::StatusOr<std::shared_ptr<store::RecordStore>> store);
  absl::StatusOr<DatabaseInfo> OnOpened(
      const DatabaseWish& wish, absl::StatusOr<std::shared_ptr<store::SharedFileStore>> store);
  absl::StatusOr<DatabaseInfo> OnOpened(const DatabaseInfo& info, const DatabaseWish& wish,
                                        const absl::StatusOr<MakeReplicated>& make);
  DatabaseInfo Add(Entry entry);
  ReplicatedPlace PlaceOf(const DatabaseWish& wish) const;
  bool IsMember() const;
  void TellLease(store::RecordStore& store) const;
  void Announce(const std::vector<DatabaseInfo>& infos);
  void Announce(const std::vector<DatabaseInfo>& infos, NodeNumber to);
  void TellView();
  void ReportSettled();
  template <typename Fill>
  void SendPacket(const Address& to, RequestId request, Fill&& fill);
  void QueueFrame();
  void Fail(const Address& client, RequestId request, const absl::Status& status);
  void FinishTurn();
  Instant EntriesDeadline() const;
  void TickEntries(Instant now);
  bool IsQuick(wire::DatabasePacket::Reader packet);
  bool IsQuickReplica(DatabaseId id);
  void CallForAttention();
  void CallEventLoop();
  void SendQueued();
  kj::Promise<void> AwaitAttention();

  const Options options_;
  const std::shared_ptr<SweepPace> sweep_pace_ = std::make_shared<SweepPace>();  // Of all.
  Endpoint& endpoint_;
  Worker& worker_;
  Listener& listener_;
  kj::Timer& clock_;
  PreciseTimer timer_;
  HelperThreads helpers_;
  std::optional<cluster::View> view_;
  std::shared_ptr<const Placement> placement_ = std::make_shared<const Placement>();
  int64_t serve_until_ = 0;
  Epoch settled_;
  std::map<DatabaseId, Entry> entries_;
  // Being made; whoever wants one of these waits for it.
  std::map<std::string, kj::ForkedPromise<absl::StatusOr<DatabaseInfo>>> opening_;
  Counters counters_;

  std::mutex mutex_;
  Address address_;  // This service's, as the transport knows it.
  PacketWriter writer_;
  std::deque<std::vector<uint64_t>> frames_;  // To be sent, in this order.
  // Null: through the endpoint. Set before there are databases.
  std::function<void()> run_handler_;
  std::atomic<bool> is_woken_ = false;  // A database has a deadline that has come.
  // Packets that the transport's thread has left to the event loop, and that have not come there:
  // what is for a database of copies must not overtake them.
  size_t left_to_loop_ = 0;
  // The event loop has to look: tells it so, from any thread.
  std::mutex attention_mutex_;
  kj::Own<kj::CrossThreadPromiseFulfiller<void>> attention_;  // Under attention_mutex_.
  Instant transport_armed_ = kNever;                          // What NextDeadline() said.
  kj::TaskSet tasks_;
};

template <typename Fill>
void NodeDatabases::SendPacket(const Address& to, RequestId request, Fill&& fill) {
  ++counters_.packets_sent;
  Envelope envelope;
  envelope.kind = PacketKind::kData;
  envelope.source = address_;
  envelope.destination = to;
  envelope.request_id = request.value();
  fill(writer_.Begin(envelope).getPayload().initAs<wire::DatabasePacket>());
  QueueFrame();
}

}  // namespace ctdb::database

#endif  // LIB_DATABASE_IO_NODE_DATABASES_H_
