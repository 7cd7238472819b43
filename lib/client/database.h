// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// database: a program's access to a clustered database. A record that this node owns is locked,
// read and written in shared memory, and no daemon knows of it; any other one is made to come
// first.
//
//   client -> Lock(key): in shared memory, and this node's?  -> use it
//                        otherwise ask the database service to get it, wait, look again
//
// An empty value is no record: storing one deletes it.
//
//   Ownership:  a Database refers to its Client, a Record to its Database.
//   Threading:  thread-safe; a Record is used and destroyed by the thread that locked it.
//   Errors:     InvalidArgument: key or value beyond the limits. DeadlineExceeded: the lock is held
//               (the text names the process) or the record did not come in time; nothing was
//               changed. Unavailable: this node has left the cluster, or its services do not run,
//               until the deadline, or left it while a record was locked that then was not stored
//               (nor is one whose watchers cannot be told).
//               Aborted: the record was lost while it was locked, because
//               this node was out of the cluster meanwhile; what was stored may be lost.
//               FailedPrecondition: this thread has locked a record of this database already, or
//               this process is a child of the one that attached it. Cancelled: Session::Cancel().
//               ResourceExhausted: memory or disk is full; the record is as before.
//   Blocking:   as long as the patience allows. No record should stay locked over anything that
//               waits: others, on all nodes, wait for it.
//   Limits:     keys of lib/store/record.h; kValueBytesMax.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto client, Client::Open({.socket_path = path}));
//   CTDB_ASSIGN_OR_RETURN(auto database, client->Attach("counters"));
//   CTDB_ASSIGN_OR_RETURN(Record record, database->Lock("visitors"));
//   CTDB_RETURN_IF_ERROR(record.Store(NextNumber(record.value())));

#ifndef LIB_CLIENT_DATABASE_H_
#define LIB_CLIENT_DATABASE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/client/current_store.h"
#include "lib/client/session.h"
#include "lib/store/io/native_store.h"

namespace ctdb {

class Database;
class KeyWatch;
class WatchTable;

// A record migrates in one packet.
inline constexpr size_t kValueBytesMax = 900 * 1024;

class Record {
  class Key {
    friend class Database;
    Key() {}
  };

 public:
  Record(Key, Database* database) : database_(database) {}
  Record(Record&&) = default;
  Record& operator=(Record&&) = delete;
  ~Record() {
    if (locked_.is_locked()) Unlock();
  }

  bool exists() const { return !locked_.value().empty(); }
  // Valid until the next Store(), Delete() or Unlock().
  absl::string_view value() const { return locked_.value(); }

  absl::Status Store(absl::string_view value);
  absl::Status Delete() { return Store(""); }
  // Others may have it from now on.
  void Unlock();

 private:
  friend class Database;
  friend class WatchTable;
  absl::Status MarkWatched();
  absl::Status TellWatchers(store::RecordHeader& header);

  Database* database_;
  PinnedStore store_;
  store::LockedRecord locked_;
  bool must_tell_use_ = false;
};

class Database {
 public:
  static constexpr absl::Duration kPatience = absl::Seconds(30);

  struct Info {
    std::string name;
    uint32_t id = 0;
    std::string path;
  };

  // By Client::Attach().
  static absl::StatusOr<std::unique_ptr<Database>> Attach(Session& session, std::string name,
                                                          absl::Duration patience);

  Info info() const;

  // The record, here and locked, whether or not it exists.
  absl::StatusOr<Record> Lock(absl::string_view key, absl::Duration patience = kPatience);

  // The value as it was at some moment during the call; empty: there is no record.
  absl::StatusOr<std::string> Read(absl::string_view key, absl::Duration patience = kPatience);
  // The same into a string whose memory is used again; after an error it has any value.
  absl::Status Read(absl::string_view key, std::string& value, absl::Duration patience = kPatience);

  // Calls `on_change` within Session::Dispatch() when the record's value is another one than it was
  // last seen to be: watch.h.
  using OnChange = std::function<void(absl::string_view value)>;
  absl::StatusOr<std::unique_ptr<KeyWatch>> Watch(absl::string_view key, OnChange on_change,
                                                  absl::Duration patience = kPatience);

  // Each record that this node owns, as it is when it is looked at. One that comes or goes
  // meanwhile may be told or not, and one may be told twice. False ends it.
  using Visit = std::function<bool(absl::string_view key, absl::string_view value)>;
  absl::Status VisitLocal(const Visit& visit, absl::Duration patience = kPatience);
  // The same for all nodes.
  absl::Status VisitAll(const Visit& visit, absl::Duration patience = kPatience);

  // Of this node's file.
  absl::StatusOr<store::StoreStatistics> Statistics();

 private:
  friend class Record;
  friend class WatchTable;
  Database(Session& session, std::string name) : session_(session), name_(std::move(name)) {}

  static bool MayPass(const absl::Status& status);
  absl::StatusOr<Info> Ask(TimeLimit limit);
  absl::Status Open(TimeLimit limit);
  std::optional<Epoch> ServingEpoch() const;
  absl::StatusOr<PinnedStore> Serving(TimeLimit limit);
  bool IsOwned(const store::NativeStore& store, const store::RecordHeader& header) const;
  bool MayWrite(const store::NativeStore& store, const store::RecordHeader& header) const;
  // False: it is not here, or may not be read now.
  absl::StatusOr<bool> ReadHere(absl::string_view key, std::string& value) const;
  absl::Status LockHere(absl::string_view key, absl::Duration wait, Record& record);
  absl::Status WaitForLock(absl::string_view key, TimeLimit limit, Record& record);
  absl::Status LockOrAsk(absl::string_view key, absl::Duration patience, absl::Status status,
                         Record& record);
  // Whether it has come, and is to be told when it was used.
  enum class Came { kHere, kInTurn, kAbsent };
  absl::StatusOr<Came> Get(absl::string_view key, bool for_read, TimeLimit limit);
  absl::Status Rest(absl::Duration* pause, TimeLimit limit);
  absl::Status Recover(const absl::Status& status, absl::Duration* pause, TimeLimit limit);
  void TellUsed(absl::string_view key);
  absl::Status VisitNode(NodeNumber node, const Visit& visit, TimeLimit limit, bool* goes_on);

  Session& session_;
  const std::string name_;
  mutable std::mutex mutex_;
  Info info_;
  CurrentStore store_;
};

}  // namespace ctdb

#endif  // LIB_CLIENT_DATABASE_H_
