// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/database.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/protocol/bytes_text.h"
#include "lib/store/loan.h"

namespace ctdb {
namespace {

// While this node may not serve, or its services are being started again: growing.
constexpr absl::Duration kPause = absl::Milliseconds(5);
constexpr absl::Duration kPauseMax = absl::Milliseconds(50);
// While another process holds the lock, the session may be cancelled.
constexpr absl::Duration kLockStep = absl::Milliseconds(50);
constexpr size_t kShownKeyBytes = 64;

// "key "visitors" of database "counters"", for errors.
std::string Describe(absl::string_view key, absl::string_view database) {
  return absl::StrCat("key \"", absl::CHexEscape(key.substr(0, kShownKeyBytes)),
                      key.size() > kShownKeyBytes ? "...\"" : "\"", " of database \"", database,
                      "\"");
}

// The store says how long its last attempt took; users want to know the whole.
absl::Status NotLocked(const absl::Status& status, absl::string_view what,
                       absl::Duration patience) {
  const absl::string_view message = status.message();
  const size_t holder = message.rfind("held by ");
  return absl::DeadlineExceededError(
      absl::StrCat("cannot lock ", what, " within ", absl::FormatDuration(patience), ": ",
                   holder == absl::string_view::npos ? message : message.substr(holder)));
}

}  // namespace

absl::Status Record::Store(absl::string_view value) {
  if (!locked_.is_locked()) {
    return absl::FailedPreconditionError("cannot store: the record is unlocked; lock it again");
  }
  CTDB_RETURN_IF_ERROR(database_->session_.CheckProcess());
  if (value.size() > kValueBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("value of ", value.size(), " bytes: at most ",
                                                   kValueBytesMax,
                                                   " fit in one record; use several records"));
  }
  store::RecordHeader header = locked_.header();
  if ((header.flags & store::kWatched) != 0) CTDB_RETURN_IF_ERROR(TellWatchers(header));
  CTDB_RETURN_IF_ERROR(locked_.Store(header, value));
  // Afterwards: as long as the lease lasts, nobody else is made the owner.
  if (database_->MayWrite(*store_, header) && store_->HasLease()) return absl::OkStatus();
  return absl::AbortedError(
      "this node was out of the cluster while the record was locked: what was stored may be lost; "
      "lock the record again and look");
}

void Record::Unlock() {
  if (!locked_.is_locked()) return;
  if (database_->session_.IsForked()) {
    // The parent has locked it, and only the parent can unlock it.
    new store::LockedRecord(std::move(locked_));
    new PinnedStore(std::move(store_));
    return;
  }
  if (!must_tell_use_) {
    locked_.Unlock();
  } else {
    const std::string key(locked_.key().data(), locked_.key().size());
    locked_.Unlock();
    database_->TellUsed(key);
  }
  store_.Release();
}

absl::StatusOr<std::unique_ptr<Database>> Database::Attach(Session& session, std::string name,
                                                           absl::Duration patience) {
  std::unique_ptr<Database> database(new Database(session, std::move(name)));
  const TimeLimit limit = LimitIn(patience);
  absl::Duration pause = kPause;
  absl::Status status = database->Open(limit);
  while (MayPass(status) && !IsOver(limit)) {
    CTDB_RETURN_IF_ERROR(database->Rest(&pause, limit));
    status = database->Open(limit);
  }
  CTDB_RETURN_IF_ERROR(status);
  return database;
}

// What the service says of the database, which it makes if there is none.
absl::StatusOr<Database::Info> Database::Ask(TimeLimit limit) {
  Info info;
  CTDB_RETURN_IF_ERROR(session_.Call(
      session_.node(), limit,
      [this](wire::ClientRequest::Builder out) { out.initAttach().setName(name_.c_str()); },
      [&info](wire::ClientAnswer::Reader in) {
        if (!in.isAttached()) return absl::InternalError("the answer to an attach is none");
        info = {FromText(in.getAttached().getName()), in.getAttached().getId(),
                FromText(in.getAttached().getPath())};
        return absl::OkStatus();
      }));
  return info;
}

