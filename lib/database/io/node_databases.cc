// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/database/io/node_databases.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_kj.h"
#include "lib/base/status_macros.h"
#include "lib/database/codec.h"
#include "lib/database/database_name.h"
#include "lib/protocol/packet.h"
#include "lib/store/io/lease_ticks.h"
#include "lib/store/io/native_store.h"

namespace ctdb::database {
namespace {

// Not what Samba's files of the same name have.
constexpr absl::string_view kReplicaSuffix = ".mdb";

std::string KindName(DatabaseKind kind) {
  switch (kind) {
    case DatabaseKind::kVolatile:
      return "volatile";
    case DatabaseKind::kPersistent:
      return "persistent";
    case DatabaseKind::kReplicated:
      return "replicated";
  }
  return "of an unknown kind";
}

std::string EngineName(DatabaseEngine engine) {
  return engine == DatabaseEngine::kTdb ? "one of Samba's (engine tdb)" : "a native one";
}

// Whoever has the file open learns from it that it is no database any more.
absl::Status RemoveFile(const store::StoreOptions& options) {
  CTDB_RETURN_IF_ERROR(store::NativeStore::Open(options).status());
  const std::string path = absl::StrCat(options.directory, "/", options.name, ".hot");
  std::error_code error;
  std::filesystem::remove(path, error);
  if (!error) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("cannot remove ", path, ": ", error.message()));
}

}  // namespace

NodeDatabases::NodeDatabases(const Options& options, Endpoint& endpoint,
                             kj::UnixEventPort& event_port, Worker& worker, Listener& listener)
    : options_(options),
      endpoint_(endpoint),
      worker_(worker),
      listener_(listener),
      clock_(event_port.getTimer()),
      timer_(event_port,
             [this] {
               const auto entered = Enter();
               const Instant now = Now();
               if (!run_handler_) TickEntries(now);
               FinishTurn();
             }),
      helpers_(options.threads, worker),
      tasks_(*this) {
  // Clients of a former run may still have its lease, and this one is asked soon what it has.
  const absl::Status retired = store::HotFile::RetireAll(options.volatile_directory,
                                                         absl::StrCat(".", options.local.value()));
  if (!retired.ok()) listener_.OnTrouble(retired);
  endpoint_.AddObserver(this);
  endpoint_.OnPacket(PacketKind::kData,
                     [this](const Envelope& envelope, Bytes frame) { OnPacket(envelope, frame); });
  tasks_.add(AwaitAttention());
  if (options_.sequence_interval > absl::ZeroDuration()) tasks_.add(WatchFiles());
}

NodeDatabases::~NodeDatabases() noexcept {
  endpoint_.OnPacket(PacketKind::kData, [](const Envelope&, Bytes) {});
  endpoint_.RemoveObserver(this);
  // Whoever goes on must not believe what nobody keeps up to date.
  serve_until_ = 0;
  for (auto& [id, entry] : entries_) {
    if (entry.driver != nullptr) TellLease(entry.driver->store());
  }
  // Their threads wake this object.
  entries_.clear();
}

// Of the event loop's timer, whatever thread asks.
Instant NodeDatabases::Now() { return timer_.Now(); }

void NodeDatabases::OnPart(const std::optional<cluster::View>& view, int64_t serve_until) {
  const auto entered = Enter();
  const bool is_new = view.has_value() && (!view_.has_value() || view->epoch > view_->epoch);
  if (is_new) {
    view_ = view;
    placement_ = std::make_shared<const Placement>(view->homes);
  }
  serve_until_ = serve_until;
  const Instant now = Now();
  for (auto& [id, entry] : entries_) {
    if (entry.driver == nullptr) {
      if (is_new) entry.replicated->OnView(*view_, now);
      continue;
    }
    if (is_new) entry.driver->OnView(*view_, placement_, now);
    // Records that others have may be other ones now (SEQ-4).
    if (is_new && entry.shared_file != nullptr) entry.changes.OnTold();
    TellLease(entry.driver->store());
  }
  if (is_new) {
    std::vector<DatabaseInfo> infos;
    for (const auto& [id, entry] : entries_) infos.push_back(entry.info);
    // Also when there are none: a service that was killed is told which the others have.
    Announce(infos);
    TellView();
  }
  FinishTurn();
}

