// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ctdbapi: the clustered database for programs in C and whatever can call C. This file is the
// binary interface that is promised: what is in it keeps its meaning, new things are added.
// docs/embedding.md is the guide, examples/embed_c a program.
//
// A database is a set of records, the same on all nodes. To change a record a program locks it: it
// comes to this node, and nobody else in the cluster has it until it is unlocked. An empty value is
// no record: to store one is to delete it.
//
//   Ownership:  whoever opens, attaches or locks closes, detaches or unlocks. Handles may be closed
//               in any order; the connection ends with the last one. Nobody keeps a pointer to
//               an argument. What is passed to a callback is valid until it returns.
//   Threading:  clients and databases are thread-safe, but no call may use a handle that another
//               thread closes. A record belongs to the thread that locked it. After fork()
//               the child may only close what it has (and should) and open its own.
//   Errors:     each function that returns int returns CTDB_OK or another one of ctdb_error;
//               outputs are set with CTDB_OK only. ctdb_last_error() has the whole story.
//   Blocking:   what has `timeout_ms` waits so many milliseconds at most: 0 does not wait, and
//               CTDB_FOREVER is no limit. Nothing else waits. No signal is blocked or handled.
//   Limits:     keys of 1 to 65536 bytes, values up to 921600, messages up to 1047552. A thread
//               should hold one record at a time: records may share a lock (CTDB_MISUSE).
//
// Example:
//   ctdb_open(NULL, "counter", 5000, &client);
//   ctdb_attach(client, "counters", 5000, &database);
//   ctdb_lock(database, "visitors", 8, 1000, &record);
//   old = ctdb_value(record, &size);
//   ctdb_store(record, new_value, new_size);
//   ctdb_unlock(record);

#ifndef LIB_CLIENT_CTDBAPI_H_
#define LIB_CLIENT_CTDBAPI_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

// What this header describes. A library of a higher version does all of it.
#define CTDB_API_VERSION 3

// For `timeout_ms`.
#define CTDB_FOREVER (-1)

// For ctdb_send(): instead of the number of a node.
#define CTDB_NODE_THIS UINT32_C(0xffffffff)
#define CTDB_NODE_CONNECTED UINT32_C(0xfffffffd)  // All that are connected, and this one.

// The numbers never change. A library may return others that come later.
enum ctdb_error {
  CTDB_OK = 0,
  CTDB_INVALID = 1,       // An argument is wrong: fix the program.
  CTDB_MISUSE = 2,        // Not here or not now: another thread's record, after fork() ...
  CTDB_NOT_FOUND = 3,     // There is no such record, node or client.
  CTDB_TIMEOUT = 4,       // It did not happen in time; the text says who is in the way.
  CTDB_CANCELLED = 5,     // ctdb_cancel() was called.
  CTDB_UNAVAILABLE = 6,   // The daemons or the cluster are away: try again later.
  CTDB_LOST = 7,          // The record was lost while it was locked: what was stored may be gone.
  CTDB_FULL = 8,          // Memory, disk or a queue is full; nothing was changed.
  CTDB_DENIED = 9,        // This user may not.
  CTDB_DAMAGED = 10,      // Files of the database are damaged.
  CTDB_UNSUPPORTED = 11,  // The daemons are of a version that cannot do this.
  CTDB_NO_MEMORY = 12,    // This process has no memory.
  CTDB_INTERNAL = 13,     // A bug: of the library, or an exception left a callback.
  CTDB_CONFLICT = 14,     // Others have changed what the transaction has read: begin anew.
  CTDB_IN_DOUBT = 15      // Nobody can say whether it has happened, or will: look.
};

typedef struct ctdb_client ctdb_client;
typedef struct ctdb_database ctdb_database;
typedef struct ctdb_record ctdb_record;
typedef struct ctdb_watch ctdb_watch;
typedef struct ctdb_copies ctdb_copies;
typedef struct ctdb_transaction ctdb_transaction;