absl::Status Database::Open(TimeLimit limit) {
  CTDB_ASSIGN_OR_RETURN(const Info info, Ask(limit));
  const size_t slash = info.path.rfind('/');
  if (slash == std::string::npos) return absl::InternalError("a database without a directory");
  CTDB_ASSIGN_OR_RETURN(std::unique_ptr<store::NativeStore> store,
                        store::NativeStore::Open({.directory = info.path.substr(0, slash),
                                                  .name = info.path.substr(slash + 1)}));
  const std::lock_guard<std::mutex> lock(mutex_);
  info_ = info;
  store_.Replace(std::move(store));
  return absl::OkStatus();
}

Database::Info Database::info() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return info_;
}

bool Database::IsOwned(const store::NativeStore& store, const store::RecordHeader& header) const {
  return store::IsOwnedBy(header, session_.node(), store.OwnedSince());
}

bool Database::MayWrite(const store::NativeStore& store, const store::RecordHeader& header) const {
  return IsOwned(store, header) && (header.flags & store::kLentOut) == 0;
}

absl::StatusOr<Record> Database::Lock(absl::string_view key, absl::Duration patience) {
  // Filled where the caller wants it: this takes less time than moving it about.
  absl::StatusOr<Record> record(absl::in_place, Record::Key(), this);
  absl::Status status = session_.CheckProcess();
  if (status.ok()) {
    status = LockHere(key, absl::ZeroDuration(), *record);
    if (record->locked_.is_locked()) return record;
    status = LockOrAsk(key, patience, std::move(status), *record);
  }
  if (!status.ok()) record = status;
  return record;
}

// Without locking it: the record is not here.
absl::Status Database::LockHere(absl::string_view key, absl::Duration wait, Record& record) {
  record.store_ = store_.Pin();
  const absl::Status status =
      record.store_->Lock(key, {.wait = wait, .need_lease = true}, record.locked_);
  if (status.ok()) {
    const store::RecordHeader& header = record.locked_.header();
    if (record.locked_.exists() && MayWrite(*record.store_, header)) {
      constexpr uint32_t kTurn = store::kAwaited | store::kTellUse;
      if ((header.flags & kTurn) != 0) {
        record.must_tell_use_ |= (header.flags & store::kTellUse) != 0;
        record.locked_.ClearFlags(kTurn);
      }
      return status;
    }
    // Never while it is locked: the service needs the lock to put the record there.
    record.locked_.Unlock();
  }
  record.store_.Release();
  return status;
}

absl::Status Database::WaitForLock(absl::string_view key, TimeLimit limit, Record& record) {
  for (;;) {
    const absl::Duration left = Left(limit);
    absl::Status status = LockHere(key, std::min(left, kLockStep), record);
    if (!absl::IsDeadlineExceeded(status) || left <= kLockStep) return status;
    if (session_.is_cancelled()) return absl::CancelledError("cancelled while waiting for a lock");
  }
}

// After the first attempt, which ended in `status` without the record. No clock is read before.
absl::Status Database::LockOrAsk(absl::string_view key, absl::Duration patience,
                                 absl::Status status, Record& record) {
  const TimeLimit limit = LimitIn(patience);
  absl::Duration pause = kPause;
  for (;;) {
    if (absl::IsDeadlineExceeded(status)) {
      status = WaitForLock(key, limit, record);
      if (absl::IsDeadlineExceeded(status))
        return NotLocked(status, Describe(key, name_), patience);
    }
    if (record.locked_.is_locked()) return absl::OkStatus();
    if (status.ok()) {
      const absl::StatusOr<Came> came = Get(key, /*for_read=*/false, limit);
      record.must_tell_use_ |= came.ok() && *came == Came::kInTurn;
      status = came.status();
      if (absl::IsDeadlineExceeded(status)) {
        return absl::DeadlineExceededError(
            absl::StrCat(Describe(key, name_), " did not come to this node within ",
                         absl::FormatDuration(patience),
                         ": a client of another node holds it, or that node does not answer"));
      }
    }
    if (!status.ok()) CTDB_RETURN_IF_ERROR(Recover(status, &pause, limit));
    status = LockHere(key, absl::ZeroDuration(), record);
  }
}

absl::StatusOr<Database::Came> Database::Get(absl::string_view key, bool for_read,
                                             TimeLimit limit) {
  const uint32_t id = info().id;
  Came came = Came::kHere;
  CTDB_RETURN_IF_ERROR(session_.Call(
      session_.node(), limit,
      [&](wire::ClientRequest::Builder out) {
        auto get = out.initGet();
        get.setDatabase(id);
        get.setKey(ToData(key));
        get.setForRead(for_read);
      },
      [&came](wire::ClientAnswer::Reader in) {
        if (in.isAbsent()) came = Came::kAbsent;
        if (in.isReadyInTurn()) came = Came::kInTurn;
        return absl::OkStatus();
      }));
  return came;
}