// After the view: a lease for what others may have got meanwhile must never be seen.
void NodeDatabases::TellLease(store::RecordStore& store) const {
  store.SetServeUntil(IsMember() ? serve_until_ : 0);
}

bool NodeDatabases::IsMember() const {
  return view_.has_value() && cluster::JoinedEpoch(*view_, options_.local).has_value();
}

bool NodeDatabases::HasLease() const { return IsMember() && BootTimeNanoseconds() < serve_until_; }

std::optional<Epoch> NodeDatabases::epoch() const {
  return view_.has_value() ? std::optional<Epoch>(view_->epoch) : std::nullopt;
}

bool NodeDatabases::IsSettled() const {
  return view_.has_value() && std::all_of(entries_.begin(), entries_.end(), [](const auto& entry) {
           return entry.second.IsSettled();
         });
}

void NodeDatabases::ReportSettled() {
  if (!IsSettled() || settled_ == view_->epoch) return;
  settled_ = view_->epoch;
  listener_.OnSettled(settled_);
}

const NodeDatabases::Entry* NodeDatabases::Find(const std::string& name) const {
  const auto it = entries_.find(DatabaseIdOf(name));
  return it == entries_.end() || it->second.info.name != name ? nullptr : &it->second;
}

absl::Status NodeDatabases::CheckAttach(const DatabaseWish& wish) const {
  const std::string& name = wish.name;
  const DatabaseKind kind = wish.kind;
  CTDB_RETURN_IF_ERROR(CheckName(name));
  if (wish.engine == DatabaseEngine::kTdb && options_.open_tdb == nullptr) {
    return absl::UnimplementedError(
        absl::StrCat("database ", name, ": this node has no databases for Samba"));
  }
  if (kind != DatabaseKind::kVolatile && options_.open_replicated == nullptr) {
    return absl::UnimplementedError(absl::StrCat("database ", name, ": ", KindName(kind),
                                                 " databases are not part of this version yet"));
  }
  if (wish.engine == DatabaseEngine::kTdb && kind == DatabaseKind::kReplicated) {
    return absl::UnimplementedError(absl::StrCat(
        "database ", name, ": Samba has no replicated databases; make it persistent or native"));
  }
  const auto it = entries_.find(DatabaseIdOf(name));
  if (it == entries_.end()) {
    if (entries_.size() + opening_.size() < kDatabasesMax) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("database ", name, ": this node has ", kDatabasesMax, " databases already"));
  }
  const DatabaseInfo& known = it->second.info;
  if (known.name != name) {
    return absl::AlreadyExistsError(absl::StrCat("database ", name, " has the same number, 0x",
                                                 absl::Hex(known.id.value(), absl::kZeroPad8),
                                                 ", as ", known.name, ": choose another name"));
  }
  if (known.engine != wish.engine) {
    return absl::FailedPreconditionError(absl::StrCat(
        "database ", name, " exists and is ", EngineName(known.engine), ", not ",
        EngineName(wish.engine), ": use another name, or stop who uses it and detach it first"));
  }
  if (known.kind == kind) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("database ", name, " exists and is ", KindName(known.kind), ", not ",
                   KindName(kind), ": attach it as what it is, or detach it first"));
}

store::StoreOptions NodeDatabases::FileOf(const std::string& name) const {
  // What a former run has left belongs to nobody any more.
  return {.directory = options_.volatile_directory,
          .name = absl::StrCat(name, ".", options_.local.value()),
          .mode = store::OpenMode::kReplace,
          .memory_bytes = options_.memory_bytes};
}

kj::Promise<absl::StatusOr<DatabaseInfo>> NodeDatabases::Attach(DatabaseWish wish) {
  const auto entered = Enter();
  if (absl::Status status = CheckAttach(wish); !status.ok()) {
    return absl::StatusOr<DatabaseInfo>(std::move(status));
  }
  if (Entry* entry = FindEntry(DatabaseIdOf(wish.name))) {
    return absl::StatusOr<DatabaseInfo>(GrantWish(*entry, wish));
  }
  // Whoever wanted it first may have wanted something else.
  if (const auto it = opening_.find(wish.name); it != opening_.end()) {
    return it->second.addBranch().then(
        [this,
         wish](absl::StatusOr<DatabaseInfo> info) -> kj::Promise<absl::StatusOr<DatabaseInfo>> {
          return info.ok() ? Attach(wish) : std::move(info);
        });
  }
  auto opened = Open(wish).fork();
  auto result = opened.addBranch();
  opening_.emplace(wish.name, kj::mv(opened));
  return result;
}