// ---- The library. From any thread, at any time.

// The CTDB_API_VERSION of the library that was loaded.
int ctdb_api_version(void);

// What an error means and what to do, in one line; never NULL. Static.
const char* ctdb_strerror(int error);

// What went wrong in the last call that failed *in this thread*: what was tried, on what, and why.
// "" when none has. Valid until the thread's next failing call.
const char* ctdb_last_error(void);

// Frees what ctdb_read() has returned; NULL is allowed.
void ctdb_free(void* memory);

// ---- The client: this program's connection to the daemons of its node.

// Connects. `socket`: of the node's transport; NULL: the usual one, which is that of the test node
// when CTDB_TEST_MODE and CTDB_BASE are set. `software`: this program's name, as administrators
// see it; NULL: "libctdbapi". A connection that is lost later is made again by the calls.
// CTDB_UNAVAILABLE: no daemon runs there. CTDB_DENIED: this user may not use the socket.
int ctdb_open(const char* socket, const char* software, int timeout_ms, ctdb_client** client);

// Frees the handle; NULL is allowed. No other thread may be in a call with it: ctdb_cancel(), join,
// ctdb_close().
void ctdb_close(ctdb_client* client);

// The number of this node; 0xffffffff for NULL.
uint32_t ctdb_node(const ctdb_client* client);

// From now on no call waits: those that do, in all threads, return CTDB_CANCELLED at once (waits
// for a record's lock within 50 ms), and so do later ones that would have to. What need not wait
// works, so records can be stored and unlocked. Until ctdb_resume(). Not for signal handlers.
int ctdb_cancel(ctdb_client* client);
int ctdb_resume(ctdb_client* client);

// Who this client is in the cluster: with it others can ask whether it still exists. It changes
// when the connection is made again. CTDB_UNAVAILABLE: not connected at the moment.
int ctdb_client_id(ctdb_client* client, uint32_t* node, uint64_t* instance);

// `exists`: 1 when the client of this id is connected to its node now, else 0. CTDB_UNAVAILABLE:
// that node cannot be reached, so nobody knows.
int ctdb_client_exists(ctdb_client* client, uint32_t node, uint64_t instance, int timeout_ms,
                       int* exists);

// `exists`: 1 when the process is a client of that node (CTDB_NODE_THIS: this one) now, else 0: any
// other process is none. CTDB_UNAVAILABLE: that node cannot be reached, so nobody knows.
// CTDB_UNSUPPORTED: its transport is too old to be asked. Process ids are used again:
// ctdb_client_exists() is safer. Since version 2.
int ctdb_process_exists(ctdb_client* client, uint32_t node, uint32_t pid, int timeout_ms,
                        int* exists);

// ---- Databases.

// Opens the volatile database of this name (1 to 200 bytes, without "/"), which is made on all
// nodes if there is none. Records of a volatile database do not survive the end of the cluster.
int ctdb_attach(ctdb_client* client, const char* name, int timeout_ms, ctdb_database** database);

// Frees the handle, not the database; NULL is allowed. No other thread may be in a call with it,
// but records may still be locked.
void ctdb_detach(ctdb_database* database);

// The value of a record as it was at some moment during the call, in memory of its own:
// ctdb_free(). CTDB_NOT_FOUND: there is no record. A record of another node comes to this one; a
// thread must not read what it has locked.
int ctdb_read(ctdb_database* database, const void* key, size_t key_size, int timeout_ms,
              void** value, size_t* value_size);

// Called for each record. Anything but 0 ends the visit, which is then CTDB_OK. It may use the
// database, but what it changes may or may not be visited.
typedef int (*ctdb_visit_fn)(void* context, const void* key, size_t key_size, const void* value,
                             size_t value_size);

// Visits all records of the cluster, or those that are on this node, each as it is when it is
// looked at. One that comes, goes or moves meanwhile may be missed or come twice.
// CTDB_UNAVAILABLE: a node went away meanwhile, some records were missed.
int ctdb_visit_all(ctdb_database* database, int timeout_ms, ctdb_visit_fn visit, void* context);
int ctdb_visit_local(ctdb_database* database, int timeout_ms, ctdb_visit_fn visit, void* context);