bool Database::MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
}

absl::Status Database::Rest(absl::Duration* pause, TimeLimit limit) {
  CTDB_RETURN_IF_ERROR(session_.Pause(std::min(*pause, Left(limit))));
  *pause = std::min(2 * *pause, kPauseMax);
  return absl::OkStatus();
}

// Whether it makes sense to try again after this: then OK.
absl::Status Database::Recover(const absl::Status& status, absl::Duration* pause, TimeLimit limit) {
  const bool is_gone = absl::IsAborted(status) || absl::IsNotFound(status);
  if ((!MayPass(status) && !is_gone) || IsOver(limit)) return status;
  if (!is_gone) CTDB_RETURN_IF_ERROR(Rest(pause, limit));
  // A service that was started again has a new file, or makes one now: the old one never gets a
  // lease again.
  const absl::Status asked = is_gone ? Open(limit) : Ask(limit).status();
  if (asked.ok()) return asked;
  if (absl::IsDeadlineExceeded(asked)) return status;
  if (!MayPass(asked) && !absl::IsNotFound(asked)) return asked;
  return is_gone ? Rest(pause, limit) : absl::OkStatus();
}

// Waits until this node serves the database's records, and returns what they are in.
absl::StatusOr<PinnedStore> Database::Serving(TimeLimit limit) {
  absl::Duration pause = kPause;
  for (;;) {
    CTDB_RETURN_IF_ERROR(session_.CheckProcess());
    PinnedStore store = store_.Pin();
    if (store->HasLease()) return store;
    store.Release();
    if (IsOver(limit)) {
      return absl::UnavailableError(absl::StrCat(
          "this node may not serve database \"", name_,
          "\" now: it is out of the cluster, or its database service was started again"));
    }
    CTDB_RETURN_IF_ERROR(Rest(&pause, limit));
    const absl::Status status = Open(limit);
    if (!status.ok() && !MayPass(status) && !absl::IsDeadlineExceeded(status)) return status;
  }
}

void Database::TellUsed(absl::string_view key) {
  const uint32_t id = info().id;
  session_
      .Tell([&](wire::ClientRequest::Builder out) {
        auto used = out.initUsed();
        used.setUsedDatabase(id);
        used.setUsedKey(ToData(key));
      })
      .IgnoreError();
}

absl::StatusOr<std::string> Database::Read(absl::string_view key, absl::Duration patience) {
  std::string value;
  CTDB_RETURN_IF_ERROR(Read(key, value, patience));
  return value;
}

absl::Status Database::Read(absl::string_view key, std::string& value, absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(session_.CheckProcess());
  absl::StatusOr<bool> is_read = ReadHere(key, value);
  if (is_read.ok() && *is_read) return absl::OkStatus();
  const TimeLimit limit = LimitIn(patience);  // No clock is read before something is waited for.
  absl::Duration pause = kPause;
  for (;;) {
    if (absl::IsDeadlineExceeded(is_read.status())) {
      // It changes all the time, and is locked now: Lock() knows how long that may take.
      CTDB_ASSIGN_OR_RETURN(const Record record, Lock(key, Left(limit)));
      value.assign(record.value().data(), record.value().size());
      return absl::OkStatus();
    }
    absl::Status status = is_read.status();
    Record record(Record::Key(), this);
    if (status.ok()) {
      const absl::StatusOr<Came> came = Get(key, /*for_read=*/true, limit);
      status = came.status();
      if (came.ok() && *came == Came::kAbsent && store_.Pin()->HasLease()) {
        value.clear();
        return absl::OkStatus();
      }
      record.must_tell_use_ = came.ok() && *came == Came::kInTurn;
    }
    if (!status.ok()) CTDB_RETURN_IF_ERROR(Recover(status, &pause, limit));
    // If the record itself came, this is a use of it like any other.
    if (LockHere(key, absl::ZeroDuration(), record).ok() && record.locked_.is_locked()) {
      value.assign(record.value().data(), record.value().size());
      return absl::OkStatus();
    }
    is_read = ReadHere(key, value);
    if (record.must_tell_use_) TellUsed(key);
    if (is_read.ok() && *is_read) return absl::OkStatus();
  }
}