kj::Promise<absl::StatusOr<DatabaseInfo>> NodeDatabases::Open(const DatabaseWish& wish) {
  if (wish.kind != DatabaseKind::kVolatile) return OpenReplica(wish);
  return wish.engine == DatabaseEngine::kTdb ? OpenTdb(wish) : OpenVolatile(wish.name);
}

kj::Promise<absl::StatusOr<DatabaseInfo>> NodeDatabases::OpenVolatile(const std::string& name) {
  return worker_
      .Run([options = FileOf(name)]() -> absl::StatusOr<std::shared_ptr<store::RecordStore>> {
        CTDB_ASSIGN_OR_RETURN(std::unique_ptr<store::RecordStore> store,
                              store::NativeStore::Open(options));
        return std::shared_ptr<store::RecordStore>(std::move(store));
      })
      .then([this, name](auto store) { return OnOpened(name, std::move(store)); });
}

ReplicatedPlace NodeDatabases::PlaceOf(const DatabaseWish& wish) const {
  const std::string& name = wish.name;
  const bool is_durable = wish.kind == DatabaseKind::kPersistent;
  return {
      .local = options_.local,
      .id = DatabaseIdOf(name).value(),
      .name = name,
      .path = absl::StrCat(is_durable ? options_.persistent_directory : options_.volatile_directory,
                           "/", name, ".", options_.local.value(), kReplicaSuffix),
      .is_durable = is_durable,
      .mirror_path =
          wish.engine == DatabaseEngine::kTdb ? SharedPathOf(name, wish.kind) : std::string()};
}

kj::Promise<absl::StatusOr<DatabaseInfo>> NodeDatabases::OpenReplica(const DatabaseWish& wish) {
  const ReplicatedPlace place = PlaceOf(wish);
  const DatabaseInfo info = {.id = DatabaseIdOf(wish.name),
                             .name = wish.name,
                             .kind = wish.kind,
                             .path = place.mirror_path.empty() ? place.path : place.mirror_path,
                             .engine = wish.engine};
  return worker_.Run([open = options_.open_replicated, place] { return open(place); })
      .then([this, info, wish](auto make) { return OnOpened(info, wish, make); });
}

absl::StatusOr<DatabaseInfo> NodeDatabases::OnOpened(
    const std::string& name, absl::StatusOr<std::shared_ptr<store::RecordStore>> store) {
  // Not from within it: this is the promise that is kept there.
  tasks_.add(kj::evalLater([this, name] { opening_.erase(name); }));
  CTDB_RETURN_IF_ERROR(store.status());
  const auto entered = Enter();
  const DatabaseId id = DatabaseIdOf(name);
  Entry entry;
  entry.info = {id, name, DatabaseKind::kVolatile,
                absl::StrCat(options_.volatile_directory, "/", name, ".", options_.local.value()),
                options_.memory_bytes};
  entry.driver = std::make_unique<DatabaseDriver>(
      DatabaseDriver::Options{.local = options_.local,
                              .id = id,
                              .name = name,
                              .vacuum = options_.vacuum,
                              .sweep_pace = sweep_pace_},
      *std::move(store), helpers_, static_cast<DatabaseDriver::Outlet&>(*this));
  if (view_.has_value()) entry.driver->OnView(*view_, placement_, Now());
  TellLease(entry.driver->store());
  return Add(std::move(entry));
}

absl::StatusOr<DatabaseInfo> NodeDatabases::OnOpened(const DatabaseInfo& info,
                                                     const DatabaseWish& wish,
                                                     const absl::StatusOr<MakeReplicated>& make) {
  tasks_.add(kj::evalLater([this, name = info.name] { opening_.erase(name); }));
  CTDB_RETURN_IF_ERROR(make.status());
  const auto entered = Enter();
  Entry entry;
  entry.info = info;
  entry.replicated = (*make)(static_cast<ReplicatedDatabase::Outlet&>(*this));
  entry.info.tdb_flags = entry.replicated->mirror_flags();
  GrantWish(entry, wish);
  if (view_.has_value()) entry.replicated->OnView(*view_, Now());
  return Add(std::move(entry));
}

