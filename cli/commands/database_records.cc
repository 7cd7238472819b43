// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/commands/database_records.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/cluster_query.h"
#include "cli/observe.h"
#include "cli/render/view.h"
#include "lib/backup/difference.h"
#include "lib/backup/restore.h"
#include "lib/base/status_macros.h"
#include "lib/protocol/bytes_text.h"
#include "lib/store/record.h"

namespace ctdb::cli {
namespace {

// Of a transaction, by backup::BytesOf(), which counts more for each record than it does.
constexpr size_t kStepBytes = Transaction::kBytesMax - 16 * 1024;
constexpr int kAttemptsMax = 10;
constexpr absl::Duration kPause = absl::Milliseconds(50);

}  // namespace

absl::Status ForEachCopy(Session& session, NodeNumber node, const std::string& name,
                         absl::FunctionRef<absl::Status(wire::RecordCopy::Reader)> visit) {
  std::string after;
  uint64_t bucket = 0;
  for (bool is_last = false; !is_last;) {
    auto request = session.database(node).copiesRequest();
    request.setName(name.c_str());
    request.setBucket(bucket);
    request.setAfter(ToData(after));
    CTDB_ASSIGN_OR_RETURN(
        const auto page,
        session.Call(kj::mv(request), absl::StrCat("get the records of database ", name,
                                                   " from node ", node.value())));
    for (const auto copy : page.getCopies()) CTDB_RETURN_IF_ERROR(visit(copy));
    bucket = page.getBucket();
    after = FromData(page.getAfter());
    is_last = page.getLast();
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> CountCopies(Session& session, const std::string& name,
                                     std::vector<NodeNumber>& nodes) {
  uint64_t copies = 0;
  std::vector<NodeNumber> with_database;
  for (const NodeNumber node : nodes) {
    const auto reply = GetDatabaseStatus(session, node, name);
    if (absl::IsNotFound(reply.status())) continue;
    CTDB_RETURN_IF_ERROR(reply.status());
    copies += reply->getStatus().getRecords();
    with_database.push_back(node);
  }
  nodes = std::move(with_database);
  return copies;
}

absl::StatusOr<DatabaseEntry> FindHere(Context& context, const std::string& argument) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context.TargetNode());
  return FindDatabase(context.session(), local, argument);
}

absl::Status Failure(Context& context, const absl::Status& why, absl::string_view line) {
  context.Err(absl::StrCat(why.message(), "\n"));
  return absl::Status(why.code(), line);
}

absl::StatusOr<DatabaseRecords::Members> DatabaseRecords::FindMembers() {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context_.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const ClusterReply reply, GetClusterOverview(context_.session(), local));
  const auto view = reply.getOverview().getView();
  Members members{{}, view.getEpoch()};
  for (const uint32_t node : view.getMembers()) members.nodes.push_back(NodeNumber(node));
  if (!members.nodes.empty()) return members;
  return absl::UnavailableError(absl::StrCat("node ", local.value(),
                                             " does not know who has records: it has not joined "
                                             "the cluster (\"ctdb status\")"));
}

absl::StatusOr<ReplicatedDatabase*> DatabaseRecords::Copies() {
  if (!copies_.has_value()) {
    CTDB_ASSIGN_OR_RETURN(OpenedCopies opened, OpenCopies(context_, entry_));
    copies_.emplace(std::move(opened));
  }
  return copies_->database.get();
}

absl::StatusOr<Database*> DatabaseRecords::Volatile() {
  if (database_ == nullptr) {
    const Invocation& invocation = context_.invocation();
    CTDB_ASSIGN_OR_RETURN(client_, Client::Open({.socket_path = invocation.socket,
                                                 .software = "ctdb",
                                                 .timeout = invocation.time_limit}));
    CTDB_ASSIGN_OR_RETURN(database_, client_->Attach(entry_.name, invocation.time_limit));
  }
  return database_.get();
}

