// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// proxy: what one node's proxy for unmodified Samba decides: what each packet of a client leads to,
// for all clients of the node, and what is asked of databases and of the other nodes' proxies.
//
// Handlers of controls (handlers.h) and the parts with a life of their own (calls.h, commits.h,
// traverses.h) use what is below "For the proxy's parts".
//
//   Ownership:  owns tables and what is under way; outlet and random outlive it.
//   Threading:  not thread-safe.
//   Errors:     what a client sends wrongly is answered or dropped as CN-16 to CN-28 of the
//               protocol say, with a line in the log.
//   Blocking:   never.
//   Limits:     those of ClientTable; kPendingMax requests under way.
//
// Example:
//   Proxy proxy({.own = node, .pid = ::getpid()}, random, outlet);
//   proxy.OnClusterState(state, now);
//   CTDB_RETURN_IF_ERROR(proxy.OnConnected(client, pid));
//   proxy.OnPacket(client, frame, now);

#ifndef LIB_SAMBA_SESSION_PROXY_H_
#define LIB_SAMBA_SESSION_PROXY_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/instant.h"
#include "lib/base/log_level.h"
#include "lib/base/random.h"
#include "lib/samba/packet.h"
#include "lib/samba/session/client_table.h"
#include "lib/samba/session/cluster_state.h"
#include "lib/samba/session/database_request.h"
#include "lib/samba/session/node_item.h"
#include "lib/samba/statistics.h"
#include "lib/samba/tunables.h"

namespace ctdb::samba {

class Calls;
class Commits;
class Pushes;
class Traverses;
class Turns;

// Who has sent a control, for the answer.
struct Asker {
  ClientId client = {};  // 0: a client of another node.
  NodeNumber node = {};  // That one.
  uint64_t request = 0;  // Of the other node's proxy.
  ReqId reqid = {};      // Of the client.
  bool wants_reply = true;

  bool is_local() const { return client != ClientId(0); }
};

struct Reply {
  int32_t status = 0;
  std::string data = {};
  std::string error = {};
};
inline Reply Failure(absl::string_view why = "") {
  return {.status = kStatusFailed, .data = {}, .error = std::string(why)};
}

class Proxy {
 public:
  static constexpr size_t kPendingMax = 1000000;
  static constexpr absl::Duration kPatience = absl::Seconds(30);

  struct Options {
    NodeNumber own = {};
    int32_t pid = 0;        // Of the daemon.
    WallTime started = {};  // Told again and again, bit by bit the same.
    int32_t debug_level = 2;
  };

  class Outlet {
   public:
    virtual ~Outlet() = default;
    // In the order of the calls.
    virtual void ToClient(ClientId client, const Packet& packet) = 0;
    // How much a client has not read yet.
    virtual size_t QueuedPackets(ClientId client) = 0;
    virtual size_t QueuedBytes(ClientId client) = 0;
    // Whether it has read everything, also what the system kept for it.
    virtual bool HasReadAll(ClientId client) = 0;
    // OnDisconnected() follows, later.
    virtual void Disconnect(ClientId client, const absl::Status& why) = 0;
    virtual void ToNode(NodeNumber node, const NodeItem& item) = 0;
    // The node has left: what waits for it is forgotten.
    virtual void DropNode(NodeNumber node) = 0;
    virtual void AskDatabases(RequestId id, const DatabaseRequest& request) = 0;
    virtual bool ProcessExists(int32_t pid) = 0;
    virtual WallTime WallNow() = 0;
    // Of this process, in bytes; and what of it is known, for people.
    virtual uint64_t MemoryBytes() = 0;
    virtual std::string MemoryReport() = 0;
    virtual void SetTunable(absl::string_view name, uint32_t value) = 0;
    virtual void Log(LogLevel level, absl::string_view text) = 0;
  };

  Proxy(const Options& options, Random& random, Outlet& outlet);
  ~Proxy();

  // What happens:
  absl::Status OnConnected(ClientId client, int32_t pid);
  // `frame`: a whole packet (FrameReader).
  void OnPacket(ClientId client, absl::string_view frame, Instant now);
  // It has read most of what was sent to it.
  void OnDrained(ClientId client, Instant now);
  void OnDisconnected(ClientId client, Instant now);
  void OnNodeItem(NodeNumber from, const NodeItem& item, Instant now);
  // The other node's proxy is another process now: whatever it was asked is not answered.
  void OnNodeRestarted(NodeNumber node, Instant now);
  void OnClusterState(ClusterState state, Instant now);
  void OnTunables(const TunableValues& values) { tunables_ = values; }
  void OnAnswer(RequestId id, const DatabaseAnswer& answer, Instant now);
  void OnAwaited(const AwaitedRecord& awaited, Instant now);
  void OnTick(Instant now);
  Instant NextDeadline() const;

