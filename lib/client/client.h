// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// client: a program as a client of its node: databases and messages. ctdbapi.h has the same for C.
//
//   Ownership:  owns the session; databases and records must not outlive it.
//   Threading:  thread-safe. Not over fork(): a child opens its own, and may only destroy what it
//               has of its parent's.
//   Errors:     those of session.h, database.h and replicated_database.h.
//   Blocking:   Open() and attaching, until their time limits.
//   Limits:     those of session.h.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto client, Client::Open({.socket_path = path}));
//   CTDB_ASSIGN_OR_RETURN(auto database, client->Attach("counters"));

#ifndef LIB_CLIENT_CLIENT_H_
#define LIB_CLIENT_CLIENT_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/base/status_macros.h"
#include "lib/client/database.h"
#include "lib/client/replicated_database.h"
#include "lib/client/session.h"
#include "lib/client/watch.h"

namespace ctdb {

class Client {
 public:
  static absl::StatusOr<std::unique_ptr<Client>> Open(const Session::Options& options) {
    CTDB_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Session::Open(options));
    return std::unique_ptr<Client>(new Client(std::move(session)));
  }

  ~Client() {
    // Other threads of the parent may have been in it.
    if (session_->IsForked()) session_.release()->CloseAfterFork();
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  NodeNumber node() const { return session_->node(); }
  // Messages, and what to wait for them with.
  Session& session() { return *session_; }

  // The volatile database `name`, which is made on all nodes if there is none.
  absl::StatusOr<std::unique_ptr<Database>> Attach(const std::string& name,
                                                   absl::Duration patience = Database::kPatience) {
    return Database::Attach(*session_, name, patience);
  }
  // One of which each node has a copy.
  absl::StatusOr<std::unique_ptr<ReplicatedDatabase>> AttachReplicated(
      const std::string& name, ReplicatedDatabase::Kind kind,
      absl::Duration patience = ReplicatedDatabase::kPatience) {
    return ReplicatedDatabase::Attach(*session_, name, kind, patience);
  }

 private:
  explicit Client(std::unique_ptr<Session> session) : session_(std::move(session)) {}

  std::unique_ptr<Session> session_;
};

}  // namespace ctdb

#endif  // LIB_CLIENT_CLIENT_H_