absl::StatusOr<backup::Header> DatabaseRecords::Begin() {
  backup::Header header{.name = entry_.name, .time = absl::Now()};
  if (entry_.is_volatile) {
    CTDB_ASSIGN_OR_RETURN(const Members members, FindMembers());
    header.epoch = members.epoch;
    return header;
  }
  header.kind = entry_.is_persistent ? backup::Kind::kPersistent : backup::Kind::kReplicated;
  CTDB_RETURN_IF_ERROR(TakeSnapshot());
  header.epoch = taken_->position.epoch;
  header.sequence = taken_->position.sequence;
  return header;
}

absl::Status DatabaseRecords::ForEach(backup::VisitRecord visit) {
  if (entry_.is_volatile) return VisitMembers(visit);
  if (!taken_.has_value()) CTDB_RETURN_IF_ERROR(TakeSnapshot());
  return VisitSnapshot(visit);
}

// What a copy shows may not be acknowledged yet, and be undone.
absl::Status DatabaseRecords::TakeSnapshot() {
  CTDB_RETURN_IF_ERROR(Copies().status());
  CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context_.TargetNode());
  absl::Status status;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    if (attempt > 0) Pause(context_.session(), kPause * attempt);
    auto request = context_.session().database(local).snapshotRequest();
    request.setName(entry_.name.c_str());
    auto reply = context_.session().Call(kj::mv(request),
                                         absl::StrCat("take a snapshot of database ", entry_.name));
    status = reply.status();
    if (absl::IsUnavailable(status)) continue;
    CTDB_RETURN_IF_ERROR(status);
    Taken taken{reply->getSnapshot(), {reply->getEpoch(), reply->getSequence()}};
    CTDB_ASSIGN_OR_RETURN(const bool is_confirmed, Confirm(taken));
    if (is_confirmed) {
      taken_ = std::move(taken);
      return absl::OkStatus();
    }
    status = absl::UnavailableError("the members of the cluster changed meanwhile: try again");
  }
  return status;
}

// The coordinator answers what only reads when everything before is acknowledged.
absl::StatusOr<bool> DatabaseRecords::Confirm(const Taken& taken) {
  const absl::Duration limit = context_.invocation().time_limit;
  CTDB_ASSIGN_OR_RETURN(ReplicatedDatabase * database, Copies());
  CTDB_RETURN_IF_ERROR(database->Run(
      [&](Transaction& transaction) -> absl::Status {
        CTDB_ASSIGN_OR_RETURN(const auto marker, transaction.Read(backup::kRestoreMarker, limit));
        is_half_restored_ = marker.has_value();
        return absl::OkStatus();
      },
      limit));
  CTDB_ASSIGN_OR_RETURN(const ReplicaPosition now, database->Position(limit));
  return now.epoch == taken.position.epoch;
}

absl::Status DatabaseRecords::VisitSnapshot(backup::VisitRecord visit) {
  Taken taken = std::move(*taken_);
  taken_.reset();
  for (bool is_last = false; !is_last;) {
    CTDB_ASSIGN_OR_RETURN(
        const auto page,
        context_.session().Call(taken.snapshot.nextRequest(),
                                absl::StrCat("read the snapshot of database ", entry_.name)));
    for (const auto record : page.getRecords()) {
      CTDB_RETURN_IF_ERROR(visit(View(record.getKey()), View(record.getValue())));
    }
    is_last = page.getLast();
  }
  return absl::OkStatus();
}

absl::Status DatabaseRecords::VisitMembers(backup::VisitRecord visit) {
  CTDB_ASSIGN_OR_RETURN(Members members, FindMembers());
  CTDB_ASSIGN_OR_RETURN(const uint64_t copies,
                        CountCopies(context_.session(), entry_.name, members.nodes));
  const uint64_t parts = copies / kKeysMax + 1;
  for (uint64_t part = 0; part < parts; ++part) {
    CTDB_RETURN_IF_ERROR(VisitPart(members, part, parts, visit));
  }
  CTDB_ASSIGN_OR_RETURN(const Members after, FindMembers());
  if (after.epoch == members.epoch) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("the members of the cluster changed while database ",
                                             entry_.name,
                                             " was read, and records may be missing: try again"));
}