DatabaseInfo NodeDatabases::Add(Entry entry) {
  ++counters_.attaches;
  const DatabaseInfo info = entry.info;
  entries_.emplace(info.id, std::move(entry));
  Announce({info});
  TellView();  // Whoever looked at the file that this one has replaced has to look again.
  listener_.OnAttached(info);
  FinishTurn();
  return info;
}

// Each copy's file has the name of the database, the number of the node, and the suffix.
void NodeDatabases::AttachPersistent() {
  if (options_.open_replicated == nullptr || options_.persistent_directory.empty()) return;
  const std::string end = absl::StrCat(".", options_.local.value(), kReplicaSuffix);
  std::error_code error;
  for (const auto& file :
       std::filesystem::directory_iterator(options_.persistent_directory, error)) {
    const std::string name = file.path().filename().string();
    if (!absl::EndsWith(name, end) || name.size() == end.size()) continue;
    DatabaseWish wish = {.name = name.substr(0, name.size() - end.size()),
                         .kind = DatabaseKind::kPersistent};
    const bool has_mirror =
        std::filesystem::exists(absl::StrCat(file.path().string(), kMirrorMark), error);
    if (has_mirror) wish.engine = DatabaseEngine::kTdb;
    tasks_.add(AttachLater(wish).then([this](absl::StatusOr<DatabaseInfo> attached) {
      if (!attached.ok()) listener_.OnTrouble(attached.status());
    }));
  }
  if (error) {
    listener_.OnTrouble(absl::InternalError(absl::StrCat(
        "cannot read ", options_.persistent_directory, ": ", error.message(),
        ": no persistent database is attached before a client or another node wants it")));
  }
}

kj::Promise<absl::Status> NodeDatabases::Detach(const std::string& name) {
  const auto entered = Enter();
  const Entry* entry = Find(name);
  if (entry == nullptr) {
    return absl::Status(absl::NotFoundError(absl::StrCat("this node has no database ", name)));
  }
  if (entry->driver == nullptr) {
    return absl::Status(absl::FailedPreconditionError(
        absl::StrCat("database ", name, " is ", KindName(entry->info.kind),
                     ": only volatile ones can be detached")));
  }
  if (entry->shared_file != nullptr) {
    return absl::Status(absl::FailedPreconditionError(
        absl::StrCat("database ", name,
                     " is one of Samba's, whose programs cannot be told that it "
                     "is gone: it goes when the daemons of this node are stopped (DB-11)")));
  }
  store::RecordStore& store = entry->driver->store();
  // Whoever stores a record that it has locked is told that it is lost.
  store.SetOwnedSince(Epoch(std::numeric_limits<uint64_t>::max()));
  store.SetServeUntil(0);
  entries_.erase(entry->info.id);
  FinishTurn();
  // The worker does one thing after the other: before a new file of that name is made.
  return worker_.Run([options = FileOf(name)] { return RemoveFile(options); });
}

void NodeDatabases::taskFailed(kj::Exception&& exception) {
  listener_.OnTrouble(ToStatus(exception));
}

// What the event loop has to do when something has happened.
void NodeDatabases::FinishTurn() {
  for (const auto& [id, entry] : entries_) {
    if (entry.driver != nullptr && entry.driver->HasWork()) entry.driver->StartWork();
  }
  timer_.Set(run_handler_ ? kNever : EntriesDeadline());
  SendQueued();
  if (view_.has_value()) ReportSettled();
}

Instant NodeDatabases::EntriesDeadline() const {
  Instant deadline = kNever;
  for (const auto& [id, entry] : entries_) deadline = std::min(deadline, entry.NextDeadline());
  return deadline;
}

void NodeDatabases::TickEntries(Instant now) {
  for (auto& [id, entry] : entries_) {
    if (entry.NextDeadline() > now) continue;
    if (entry.driver != nullptr) {
      entry.driver->OnTick(now);
    } else {
      entry.replicated->OnTick(now);
    }
  }
}

kj::Promise<void> NodeDatabases::AwaitAttention() {
  auto pair = kj::newPromiseAndCrossThreadFulfiller<void>();
  {
    const std::lock_guard<std::mutex> lock(attention_mutex_);
    attention_ = kj::mv(pair.fulfiller);
  }
  // What came in between is seen now.
  return pair.promise.then([this] {
    {
      const auto entered = Enter();
      FinishTurn();
    }
    return AwaitAttention();
  });
}

}  // namespace ctdb::database
