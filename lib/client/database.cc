// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/database.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/status_macros.h"

namespace ctdb {
namespace {

// While this node may not serve, or its services are being started again.
constexpr absl::Duration kPause = absl::Milliseconds(5);

std::string Text(capnp::Text::Reader text) { return std::string(text.begin(), text.size()); }

std::string Text(capnp::Data::Reader data) {
  return std::string(reinterpret_cast<const char*>(data.begin()), data.size());
}

capnp::Data::Reader Data(absl::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

absl::Time Deadline(absl::Duration patience) {
  return absl::Now() + std::clamp(patience, absl::ZeroDuration(), absl::Hours(24 * 365));
}

}  // namespace

absl::Status Record::Store(absl::string_view value) {
  if (store_ == nullptr) {
    return absl::FailedPreconditionError("cannot store: the record is unlocked; lock it again");
  }
  if (value.size() > kValueBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("value of ", value.size(), " bytes: at most ",
                                                   kValueBytesMax,
                                                   " fit in one record; use several records"));
  }
  const store::RecordHeader header = locked_.header();
  CTDB_RETURN_IF_ERROR(locked_.Store(header, value));
  if (database_->IsHere(*store_, header)) return absl::OkStatus();
  return absl::AbortedError(
      "this node was out of the cluster while the record was locked: what was stored may be lost; "
      "lock the record again and look");
}

void Record::Unlock() {
  if (store_ == nullptr) return;
  locked_.Unlock();
  store_ = nullptr;
  if (!asked_for_.empty()) database_->TellUsed(asked_for_);
}

absl::StatusOr<std::unique_ptr<Database>> Database::Attach(Session& session, std::string name,
                                                           absl::Time deadline) {
  std::unique_ptr<Database> database(new Database(session, std::move(name)));
  CTDB_RETURN_IF_ERROR(database->Open(deadline));
  return database;
}

absl::Status Database::Open(absl::Time deadline) {
  Info info;
  CTDB_RETURN_IF_ERROR(session_.Call(
      session_.node(), deadline,
      [this](wire::ClientRequest::Builder out) { out.initAttach().setName(name_.c_str()); },
      [&info](wire::ClientAnswer::Reader in) {
        if (!in.isAttached()) return absl::InternalError("the answer to an attach is none");
        info = {Text(in.getAttached().getName()), in.getAttached().getId(),
                Text(in.getAttached().getPath())};
        return absl::OkStatus();
      }));
  const size_t slash = info.path.rfind('/');
  if (slash == std::string::npos) return absl::InternalError("a database without a directory");
  CTDB_ASSIGN_OR_RETURN(std::unique_ptr<store::NativeStore> store,
                        store::NativeStore::Open({.directory = info.path.substr(0, slash),
                                                  .name = info.path.substr(slash + 1)}));
  const std::lock_guard<std::mutex> lock(mutex_);
  info_ = info;
  store_ = std::move(store);
  return absl::OkStatus();
}

Database::Info Database::info() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return info_;
}

std::shared_ptr<store::NativeStore> Database::CurrentStore() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return store_;
}

bool Database::IsHere(const store::NativeStore& store, const store::RecordHeader& header) const {
  return store::IsOwnedBy(header, session_.node(), store.OwnedSince()) &&
         (header.flags & store::kLentOut) == 0;
}

absl::StatusOr<Record> Database::Lock(absl::string_view key, absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  absl::Time deadline = absl::InfinitePast();  // Not looked at before something is waited for.
  std::string asked_for;
  for (;;) {
    std::shared_ptr<store::NativeStore> store = CurrentStore();
    auto locked = store->Lock(key, {.need_lease = true});
    if (!locked.ok() && deadline == absl::InfinitePast()) deadline = Deadline(patience);
    if (absl::IsDeadlineExceeded(locked.status())) {
      locked = store->Lock(key, {.wait = deadline - absl::Now(), .need_lease = true});
    }
    if (locked.ok() && locked->exists() && IsHere(*store, locked->header())) {
      return Record(this, std::move(store), *std::move(locked), std::move(asked_for));
    }
    if (deadline == absl::InfinitePast()) deadline = Deadline(patience);
    absl::Status status = locked.status();
    if (locked.ok()) {
      // Never while it is locked: the service needs the lock to put the record there.
      locked->Unlock();
      status = Get(key, deadline);
      asked_for = std::string(key);
    }
    if (!status.ok()) CTDB_RETURN_IF_ERROR(Recover(status, deadline));
  }
}

