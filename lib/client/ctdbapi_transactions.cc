// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The part of ctdbapi.h about databases of which each node has a copy.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "lib/base/status_macros.h"
#include "lib/client/c_edge.h"
#include "lib/client/ctdbapi.h"

struct ctdb_copies {
  std::shared_ptr<ctdb::Client> client;  // Outlives the database.
  std::shared_ptr<ctdb::ReplicatedDatabase> database;
};

struct ctdb_transaction {
  ctdb_copies of;
  ctdb::Transaction transaction;
};

namespace ctdb {
namespace {

int Attach(ctdb_client* client, const char* name, ReplicatedDatabase::Kind kind, int timeout_ms,
           ctdb_copies** copies) {
  return AtTheEdge([&]() -> absl::Status {
    if (client == nullptr) return Missing("the client");
    if (name == nullptr) return Missing("the name");
    if (copies == nullptr) return Missing("the place for the database");
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    CTDB_ASSIGN_OR_RETURN(std::shared_ptr<ReplicatedDatabase> attached,
                          client->client->AttachReplicated(name, kind, patience));
    *copies = new ctdb_copies{client->client, std::move(attached)};
    return absl::OkStatus();
  });
}

// In a child: other threads of the parent may have been in it.
void KeepIfForked(const ctdb_copies& copies) {
  if (copies.client->session().IsForked()) {
    new std::shared_ptr<ReplicatedDatabase>(copies.database);
  }
}

// `from` has both Read()s: a database and a transaction.
template <typename From>
absl::Status Read(From& from, const void* key, size_t key_size, int timeout_ms, void** value,
                  size_t* value_size) {
  if (value == nullptr || value_size == nullptr) return Missing("a place for the value");
  CTDB_ASSIGN_OR_RETURN(const absl::string_view name, View(key, key_size, "the key"));
  CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
  CTDB_ASSIGN_OR_RETURN(const std::optional<std::string> copy, from.Read(name, patience));
  if (!copy.has_value()) return absl::NotFoundError("there is no record of this key");
  GiveOut(*copy, value, value_size);
  return absl::OkStatus();
}

}  // namespace
}  // namespace ctdb

using ctdb::AtTheEdge;
using ctdb::Missing;
using ctdb::Patience;
using ctdb::View;

extern "C" {

int ctdb_attach_persistent(ctdb_client* client, const char* name, int timeout_ms,
                           ctdb_copies** copies) {
  return ctdb::Attach(client, name, ctdb::ReplicatedDatabase::Kind::kPersistent, timeout_ms,
                      copies);
}

int ctdb_attach_replicated(ctdb_client* client, const char* name, int timeout_ms,
                           ctdb_copies** copies) {
  return ctdb::Attach(client, name, ctdb::ReplicatedDatabase::Kind::kReplicated, timeout_ms,
                      copies);
}

void ctdb_copies_detach(ctdb_copies* copies) {
  AtTheEdge([&] {
    if (copies == nullptr) return absl::OkStatus();
    ctdb::KeepIfForked(*copies);
    delete copies;
    return absl::OkStatus();
  });
}

int ctdb_copies_read(ctdb_copies* copies, const void* key, size_t key_size, int timeout_ms,
                     void** value, size_t* value_size) {
  return AtTheEdge([&]() -> absl::Status {
    if (copies == nullptr) return Missing("the database");
    return ctdb::Read(*copies->database, key, key_size, timeout_ms, value, value_size);
  });
}

int ctdb_copies_visit(ctdb_copies* copies, int timeout_ms, ctdb_visit_fn visit, void* context) {
  return AtTheEdge([&]() -> absl::Status {
    if (copies == nullptr) return Missing("the database");
    if (visit == nullptr) return Missing("the callback");
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    ctdb::CallbackError error;
    const auto each = [&](absl::string_view key, absl::string_view value) {
      bool goes_on = false;
      error.Run([&] {
        goes_on = visit(context, key.data(), key.size(), value.data(), value.size()) == 0;
      });
      return goes_on;
    };
    CTDB_RETURN_IF_ERROR(copies->database->Visit(each, patience));
    return error.status();
  });
}

int ctdb_copies_sequence(ctdb_copies* copies, int timeout_ms, uint64_t* sequence) {
  return AtTheEdge([&]() -> absl::Status {
    if (copies == nullptr) return Missing("the database");
    if (sequence == nullptr) return Missing("the place for the number");
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    CTDB_ASSIGN_OR_RETURN(const ctdb::ReplicaPosition position,
                          copies->database->Position(patience));
    *sequence = position.sequence;
    return absl::OkStatus();
  });
}

int ctdb_transaction_begin(ctdb_copies* copies, ctdb_transaction** transaction) {
  return AtTheEdge([&]() -> absl::Status {
    if (copies == nullptr) return Missing("the database");
    if (transaction == nullptr) return Missing("the place for the transaction");
    CTDB_RETURN_IF_ERROR(copies->client->session().CheckProcess());
    *transaction = new ctdb_transaction{*copies, copies->database->Begin()};
    return absl::OkStatus();
  });
}

int ctdb_transaction_read(ctdb_transaction* transaction, const void* key, size_t key_size,
                          int timeout_ms, void** value, size_t* value_size) {
  return AtTheEdge([&]() -> absl::Status {
    if (transaction == nullptr) return Missing("the transaction");
    return ctdb::Read(transaction->transaction, key, key_size, timeout_ms, value, value_size);
  });
}

int ctdb_transaction_write(ctdb_transaction* transaction, const void* key, size_t key_size,
                           const void* value, size_t value_size) {
  return AtTheEdge([&]() -> absl::Status {
    if (transaction == nullptr) return Missing("the transaction");
    CTDB_ASSIGN_OR_RETURN(const absl::string_view name, View(key, key_size, "the key"));
    CTDB_ASSIGN_OR_RETURN(const absl::string_view view, View(value, value_size, "the value"));
    return transaction->transaction.Write(name, view);
  });
}

int ctdb_transaction_delete(ctdb_transaction* transaction, const void* key, size_t key_size) {
  return ctdb_transaction_write(transaction, key, key_size, nullptr, 0);
}

int ctdb_transaction_wipe(ctdb_transaction* transaction) {
  return AtTheEdge([&]() -> absl::Status {
    if (transaction == nullptr) return Missing("the transaction");
    return transaction->transaction.Wipe();
  });
}

int ctdb_transaction_commit(ctdb_transaction* transaction, int timeout_ms) {
  const int error = AtTheEdge([&]() -> absl::Status {
    if (transaction == nullptr) return Missing("the transaction");
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    return transaction->transaction.Commit(patience);
  });
  ctdb_transaction_cancel(transaction);
  return error == CTDB_LOST ? CTDB_CONFLICT : error;
}

void ctdb_transaction_cancel(ctdb_transaction* transaction) {
  AtTheEdge([&] {
    if (transaction == nullptr) return absl::OkStatus();
    ctdb::KeepIfForked(transaction->of);
    delete transaction;
    return absl::OkStatus();
  });
}

}  // extern "C"