// ---- Records. Hold them for microseconds: others, on all nodes, wait.

// Locks a record, whether or not it exists, and brings it to this node. When this process dies, it
// is unlocked, as it was or as it was to be. CTDB_TIMEOUT: somebody else has it locked; nothing was
// changed. CTDB_MISUSE: this thread has a record of this database locked. CTDB_UNAVAILABLE: this
// node is out of the cluster, or its daemons do not run, until the end of the time.
int ctdb_lock(ctdb_database* database, const void* key, size_t key_size, int timeout_ms,
              ctdb_record** record);

// The value, and how many bytes it has; 0 and NULL: there is no record. Valid until the next
// ctdb_store(), ctdb_delete() or ctdb_unlock() of this record.
const void* ctdb_value(const ctdb_record* record, size_t* size);

// Replaces the value. After CTDB_LOST it may be in the cluster or not: unlock, lock, look. After
// any other error the value is as it was; CTDB_UNAVAILABLE: this node has left the cluster while
// the record was locked, or those who watch it could not be told.
int ctdb_store(ctdb_record* record, const void* value, size_t size);
int ctdb_delete(ctdb_record* record);

// Others may have it from now on. Frees the handle, except after CTDB_MISUSE: another thread has
// locked it. NULL is allowed.
int ctdb_unlock(ctdb_record* record);

// ---- Watches: to be told when a record has changed. Since version 2.

// Called by ctdb_dispatch(), in its thread, one at a time, with the new value; 0 bytes: there is no
// record any more. It may call everything but ctdb_dispatch() and ctdb_close() of this client, and
// may end watches, its own as well.
typedef void (*ctdb_change_fn)(void* context, const void* key, size_t key_size, const void* value,
                               size_t value_size);

// From when this returns CTDB_OK on, `changed` is called after the record, which need not exist,
// has got another value, whoever changed it on whatever node. Several changes may be one call, and
// one that was taken back meanwhile none. Read the record afterwards to know how it was at the
// beginning. `context` must live until ctdb_watch_end(). A lost connection loses no change: what is
// missed meanwhile is told afterwards, as long as ctdb_dispatch() goes on to be called when
// ctdb_fd() is readable. With a timeout of 0 a dispatch that looks at records may take 100 ms.
// CTDB_FULL: 10000 watches of this client. Each change of a watched record moves it to each node
// that watches it, so it should not be one that changes all the time.
int ctdb_watch_begin(ctdb_database* database, const void* key, size_t key_size, int timeout_ms,
                     ctdb_change_fn changed, void* context, ctdb_watch** watch);

// Ends the watch and frees the handle; NULL is allowed. `changed` does not run in another thread
// then, which this waits for, and will not run again. Before or after ctdb_detach().
void ctdb_watch_end(ctdb_watch* watch);

// ---- Databases of which each node has a copy. Since version 3. What has a timeout asks a daemon,
// so with 0 it fails.

// Opens, or makes on all nodes, the persistent (on disk) or replicated (in memory) database of this
// name. CTDB_INVALID: there is one of another kind.
int ctdb_attach_persistent(ctdb_client* client, const char* name, int timeout_ms,
                           ctdb_copies** copies);
int ctdb_attach_replicated(ctdb_client* client, const char* name, int timeout_ms,
                           ctdb_copies** copies);

// As ctdb_detach().
void ctdb_copies_detach(ctdb_copies* copies);

// As ctdb_read() and ctdb_visit_local(), of this node's copy: it may be ahead of what is committed.
int ctdb_copies_read(ctdb_copies* copies, const void* key, size_t key_size, int timeout_ms,
                     void** value, size_t* value_size);
int ctdb_copies_visit(ctdb_copies* copies, int timeout_ms, ctdb_visit_fn visit, void* context);