absl::Status Database::Get(absl::string_view key, absl::Time deadline) {
  const uint32_t id = info().id;
  return session_.Call(
      session_.node(), deadline,
      [&](wire::ClientRequest::Builder out) {
        auto get = out.initGet();
        get.setDatabase(id);
        get.setKey(Data(key));
      },
      [](wire::ClientAnswer::Reader) { return absl::OkStatus(); });
}

// Whether it makes sense to try again after this: then OK.
absl::Status Database::Recover(const absl::Status& status, absl::Time deadline) {
  const bool may_pass = absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
  const bool is_gone = absl::IsAborted(status) || absl::IsNotFound(status);
  if ((!may_pass && !is_gone) || absl::Now() >= deadline) return status;
  if (may_pass) absl::SleepFor(std::min(kPause, deadline - absl::Now()));
  // The service was started again, and has a new file, or will have one.
  const absl::Status opened = is_gone ? Open(deadline) : absl::OkStatus();
  return absl::IsUnavailable(opened) ? absl::OkStatus() : opened;
}

void Database::TellUsed(const std::string& key) {
  const uint32_t id = info().id;
  session_
      .Tell([&](wire::ClientRequest::Builder out) {
        auto used = out.initUsed();
        used.setUsedDatabase(id);
        used.setUsedKey(Data(key));
      })
      .IgnoreError();
}

absl::StatusOr<std::string> Database::Read(absl::string_view key, absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  const std::shared_ptr<store::NativeStore> store = CurrentStore();
  store::RecordCopy copy;
  CTDB_ASSIGN_OR_RETURN(const bool exists, store->Read(key, copy));
  if (exists && IsHere(*store, copy.header) && store->HasLease()) return std::move(copy.value);
  CTDB_ASSIGN_OR_RETURN(const Record record, Lock(key, patience));
  return std::string(record.value());
}

absl::Status Database::VisitLocal(const Visit& visit) {
  const std::shared_ptr<store::NativeStore> store = CurrentStore();
  store::Cursor cursor;
  while (!cursor.done) {
    CTDB_ASSIGN_OR_RETURN(const std::vector<store::Record> records, store->Next(cursor, 64 * 1024));
    for (const store::Record& record : records) {
      if (record.copy.value.empty() || !IsHere(*store, record.copy.header)) continue;
      if (!visit(record.key, record.copy.value)) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status Database::VisitAll(const Visit& visit, absl::Duration patience) {
  const absl::Time deadline = Deadline(patience);
  std::vector<NodeNumber> nodes;
  CTDB_RETURN_IF_ERROR(session_.Call(
      session_.node(), deadline, [](wire::ClientRequest::Builder out) { out.setMembers(); },
      [&nodes](wire::ClientAnswer::Reader in) {
        if (!in.isMemberNodes()) return absl::InternalError("not a list of nodes");
        for (const uint32_t node : in.getMemberNodes()) nodes.push_back(NodeNumber(node));
        return absl::OkStatus();
      }));
  bool goes_on = true;
  for (size_t i = 0; i < nodes.size() && goes_on; ++i) {
    CTDB_RETURN_IF_ERROR(VisitNode(nodes[i], visit, deadline, &goes_on));
  }
  return absl::OkStatus();
}

absl::Status Database::VisitNode(NodeNumber node, const Visit& visit, absl::Time deadline,
                                 bool* goes_on) {
  store::Cursor cursor;
  const uint32_t id = info().id;
  while (!cursor.done && *goes_on) {
    CTDB_RETURN_IF_ERROR(session_.Call(
        node, deadline,
        [&](wire::ClientRequest::Builder out) {
          auto list = out.initList();
          list.setListDatabase(id);
          list.setCursorBucket(cursor.bucket);
          list.setCursorAfter(Data(cursor.after));
        },
        [&](wire::ClientAnswer::Reader in) {
          if (!in.isPage()) return absl::InternalError("not a list of records");
          const auto page = in.getPage();
          cursor = {page.getNextBucket(), Text(page.getNextAfter()), page.getLast()};
          for (const auto record : page.getRecords()) {
            *goes_on = *goes_on && visit(Text(record.getKey()), Text(record.getValue()));
          }
          return absl::OkStatus();
        }));
  }
  return absl::OkStatus();
}

absl::StatusOr<store::StoreStatistics> Database::Statistics() {
  return CurrentStore()->Statistics();
}

}  // namespace ctdb
