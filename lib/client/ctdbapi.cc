// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/ctdbapi.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/client/c_edge.h"
#include "lib/client/client.h"
#include "lib/config/io/environment.h"

struct ctdb_database {
  std::shared_ptr<ctdb::Client> client;  // Outlives the database.
  std::shared_ptr<ctdb::Database> database;
};

struct ctdb_record {
  std::shared_ptr<ctdb::Client> client;
  std::shared_ptr<ctdb::Database> database;
  std::thread::id owner;
  ctdb::Record record;
};

struct ctdb_watch {
  std::shared_ptr<ctdb::Client> client;
  std::shared_ptr<ctdb::Database> database;
  std::unique_ptr<ctdb::KeyWatch> watch;  // Refers to the database.
};

namespace ctdb {
namespace {

static_assert(CTDB_NODE_THIS == kThisNode.value());
static_assert(CTDB_NODE_CONNECTED == kConnectedNodes.value());

absl::StatusOr<std::string> SocketPath(const char* socket) {
  if (socket != nullptr) return std::string(socket);
  CTDB_ASSIGN_OR_RETURN(const config::Paths paths, config::PathsFromEnvironment());
  return paths.TransportSocket();
}

absl::Status CheckOwner(const ctdb_record* record) {
  if (record == nullptr) return Missing("the record");
  if (record->owner == std::this_thread::get_id()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "another thread has locked this record, and only that one can use and unlock it");
}

// Of the dispatching thread: which callback of its clients has thrown.
CallbackError*& DispatchError() {
  thread_local CallbackError* error = nullptr;
  return error;
}

absl::Status Visit(ctdb_database* database, int timeout_ms, ctdb_visit_fn visit, void* context,
                   bool is_local) {
  if (database == nullptr) return Missing("the database");
  if (visit == nullptr) return Missing("the callback");
  CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
  CallbackError error;
  const Database::Visit each = [&](absl::string_view key, absl::string_view value) {
    bool goes_on = false;
    error.Run(
        [&] { goes_on = visit(context, key.data(), key.size(), value.data(), value.size()) == 0; });
    return goes_on;
  };
  CTDB_RETURN_IF_ERROR(is_local ? database->database->VisitLocal(each, patience)
                                : database->database->VisitAll(each, patience));
  return error.status();
}

}  // namespace
}  // namespace ctdb

using ctdb::AtTheEdge;
using ctdb::Missing;
using ctdb::Patience;
using ctdb::View;

