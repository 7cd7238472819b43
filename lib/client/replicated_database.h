// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// replicated_database: a program's access to a database of which each node has a full copy, on disk
// (persistent) or in memory (replicated).
//
//   client --read--> this node's database service: this node's copy
//          --commit--> this node's database service --> the coordinator --> all copies
//
// Reads are of this node's copy, at once, also while the database is closed. They may show what is
// being committed. Transactions are compared with what they have read when they happen.
//
//   Ownership:  refers to its Client.
//   Threading:  thread-safe; a Transaction belongs to one thread.
//   Errors:     those of transaction.h. Unavailable: this node has left the cluster, its services
//               do not run, or the database is closed (the text says why), until the patience
//               ended; nothing happened. ResourceExhausted: the same, too much waits already.
//               DeadlineExceeded: no answer; nothing happened. Aborted: others have changed what
//               was read, again and again. Unknown: whether the transaction has happened, or will,
//               could not be learned within the patience: an answer of its own. NotFound: it was
//               removed. FailedPrecondition: this process is a child of the one that attached it.
//               Cancelled: Session::Cancel(); nothing happened.
//   Blocking:   each until its patience ends; every call asks the service, so it takes some time.
//   Limits:     those of transaction.h.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto database, client->AttachReplicated(
//       "registry.tdb", ReplicatedDatabase::Kind::kPersistent));
//   CTDB_RETURN_IF_ERROR(database->Run([](Transaction& transaction) -> absl::Status {
//     CTDB_ASSIGN_OR_RETURN(const auto old, transaction.Read("next uid"));
//     return transaction.Write("next uid", Increment(old.value_or("1000")));
//   }));

#ifndef LIB_CLIENT_REPLICATED_DATABASE_H_
#define LIB_CLIENT_REPLICATED_DATABASE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/client/session.h"
#include "lib/client/time_limit.h"
#include "lib/client/transaction.h"

namespace ctdb {

class ReplicatedDatabase {
 public:
  static constexpr absl::Duration kPatience = Transaction::kPatience;

  enum class Kind {
    kPersistent,  // On disk: outlives the cluster.
    kReplicated,  // In memory: outlives each node, and not all of them.
  };
  struct Info {
    std::string name;
    uint32_t id = 0;
  };

  // By Client::AttachReplicated().
  static absl::StatusOr<std::unique_ptr<ReplicatedDatabase>> Attach(Session& session,
                                                                    std::string name, Kind kind,
                                                                    absl::Duration patience);

  Info info() const;

  // This node's copy of a record; nothing: there is none.
  absl::StatusOr<std::optional<std::string>> Read(absl::string_view key,
                                                  absl::Duration patience = kPatience);
  // The same with its version; one with an empty value is one that is compared.
  absl::StatusOr<std::optional<ReplicaRecord>> ReadRecord(absl::string_view key,
                                                          absl::Duration patience = kPatience);
  // Of this node's copy. Its sequence grows with each transaction and each change of view.
  absl::StatusOr<ReplicaPosition> Position(absl::Duration patience = kPatience);
  // Each record of this node's copy, as it is when it is looked at. One that comes or goes
  // meanwhile may be told or not. False ends it.
  using Visitor = std::function<bool(absl::string_view key, absl::string_view value)>;
  absl::Status Visit(const Visitor& visitor, absl::Duration patience = kPatience);

  Transaction Begin() { return Transaction(*this, TimeLimit::max()); }
  // Calls `fill` with a new transaction and commits it; begins anew as long as others change what
  // it has read. What `fill` returns as an error ends it.
  absl::Status Run(absl::FunctionRef<absl::Status(Transaction&)> fill,
                   absl::Duration patience = kPatience);
  // Transactions of one write.
  absl::Status Store(absl::string_view key, absl::string_view value,
                     absl::Duration patience = kPatience);
  absl::Status Delete(absl::string_view key, absl::Duration patience = kPatience);

 private:
  friend class Transaction;
  struct Token {
    uint64_t high = 0;
    uint64_t low = 0;
  };
  struct Outcome;
  class Attempt;

  ReplicatedDatabase(Session& session, std::string name, Kind kind)
      : session_(session), name_(std::move(name)), kind_(kind) {}

  absl::Status Ask(TimeLimit limit);
  absl::StatusOr<ReplicaPosition> PositionBefore(TimeLimit limit);
  void Remember(const ReplicaPosition& position);
  absl::Status Repeat(TimeLimit limit, absl::FunctionRef<absl::Status()> attempt);
  absl::Status Rest(absl::Duration* pause, TimeLimit limit);
  absl::Status Commit(const Transaction& transaction, absl::Duration patience);
  absl::StatusOr<Outcome> Send(const Transaction& transaction, const Token& token,
                               const std::string& body, TimeLimit limit);
  absl::Status SendBody(const Token& token, const std::string& body, TimeLimit limit);
  absl::StatusOr<Outcome> Question(const Token& token, const ReplicaPosition& since,
                                   TimeLimit limit);

  Session& session_;
  const std::string name_;
  const Kind kind_;
  mutable std::mutex mutex_;
  Info info_;
  // One that the database had, and until when it is recent enough.
  ReplicaPosition known_;
  TimeLimit known_until_{};
};

}  // namespace ctdb

#endif  // LIB_CLIENT_REPLICATED_DATABASE_H_