  // For the proxy's parts:
  using OnAnswered = std::function<void(const DatabaseAnswer&)>;
  const Options& options() const { return options_; }
  const ClusterState& cluster() const { return cluster_; }
  ClientTable& clients() { return clients_; }
  Statistics& statistics() { return statistics_; }
  Outlet& outlet() { return outlet_; }
  Random& random() { return random_; }
  Commits& commits() { return *commits_; }
  Pushes& pushes() { return *pushes_; }
  Traverses& traverses() { return *traverses_; }
  Turns& turns() { return *turns_; }
  Instant now() const { return now_; }

  void Answer(const Asker& asker, const Reply& reply);
  void SendTo(ClientId client, ReqId reqid, PacketBody body);
  // To this node's receivers.
  void Deliver(ChannelId srvid, absl::string_view data);
  // To the receivers on a node or a group of nodes.
  void SendMessage(NodeNumber destination, ChannelId srvid, absl::string_view data);
  void Ask(DatabaseRequest request, OnAnswered on_answered);
  // The same, again and again while the answer is "unavailable", for kPatience.
  void AskPatiently(DatabaseRequest request, OnAnswered on_answered);
  // Without an answer.
  void Tell(const DatabaseRequest& request) { outlet_.AskDatabases(RequestId(0), request); }
  void Later(absl::Duration delay, std::function<void()> action);

  uint32_t Tunable(absl::string_view name) const;
  bool SetTunable(absl::string_view name, uint32_t value);
  const TunableValues& tunables() const { return tunables_; }

  // Null: not known to this proxy; RefreshDatabases() may find it.
  const DatabaseInfo* FindDatabase(DbId id) const;
  const std::map<DbId, DatabaseInfo>& databases() const { return databases_; }
  void KeepDatabase(const DatabaseInfo& info) { databases_[info.id] = info; }
  // kDatabaseReadOnly and kDatabaseSticky, as clients have set them.
  uint8_t DatabaseFlags(DbId id) const {
    const auto found = database_flags_.find(id);
    return found == database_flags_.end() ? 0 : found->second;
  }
  void AddDatabaseFlag(DbId id, uint8_t flag) { database_flags_[id] |= flag; }
  // Asks the database service which there are, then acts.
  void RefreshDatabases(std::function<void()> action);
  // With the database, or null when this node has none of that number.
  void WithDatabase(DbId id, std::function<void(const DatabaseInfo*)> action);

 private:
  struct Forwarded {
    Asker asker;
    NodeNumber node;
  };

  void HandleControl(ClientId client, const PacketHeader& header, const ControlRequest& request);
  void RunControl(const Asker& asker, const ControlRequest& request);
  void Forward(const Asker& asker, NodeNumber node, const ControlRequest& request);
  void FailForwarded(NodeNumber node, absl::string_view why);
  void HandleTunnel(ClientId client, const PacketHeader& header, const Tunnel& tunnel);
  void DeliverTunnel(NodeNumber from, ReqId reqid, const Tunnel& tunnel);
  void Drop(ClientId client, absl::string_view what);
  void AskUntil(Instant deadline, DatabaseRequest request, OnAnswered on_answered);
  void AnnounceLeader();

  const Options options_;
  Random& random_;
  Outlet& outlet_;
  Instant now_ = Instant::min();
  ClusterState cluster_;
  ClientTable clients_;
  Statistics statistics_ = {};
  TunableValues tunables_ = {};
  std::map<DbId, DatabaseInfo> databases_;
  std::map<DbId, uint8_t> database_flags_;
  uint64_t last_request_ = 0;
  std::map<RequestId, OnAnswered> asked_;
  std::map<uint64_t, Forwarded> forwarded_;
  std::multimap<Instant, std::function<void()>> timers_;
  std::unique_ptr<Calls> calls_;
  std::unique_ptr<Commits> commits_;
  std::unique_ptr<Pushes> pushes_;
  std::unique_ptr<Traverses> traverses_;
  std::unique_ptr<Turns> turns_;
};

}  // namespace ctdb::samba

#endif  // LIB_SAMBA_SESSION_PROXY_H_
