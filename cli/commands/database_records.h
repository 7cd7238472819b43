// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database_records: all records of a database of the cluster, for backups and the like.
//
// Of a database of which each node has a copy: this node's copy at one position, which all members
// have acknowledged. Of a volatile one: each record once, as it was at some moment; one that moves
// meanwhile is looked for until it is found.
//
//   Ownership:  borrows the context.
//   Threading:  belongs to the context's thread.
//   Errors:     those of lib/client and of the database service; Unavailable: the members of the
//               cluster changed meanwhile.
//   Blocking:   each request at most the time limit of the invocation.
//   Limits:     a page of records in memory, and 40 bytes for each of kKeysMax keys of a volatile
//               database; of more it looks several times.
//
// Example:
//   DatabaseRecords records(context, entry);
//   CTDB_ASSIGN_OR_RETURN(const backup::Header header, records.Begin());
//   CTDB_RETURN_IF_ERROR(records.ForEach(print));

#ifndef CLI_COMMANDS_DATABASE_RECORDS_H_
#define CLI_COMMANDS_DATABASE_RECORDS_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/commands/open_database.h"
#include "cli/context.h"
#include "cli/database_query.h"
#include "lib/backup/format.h"
#include "lib/backup/records.h"
#include "lib/client/client.h"

namespace ctdb::cli {

class DatabaseRecords final : public backup::RecordTarget {
 public:
  static constexpr size_t kKeysMax = 1 << 20;

  // The context's session must be open.
  DatabaseRecords(Context& context, DatabaseEntry entry)
      : context_(context), entry_(std::move(entry)) {}

  // Says what the next ForEach() will have.
  absl::StatusOr<backup::Header> Begin();
  absl::Status ForEach(backup::VisitRecord visit) override;

  absl::Status CheckRecord(absl::string_view key, absl::string_view value) const override;
  size_t step_bytes_max() const override;
  absl::Status Apply(const std::vector<backup::Change>& changes) override;
  absl::Status ReplaceAll(const std::vector<backup::Change>& records) override;

  const DatabaseEntry& entry() const { return entry_; }
  // A restore of several steps was not finished, as Begin() saw it.
  bool is_half_restored() const { return is_half_restored_; }

 private:
  using Copy = wire::RecordCopy::Reader;
  struct Taken {
    wire::Snapshot::Client snapshot;
    ReplicaPosition position;
  };
  struct Members {
    std::vector<NodeNumber> nodes;
    uint64_t epoch = 0;
  };

  absl::StatusOr<Members> FindMembers();
  absl::StatusOr<ReplicatedDatabase*> Copies();
  absl::StatusOr<Database*> Volatile();
  absl::Status TakeSnapshot();
  // Whether it has been acknowledged.
  absl::StatusOr<bool> Confirm(const Taken& taken);
  absl::Status VisitSnapshot(backup::VisitRecord visit);
  absl::Status VisitMembers(backup::VisitRecord visit);
  absl::Status VisitPart(const Members& members, uint64_t part, uint64_t parts,
                         backup::VisitRecord visit);
  absl::Status Write(Transaction& transaction, const std::vector<backup::Change>& changes);

  Context& context_;
  const DatabaseEntry entry_;
  std::optional<OpenedCopies> copies_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<Database> database_;
  std::optional<Taken> taken_;
  bool is_half_restored_ = false;
};

// Calls `visit` with what the node has of the database, page by page.
absl::Status ForEachCopy(Session& session, NodeNumber node, const std::string& name,
                         absl::FunctionRef<absl::Status(wire::RecordCopy::Reader)> visit);

// Of a volatile database, on all of these nodes. Those that have not heard of the database yet have
// no record of it, and are left out.
absl::StatusOr<uint64_t> CountCopies(Session& session, const std::string& name,
                                     std::vector<NodeNumber>& nodes);

// The one of this argument.
absl::StatusOr<DatabaseEntry> FindHere(Context& context, const std::string& argument);

// What is wrong, above the line that scripts know.
absl::Status Failure(Context& context, const absl::Status& why, absl::string_view line);

}  // namespace ctdb::cli

#endif  // CLI_COMMANDS_DATABASE_RECORDS_H_