extern "C" {

int ctdb_api_version(void) { return CTDB_API_VERSION; }

const char* ctdb_strerror(int error) {
  switch (error) {
    case CTDB_OK:
      return "OK";
    case CTDB_INVALID:
      return "invalid argument: fix the call";
    case CTDB_MISUSE:
      return "not allowed here or now: look at the rules for threads, fork() and locks";
    case CTDB_NOT_FOUND:
      return "there is no such thing";
    case CTDB_TIMEOUT:
      return "not in time: try again, or see who is in the way";
    case CTDB_CANCELLED:
      return "cancelled by ctdb_cancel()";
    case CTDB_UNAVAILABLE:
      return "the cluster or its daemons are away: try again later";
    case CTDB_LOST:
      return "the record was lost while it was locked: lock it again and look";
    case CTDB_FULL:
      return "memory, disk or a queue is full: free some, or send less";
    case CTDB_DENIED:
      return "permission denied: run as the daemons' user";
    case CTDB_DAMAGED:
      return "files of the database are damaged: see the daemons' log";
    case CTDB_UNSUPPORTED:
      return "the daemons cannot do this: upgrade them";
    case CTDB_NO_MEMORY:
      return "out of memory";
    case CTDB_CONFLICT:
      return "another transaction has changed what this one has read: begin anew";
    case CTDB_IN_DOUBT:
      return "nobody can say whether it has happened: read what it was to write";
    case CTDB_INTERNAL:
      return "internal error: report it with the text of ctdb_last_error()";
    default:
      return "unknown error: the library is newer than the program";
  }
}

const char* ctdb_last_error(void) { return ctdb::LastError().c_str(); }

void ctdb_free(void* memory) { std::free(memory); }

int ctdb_open(const char* socket, const char* software, int timeout_ms, ctdb_client** client) {
  return AtTheEdge([&]() -> absl::Status {
    if (client == nullptr) return Missing("the place for the client");
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    CTDB_ASSIGN_OR_RETURN(std::string path, ctdb::SocketPath(socket));
    CTDB_ASSIGN_OR_RETURN(
        std::shared_ptr<ctdb::Client> opened,
        ctdb::Client::Open({.socket_path = std::move(path),
                            .software = software == nullptr ? "libctdbapi" : software,
                            .timeout = patience}));
    *client = new ctdb_client{std::move(opened)};
    return absl::OkStatus();
  });
}

void ctdb_close(ctdb_client* client) {
  AtTheEdge([&] {
    delete client;
    return absl::OkStatus();
  });
}

uint32_t ctdb_node(const ctdb_client* client) {
  return client == nullptr ? UINT32_MAX : client->client->node().value();
}

int ctdb_cancel(ctdb_client* client) {
  return AtTheEdge([&] {
    if (client == nullptr) return Missing("the client");
    client->client->session().Cancel();
    return absl::OkStatus();
  });
}

int ctdb_resume(ctdb_client* client) {
  return AtTheEdge([&] {
    if (client == nullptr) return Missing("the client");
    client->client->session().Resume();
    return absl::OkStatus();
  });
}

int ctdb_client_id(ctdb_client* client, uint32_t* node, uint64_t* instance) {
  return AtTheEdge([&]() -> absl::Status {
    if (client == nullptr) return Missing("the client");
    if (node == nullptr || instance == nullptr) return Missing("a place for the id");
    CTDB_RETURN_IF_ERROR(client->client->session().CheckProcess());
    const ctdb::Address address = client->client->session().address();
    if (address.instance == ctdb::InstanceNumber(0)) {
      return absl::UnavailableError("not connected to this node's transport");
    }
    *node = address.node.value();
    *instance = address.instance.value();
    return absl::OkStatus();
  });
}

int ctdb_client_exists(ctdb_client* client, uint32_t node, uint64_t instance, int timeout_ms,
                       int* exists) {
  return AtTheEdge([&]() -> absl::Status {
    if (client == nullptr) return Missing("the client");
    if (exists == nullptr) return Missing("the place for the answer");
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    CTDB_ASSIGN_OR_RETURN(const bool found, client->client->session().ClientExists(
                                                {ctdb::NodeNumber(node), ctdb::ServiceId::kClient,
                                                 ctdb::InstanceNumber(instance)},
                                                patience));
    *exists = found ? 1 : 0;
    return absl::OkStatus();
  });
}

int ctdb_process_exists(ctdb_client* client, uint32_t node, uint32_t pid, int timeout_ms,
                        int* exists) {
  return AtTheEdge([&]() -> absl::Status {
    if (client == nullptr) return Missing("the client");
    if (exists == nullptr) return Missing("the place for the answer");
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    CTDB_ASSIGN_OR_RETURN(const bool found,
                          client->client->session().ProcessExists(ctdb::NodeNumber(node), pid,
                                                                  std::nullopt, patience));
    *exists = found ? 1 : 0;
    return absl::OkStatus();
  });
}

int ctdb_attach(ctdb_client* client, const char* name, int timeout_ms, ctdb_database** database) {
  return AtTheEdge([&]() -> absl::Status {
    if (client == nullptr) return Missing("the client");
    if (name == nullptr) return Missing("the name");
    if (database == nullptr) return Missing("the place for the database");
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    CTDB_ASSIGN_OR_RETURN(std::shared_ptr<ctdb::Database> attached,
                          client->client->Attach(name, patience));
    *database = new ctdb_database{client->client, std::move(attached)};
    return absl::OkStatus();
  });
}

void ctdb_detach(ctdb_database* database) {
  AtTheEdge([&] {
    if (database == nullptr) return absl::OkStatus();
    // In a child: other threads of the parent may have been in it.
    if (database->client->session().IsForked()) {
      new std::shared_ptr<ctdb::Database>(std::move(database->database));
    }
    delete database;
    return absl::OkStatus();
  });
}

int ctdb_read(ctdb_database* database, const void* key, size_t key_size, int timeout_ms,
              void** value, size_t* value_size) {
  return AtTheEdge([&]() -> absl::Status {
    if (database == nullptr) return Missing("the database");
    if (value == nullptr || value_size == nullptr) return Missing("a place for the value");
    CTDB_ASSIGN_OR_RETURN(const absl::string_view name, View(key, key_size, "the key"));
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    CTDB_ASSIGN_OR_RETURN(const std::string copy, database->database->Read(name, patience));
    if (copy.empty()) return absl::NotFoundError("there is no record of this key");
    ctdb::GiveOut(copy, value, value_size);
    return absl::OkStatus();
  });
}

int ctdb_visit_all(ctdb_database* database, int timeout_ms, ctdb_visit_fn visit, void* context) {
  return AtTheEdge(
      [&] { return ctdb::Visit(database, timeout_ms, visit, context, /*is_local=*/false); });
}

int ctdb_visit_local(ctdb_database* database, int timeout_ms, ctdb_visit_fn visit, void* context) {
  return AtTheEdge(
      [&] { return ctdb::Visit(database, timeout_ms, visit, context, /*is_local=*/true); });
}

int ctdb_lock(ctdb_database* database, const void* key, size_t key_size, int timeout_ms,
              ctdb_record** record) {
  return AtTheEdge([&]() -> absl::Status {
    if (database == nullptr) return Missing("the database");
    if (record == nullptr) return Missing("the place for the record");
    CTDB_ASSIGN_OR_RETURN(const absl::string_view name, View(key, key_size, "the key"));
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    CTDB_ASSIGN_OR_RETURN(ctdb::Record locked, database->database->Lock(name, patience));
    *record = new ctdb_record{database->client, database->database, std::this_thread::get_id(),
                              std::move(locked)};
    return absl::OkStatus();
  });
}

const void* ctdb_value(const ctdb_record* record, size_t* size) {
  const absl::string_view value = record == nullptr ? absl::string_view() : record->record.value();
  if (size != nullptr) *size = value.size();
  return value.empty() ? nullptr : value.data();
}

int ctdb_store(ctdb_record* record, const void* value, size_t size) {
  return AtTheEdge([&]() -> absl::Status {
    CTDB_RETURN_IF_ERROR(ctdb::CheckOwner(record));
    CTDB_ASSIGN_OR_RETURN(const absl::string_view view, View(value, size, "the value"));
    return record->record.Store(view);
  });
}

int ctdb_delete(ctdb_record* record) {
  return AtTheEdge([&]() -> absl::Status {
    CTDB_RETURN_IF_ERROR(ctdb::CheckOwner(record));
    return record->record.Delete();
  });
}

int ctdb_unlock(ctdb_record* record) {
  return AtTheEdge([&]() -> absl::Status {
    if (record == nullptr) return absl::OkStatus();
    CTDB_RETURN_IF_ERROR(ctdb::CheckOwner(record));
    if (record->client->session().IsForked()) {
      new std::shared_ptr<ctdb::Database>(record->database);
    }
    delete record;
    return absl::OkStatus();
  });
}

int ctdb_watch_begin(ctdb_database* database, const void* key, size_t key_size, int timeout_ms,
                     ctdb_change_fn changed, void* context, ctdb_watch** watch) {
  return AtTheEdge([&]() -> absl::Status {
    if (database == nullptr) return Missing("the database");
    if (changed == nullptr) return Missing("the callback");
    if (watch == nullptr) return Missing("the place for the watch");
    CTDB_ASSIGN_OR_RETURN(const absl::string_view name, View(key, key_size, "the key"));
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    CTDB_ASSIGN_OR_RETURN(std::unique_ptr<ctdb::KeyWatch> begun,
                          database->database->Watch(
                              name,
                              [changed, context, key = std::string(name)](absl::string_view value) {
                                ctdb::DispatchError()->Run([&] {
                                  changed(context, key.data(), key.size(),
                                          value.empty() ? nullptr : value.data(), value.size());
                                });
                              },
                              patience));
    *watch = new ctdb_watch{database->client, database->database, std::move(begun)};
    return absl::OkStatus();
  });
}

void ctdb_watch_end(ctdb_watch* watch) {
  AtTheEdge([&] {
    if (watch == nullptr) return absl::OkStatus();
    if (watch->client->session().IsForked()) {
      new std::shared_ptr<ctdb::Database>(std::move(watch->database));
    }
    delete watch;
    return absl::OkStatus();
  });
}

int ctdb_send(ctdb_client* client, uint32_t node, uint64_t channel, const void* data, size_t size,
              int timeout_ms) {
  return AtTheEdge([&]() -> absl::Status {
    if (client == nullptr) return Missing("the client");
    CTDB_ASSIGN_OR_RETURN(const absl::string_view view, View(data, size, "the message"));
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    return client->client->session().SendMessage(ctdb::NodeNumber(node), ctdb::ChannelId(channel),
                                                 view, patience);
  });
}

int ctdb_subscribe(ctdb_client* client, uint64_t channel, ctdb_message_fn receive, void* context,
                   int timeout_ms) {
  return AtTheEdge([&]() -> absl::Status {
    if (client == nullptr) return Missing("the client");
    if (receive == nullptr) return Missing("the callback");
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    return client->client->session().Subscribe(
        ctdb::ChannelId(channel),
        [receive, context](const ctdb::ClientMessage& message) {
          ctdb::DispatchError()->Run([&] {
            receive(context, message.source.node.value(), message.source.instance.value(),
                    message.channel.value(), message.payload.data(), message.payload.size());
          });
        },
        patience);
  });
}

int ctdb_unsubscribe(ctdb_client* client, uint64_t channel, int timeout_ms) {
  return AtTheEdge([&]() -> absl::Status {
    if (client == nullptr) return Missing("the client");
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    return client->client->session().Unsubscribe(ctdb::ChannelId(channel), patience);
  });
}

int ctdb_fd(const ctdb_client* client) {
  return client == nullptr ? -1 : client->client->session().fd();
}

int ctdb_dispatch(ctdb_client* client, int timeout_ms, int* count) {
  return AtTheEdge([&]() -> absl::Status {
    if (client == nullptr) return Missing("the client");
    CTDB_ASSIGN_OR_RETURN(const absl::Duration patience, Patience(timeout_ms));
    ctdb::CallbackError error;
    // Another client's may be dispatched within a callback.
    ctdb::CallbackError* const outer = std::exchange(ctdb::DispatchError(), &error);
    const absl::StatusOr<int> taken = client->client->session().Dispatch(patience);
    ctdb::DispatchError() = outer;
    CTDB_RETURN_IF_ERROR(taken.status());
    CTDB_RETURN_IF_ERROR(error.status());
    if (count != nullptr) *count = *taken;
    return absl::OkStatus();
  });
}

uint64_t ctdb_dropped_messages(const ctdb_client* client) {
  return client == nullptr ? 0 : client->client->session().dropped_messages();
}

}  // extern "C"