// Looks at epoch and lease after the record: what was read was right when it was.
absl::StatusOr<bool> Database::ReadHere(absl::string_view key, std::string& value) const {
  const PinnedStore store = store_.Pin();
  store::RecordCopy copy;
  copy.value.swap(value);
  CTDB_ASSIGN_OR_RETURN(const bool exists, store->Read(key, copy));
  // Says why: this node may not serve now, or the database was made anew.
  if (!store->HasLease()) CTDB_RETURN_IF_ERROR(store->Lock(key, {.need_lease = true}).status());
  if (!exists) return false;
  const bool is_loan = store::IsReadable(copy.header, copy.value, store->ReadEpoch());
  if (!is_loan && !IsOwned(*store, copy.header)) return false;
  if (is_loan) copy.value.erase(0, copy.value.size() - store::ValueBehindLoan(copy.value).size());
  value.swap(copy.value);
  return true;
}

absl::Status Database::VisitLocal(const Visit& visit, absl::Duration patience) {
  CTDB_ASSIGN_OR_RETURN(const PinnedStore store, Serving(LimitIn(patience)));
  store::Cursor cursor;
  while (!cursor.done) {
    CTDB_ASSIGN_OR_RETURN(const std::vector<store::Record> records, store->Next(cursor, 64 * 1024));
    for (const store::Record& record : records) {
      if (record.copy.value.empty() || !IsOwned(*store, record.copy.header)) continue;
      if (!visit(record.key, record.copy.value)) return absl::OkStatus();
    }
    if (session_.is_cancelled()) return absl::CancelledError("cancelled");
  }
  if (store->HasLease()) return absl::OkStatus();
  return absl::UnavailableError(
      "this node left the cluster meanwhile: some records may have been missing or old");
}

absl::Status Database::VisitAll(const Visit& visit, absl::Duration patience) {
  const TimeLimit limit = LimitIn(patience);
  CTDB_RETURN_IF_ERROR(Serving(limit).status());
  std::vector<NodeNumber> nodes;
  CTDB_RETURN_IF_ERROR(session_.Call(
      session_.node(), limit, [](wire::ClientRequest::Builder out) { out.setMembers(); },
      [&nodes](wire::ClientAnswer::Reader in) {
        if (!in.isMemberNodes()) return absl::InternalError("not a list of nodes");
        for (const uint32_t node : in.getMemberNodes()) nodes.push_back(NodeNumber(node));
        return absl::OkStatus();
      }));
  bool goes_on = true;
  for (size_t i = 0; i < nodes.size() && goes_on; ++i) {
    const absl::Status status = VisitNode(nodes[i], visit, limit, &goes_on);
    // It has not heard of the database yet, so it has no record of it.
    if (absl::IsNotFound(status) && nodes[i] != session_.node()) continue;
    CTDB_RETURN_IF_ERROR(status);
  }
  return absl::OkStatus();
}

absl::Status Database::VisitNode(NodeNumber node, const Visit& visit, TimeLimit limit,
                                 bool* goes_on) {
  store::Cursor cursor;
  const uint32_t id = info().id;
  while (!cursor.done && *goes_on) {
    std::vector<std::pair<std::string, std::string>> records;
    CTDB_RETURN_IF_ERROR(session_.Call(
        node, limit,
        [&](wire::ClientRequest::Builder out) {
          auto list = out.initList();
          list.setListDatabase(id);
          list.setCursorBucket(cursor.bucket);
          list.setCursorAfter(ToData(cursor.after));
        },
        [&](wire::ClientAnswer::Reader in) {
          if (!in.isPage()) return absl::InternalError("not a list of records");
          const auto page = in.getPage();
          cursor = {page.getNextBucket(), FromData(page.getNextAfter()), page.getLast()};
          for (const auto record : page.getRecords()) {
            records.emplace_back(FromData(record.getKey()), FromData(record.getValue()));
          }
          return absl::OkStatus();
        }));
    for (const auto& [key, value] : records) {
      *goes_on = *goes_on && visit(key, value);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<store::StoreStatistics> Database::Statistics() { return store_.Pin()->Statistics(); }

}  // namespace ctdb