// Grows with each transaction, and with each change of the cluster's members. It never goes back.
int ctdb_copies_sequence(ctdb_copies* copies, int timeout_ms, uint64_t* sequence);

// Begins a transaction, which locks nothing. It belongs to one thread at a time.
int ctdb_transaction_begin(ctdb_copies* copies, ctdb_transaction** transaction);

// What it has written itself, or else the record as it was when it read it first: ctdb_free().
// CTDB_NOT_FOUND: there is no record. Both are compared when it is committed.
int ctdb_transaction_read(ctdb_transaction* transaction, const void* key, size_t key_size,
                          int timeout_ms, void** value, size_t* value_size);

// What is to happen. CTDB_INVALID: keys and values of one transaction have at most 64 MiB.
int ctdb_transaction_write(ctdb_transaction* transaction, const void* key, size_t key_size,
                           const void* value, size_t value_size);
int ctdb_transaction_delete(ctdb_transaction* transaction, const void* key, size_t key_size);
int ctdb_transaction_wipe(ctdb_transaction* transaction);  // All records that there are.

// Has it happen on all nodes, or nothing of it, and frees the handle, whatever it returns.
// CTDB_CONFLICT: begin anew. CTDB_IN_DOUBT: the time was over before it was known; it may still
// happen. After any other error it has not happened and will not.
int ctdb_transaction_commit(ctdb_transaction* transaction, int timeout_ms);

// Frees the handle; nothing has happened. NULL is allowed.
void ctdb_transaction_cancel(ctdb_transaction* transaction);

// ---- Messages: to whoever has subscribed to a channel, which is a number that programs agree on.

// Sends to all subscribers on a node, or on many. CTDB_OK: it was handed to this node's transport;
// nobody says whether there are subscribers. Messages of one client to one subscriber arrive in the
// order of the calls, or not at all when a node or connection between them is lost.
// CTDB_TIMEOUT: it may arrive or not.
int ctdb_send(ctdb_client* client, uint32_t node, uint64_t channel, const void* data, size_t size,
              int timeout_ms);

// Called by ctdb_dispatch(), in its thread, one at a time. `node` and `instance`: the sender's
// ctdb_client_id(). It may call everything but ctdb_dispatch() and ctdb_close() of this client.
typedef void (*ctdb_message_fn)(void* context, uint32_t node, uint64_t instance, uint64_t channel,
                                const void* data, size_t size);

// What is sent to the channel from now on is given to `receive`. A former one of this client is
// replaced. `context` must live until ctdb_unsubscribe() returns CTDB_OK or the client is closed.
int ctdb_subscribe(ctdb_client* client, uint64_t channel, ctdb_message_fn receive, void* context,
                   int timeout_ms);

// When it returns CTDB_OK the callback does not run in another thread, and will not run again.
int ctdb_unsubscribe(ctdb_client* client, uint64_t channel, int timeout_ms);

// Readable (poll(), epoll) when ctdb_dispatch() has something to do, and now and then without
// need. The same for the client's whole life; not to be read or closed. -1 for NULL.
int ctdb_fd(const ctdb_client* client);

// Calls the callbacks for what has arrived; waits for something to arrive until the time is over.
// `count`: how many messages, perhaps 0; may be NULL. CTDB_UNAVAILABLE: the connection was lost and
// messages may be missing (once for each loss), or it cannot be made again. With a timeout of 0
// that attempt may take 100 ms. CTDB_MISUSE: called in a callback.
// Messages wait 5 s at most for a program that calls nothing, if they are more than its socket
// holds; then it is disconnected.
int ctdb_dispatch(ctdb_client* client, int timeout_ms, int* count);

// How many messages were thrown away because 64 MiB of them waited for ctdb_dispatch() while other
// calls went on.
uint64_t ctdb_dropped_messages(const ctdb_client* client);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif

#endif  // LIB_CLIENT_CTDBAPI_H_