absl::Status DatabaseRecords::VisitPart(const Members& members, uint64_t part, uint64_t parts,
                                        backup::VisitRecord visit) {
  absl::flat_hash_set<backup::KeyHash> seen;
  const auto is_mine = [&](const backup::KeyHash& hash) { return hash.high % parts == part; };
  for (const NodeNumber node : members.nodes) {
    CTDB_RETURN_IF_ERROR(ForEachCopy(context_.session(), node, entry_.name, [&](Copy copy) {
      if (!copy.getOwned() || copy.getValue().size() == 0) return absl::OkStatus();
      const backup::KeyHash hash = backup::HashOf(View(copy.getKey()));
      if (!is_mine(hash) || !seen.insert(hash).second) return absl::OkStatus();
      return visit(View(copy.getKey()), View(copy.getValue()));
    }));
  }
  // What moved from a node that came later to one that came earlier has left a copy behind.
  const auto look_again = [&](Copy copy) -> absl::Status {
    const backup::KeyHash hash = backup::HashOf(View(copy.getKey()));
    if (!is_mine(hash) || !seen.insert(hash).second) return absl::OkStatus();
    CTDB_ASSIGN_OR_RETURN(Database * database, Volatile());
    CTDB_ASSIGN_OR_RETURN(const std::string value,
                          database->Read(View(copy.getKey()), context_.invocation().time_limit));
    return value.empty() ? absl::OkStatus() : visit(View(copy.getKey()), value);
  };
  for (const NodeNumber node : members.nodes) {
    CTDB_RETURN_IF_ERROR(ForEachCopy(context_.session(), node, entry_.name, look_again));
  }
  return absl::OkStatus();
}

absl::Status DatabaseRecords::CheckRecord(absl::string_view key, absl::string_view value) const {
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  const size_t bytes_max = entry_.is_volatile ? kValueBytesMax : store::kTransactionValueBytesMax;
  if (value.size() <= bytes_max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a record of ", key.size(), " bytes of key and ", value.size(),
                   " bytes of value does not fit into database ", entry_.name, ": at most ",
                   bytes_max, "; nothing was changed"));
}

size_t DatabaseRecords::step_bytes_max() const { return entry_.is_volatile ? 0 : kStepBytes; }

absl::Status DatabaseRecords::Write(Transaction& transaction,
                                    const std::vector<backup::Change>& changes) {
  for (const backup::Change& change : changes) {
    CTDB_RETURN_IF_ERROR(transaction.Write(change.key, change.value));
  }
  return absl::OkStatus();
}

absl::Status DatabaseRecords::Apply(const std::vector<backup::Change>& changes) {
  const absl::Duration limit = context_.invocation().time_limit;
  if (!entry_.is_volatile) {
    CTDB_ASSIGN_OR_RETURN(ReplicatedDatabase * database, Copies());
    return database->Run([&](Transaction& transaction) { return Write(transaction, changes); },
                         limit);
  }
  CTDB_ASSIGN_OR_RETURN(Database * database, Volatile());
  for (const backup::Change& change : changes) {
    CTDB_ASSIGN_OR_RETURN(Record record, database->Lock(change.key, limit));
    CTDB_RETURN_IF_ERROR(record.Store(change.value));
  }
  return absl::OkStatus();
}

absl::Status DatabaseRecords::ReplaceAll(const std::vector<backup::Change>& records) {
  CTDB_ASSIGN_OR_RETURN(ReplicatedDatabase * database, Copies());
  return database->Run(
      [&](Transaction& transaction) -> absl::Status {
        CTDB_RETURN_IF_ERROR(transaction.Wipe());
        return Write(transaction, records);
      },
      context_.invocation().time_limit);
}

}  // namespace ctdb::cli
