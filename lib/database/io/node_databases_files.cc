// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What NodeDatabases does for databases whose files unmodified Samba opens.

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/database/database_name.h"
#include "lib/database/io/node_databases.h"
#include "lib/protocol/bytes_text.h"

namespace ctdb::database {
namespace {

// For a record that somebody has locked.
constexpr absl::Duration kReadWait = absl::Seconds(1);

// The flag of TDB files that count their changes.
constexpr uint32_t kTdbSequence = 0x80;

}  // namespace

// Where Samba looks for it (DB-12).
std::string NodeDatabases::SharedPathOf(const std::string& name, DatabaseKind kind) const {
  const std::string& directory = kind == DatabaseKind::kPersistent ? options_.persistent_directory
                                                                   : options_.volatile_directory;
  return absl::StrCat(directory, "/", name, ".", options_.local.value());
}

DatabaseInfo NodeDatabases::GrantWish(Entry& entry, const DatabaseWish& wish) {
  if (entry.shared_file != nullptr && wish.tdb_sequence) {
    entry.shared_file->EnableSequence();
    entry.info.tdb_flags = entry.shared_file->open_flags();
  }
  const bool is_mirrored = entry.replicated != nullptr && entry.info.tdb_flags != 0;
  if (is_mirrored && wish.tdb_sequence && (entry.info.tdb_flags & kTdbSequence) == 0) {
    entry.replicated->EnableMirrorSequence();
    entry.info.tdb_flags |= kTdbSequence;
  }
  return entry.info;
}

kj::Promise<absl::StatusOr<DatabaseInfo>> NodeDatabases::OpenTdb(const DatabaseWish& wish) {
  const store::SharedFilePlace place = {
      .path = SharedPathOf(wish.name, wish.kind),
      .local = options_.local,
      .report = [this](const absl::Status& status) { listener_.OnTrouble(status); }};
  return worker_.Run([open = options_.open_tdb, place] { return open(place); })
      .then([this, wish](auto store) { return OnOpened(wish, std::move(store)); });
}

absl::StatusOr<DatabaseInfo> NodeDatabases::OnOpened(
    const DatabaseWish& wish, absl::StatusOr<std::shared_ptr<store::SharedFileStore>> store) {
  tasks_.add(kj::evalLater([this, name = wish.name] { opening_.erase(name); }));
  CTDB_RETURN_IF_ERROR(store.status());
  const auto entered = Enter();
  Entry entry;
  entry.info = {.id = DatabaseIdOf(wish.name),
                .name = wish.name,
                .path = SharedPathOf(wish.name, wish.kind),
                .engine = DatabaseEngine::kTdb,
                .tdb_flags = (*store)->open_flags()};
  entry.shared_file = *std::move(store);
  GrantWish(entry, wish);
  // What changes from here on is told.
  if (const auto sequence = entry.shared_file->Sequence(); sequence.ok()) {
    entry.changes.OnLook(*sequence);
  }
  // What Samba's programs do with a record they tell nobody, and copies to read they cannot tell
  // from the record (RO-8).
  entry.driver = std::make_unique<DatabaseDriver>(
      DatabaseDriver::Options{.local = options_.local,
                              .id = entry.info.id,
                              .name = wish.name,
                              .lending = Directory::Lending::kOff,
                              .do_clients_tell_use = false,
                              .vacuum = options_.vacuum,
                              .sweep_pace = sweep_pace_},
      entry.shared_file, helpers_, static_cast<DatabaseDriver::Outlet&>(*this));
  if (view_.has_value()) entry.driver->OnView(*view_, placement_, Now());
  TellLease(entry.driver->store());
  return Add(std::move(entry));
}

kj::Promise<void> NodeDatabases::WatchFiles() {
  const auto interval = absl::ToInt64Microseconds(options_.sequence_interval) * kj::MICROSECONDS;
  return clock_.afterDelay(interval).then([this] {
    {
      const auto entered = Enter();
      TellChangedFiles();
      FinishTurn();
    }
    return WatchFiles();
  });
}

// A number that cannot be had now is looked at next time.
void NodeDatabases::TellChangedFiles() {
  std::vector<uint32_t> changed;
  for (auto& [id, entry] : entries_) {
    if (entry.shared_file == nullptr) continue;
    if (entry.changes.is_owed() && entry.shared_file->IncrementSequence().ok()) {
      entry.changes.OnCounted();
    }
    const absl::StatusOr<uint32_t> sequence = entry.shared_file->Sequence();
    if (sequence.ok() && entry.changes.OnLook(*sequence)) changed.push_back(id.value());
  }
  if (changed.empty() || !view_.has_value()) return;
  for (NodeNumber node : view_->members) {
    if (node == options_.local) continue;
    SendPacket({node, ServiceId::kDatabase, InstanceNumber(0)}, RequestId(0),
               [&](wire::DatabasePacket::Builder packet) {
                 auto list =
                     packet.initChangedFiles().initDatabases(static_cast<uint32_t>(changed.size()));
                 for (uint32_t i = 0; i < list.size(); ++i) list.set(i, changed[i]);
               });
  }
}

void NodeDatabases::HandleChangedFiles(wire::ChangedFiles::Reader changed) {
  for (const uint32_t id : changed.getDatabases()) {
    Entry* const entry = FindEntry(DatabaseId(id));
    if (entry == nullptr || entry->shared_file == nullptr) continue;
    // Without counting nobody looks at the number.
    entry->changes.OnTold();
    if (entry->shared_file->IncrementSequence().ok()) entry->changes.OnCounted();
  }
}

// For who serves Samba's programs in this process, which must not open the file itself (DB-17).
// False: it has to be waited for, or is no record of such a file.
absl::StatusOr<bool> NodeDatabases::ReadAtOnce(const Envelope& envelope,
                                               wire::ClientRequest::Reader request) {
  const Entry* const entry = FindEntry(DatabaseId(request.getRead().getReadDatabase()));
  if (entry == nullptr || entry->shared_file == nullptr) return false;
  if (envelope.source.node != options_.local) return false;
  const std::string key = FromData(request.getRead().getReadKey());
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  store::RecordStore& store = entry->driver->store();
  const absl::StatusOr<store::LockedRecord> record = store.Lock(key, {.need_lease = true});
  if (absl::IsDeadlineExceeded(record.status())) return false;
  CTDB_RETURN_IF_ERROR(record.status());
  AnswerRead(envelope.source, RequestId(envelope.request_id), entry->info.name, *record,
             store.OwnedSince());
  return true;
}

absl::Status NodeDatabases::HandleRead(const Envelope& envelope,
                                       wire::ClientRequest::Reader request) {
  const uint32_t id = request.getRead().getReadDatabase();
  const Entry* const entry = FindEntry(DatabaseId(id));
  if (entry == nullptr || entry->shared_file == nullptr) {
    return HandleReplicaRequest(envelope, id, request);
  }
  CTDB_ASSIGN_OR_RETURN(const bool was_free, ReadAtOnce(envelope, request));
  if (was_free) return absl::OkStatus();
  const std::string key = FromData(request.getRead().getReadKey());
  const Address client = envelope.source;
  const RequestId number(envelope.request_id);
  const auto store = entry->driver->shared_store();
  const std::string name = entry->info.name;
  tasks_.add(
      helpers_.locks.Lock(store, key, kReadWait)
          .then([this, client, number, name, store](absl::StatusOr<LockPool::HeldLock> held) {
            const auto entered = Enter();
            if (held.ok()) {
              const LockPool::HeldLock free_soon = *std::move(held);
              AnswerRead(client, number, name, free_soon.record(), store->OwnedSince());
            } else {
              Fail(client, number, held.status());
            }
            FinishTurn();
          }));
  return absl::OkStatus();
}

// Records may be locked by Samba's programs, which the event loop does not wait for.
void NodeDatabases::ListFile(const Address& client, RequestId request,
                             const std::shared_ptr<store::SharedFileStore>& store,
                             const store::Cursor& cursor) {
  using Page = std::pair<store::Cursor, std::vector<store::Record>>;
  tasks_.add(worker_
                 .Run([store, cursor]() -> absl::StatusOr<Page> {
                   Page page{cursor, {}};
                   CTDB_ASSIGN_OR_RETURN(page.second, store->Next(page.first, kListBytes));
                   return page;
                 })
                 .then([this, client, request, store](absl::StatusOr<Page> page) {
                   const auto entered = Enter();
                   if (page.ok()) {
                     AnswerList(client, request, page->first, std::move(page->second),
                                store->OwnedSince());
                   } else {
                     Fail(client, request, page.status());
                   }
                   FinishTurn();
                 }));
}

void NodeDatabases::AnswerRead(const Address& client, RequestId request,
                               const std::string& database, const store::LockedRecord& record,
                               Epoch owned_since) {
  if (!record.exists() || !store::IsOwnedBy(record.header(), options_.local, owned_since) ||
      !HasLease()) {
    return Fail(client, request,
                absl::AbortedError(absl::StrCat("the record of database ", database,
                                                " is not this node's now: get it first")));
  }
  if (record.value().size() > kAnswerBytesMax) {
    return Fail(client, request,
                absl::ResourceExhaustedError(
                    absl::StrCat("a record of database ", database, " has ", record.value().size(),
                                 " bytes, which do not fit in one answer: read it from the file")));
  }
  SendPacket(client, request, [&](wire::DatabasePacket::Builder packet) {
    auto copy = packet.initAnswer().initCopy();
    copy.setIsThere(!record.value().empty());
    copy.setValue(ToData(std::string(record.value())));
  });
}

}  // namespace ctdb::database
