// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// transport_loop: the transport at work, on a thread of its own or of a host's: accepts endpoints
// and nodes, dials nodes, moves packets as the router says. The hot path reads many packets with
// one system call, routes each by its envelope, and writes them on with one system call per
// receiver, out of the buffer that they were read into.
//
// Slow receivers: an endpoint or link keeps at most Limits::queue_bytes_max. Clients that send to a
// queue above Limits::pause_bytes are not read until it drains; services and other nodes are never
// held up: an endpoint whose queue is full is disconnected, a packet to a link whose queue is full
// is reported to its sender as undeliverable. A receiver that takes nothing for Limits::stall_limit
// while something waits for it is disconnected.
//
//   Ownership:  owns thread, sockets and connections; the logger is shared.
//   Threading:  all public methods from any thread; they wait for the loop for as long as one turn.
//               The turns of a host are for its thread alone.
//   Errors:     Start(): AlreadyExists for a busy port or socket, InvalidArgument,
//               PermissionDenied. Later errors end one connection each, with one log line.
//   Blocking:   the destructor waits for the thread.
//   Limits:     Limits.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto loop, TransportLoop::Start(options, logger));
//   CTDB_ASSIGN_OR_RETURN(UniqueFd fd, loop->ConnectInProcess());
//   auto endpoint = Endpoint::Open(kj, std::move(fd), ...);

#ifndef LIB_TRANSPORT_IO_TRANSPORT_LOOP_H_
#define LIB_TRANSPORT_IO_TRANSPORT_LOOP_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/instant.h"
#include "lib/base/io/unique_fd.h"
#include "lib/logging/logger.h"
#include "lib/transport/dialer.h"
#include "lib/transport/greeting.h"
#include "lib/transport/io/data_handler.h"
#include "lib/transport/router.h"

namespace ctdb {

// Marks an error of Start() that is about the socket for endpoints, not about the nodes' port.
inline constexpr char kEndpointSocketPayload[] = "ctdb/endpoint-socket";

// What goes through one connection, counted since it began.
struct Traffic {
  uint64_t packets_sent = 0;
  uint64_t packets_received = 0;
  uint64_t bytes_sent = 0;
  uint64_t bytes_received = 0;
};

struct NodeStatus {
  TransportNode node;
  bool is_local = false;
  bool is_connected = false;
  std::string state;       // For people.
  std::string last_error;  // Why the link was lost or refused; "" while it works.
  absl::Time connected_since;
  std::string software;
  Traffic traffic;
  uint64_t queued_bytes = 0;
};

struct EndpointStatus {
  Address address;
  std::string software;
  uint32_t pid = 0;
  uint32_t uid = 0;
  Traffic traffic;
  uint64_t queued_bytes = 0;
  uint32_t channel_count = 0;
};

struct TransportCounters {
  uint64_t packets_routed = 0;
  uint64_t packets_undeliverable = 0;
  uint64_t connections_accepted = 0;
  uint64_t connections_refused = 0;
  uint64_t connections_broken = 0;  // Ended because of what the other side sent.
  uint64_t slow_receivers = 0;      // Disconnected because they did not read.
  uint64_t link_losses = 0;
  uint64_t reads = 0;
  uint64_t writes = 0;
};

class TransportLoop {
 public:
  struct Limits {
    uint64_t queue_bytes_max = uint64_t{64} << 20;  // More: more patience, more memory.
    uint64_t pause_bytes = uint64_t{1} << 20;       // When clients that send there have to wait.
    absl::Duration stall_limit = absl::Seconds(5);
    absl::Duration greeting_limit = absl::Seconds(5);
    size_t endpoint_count_max = 10000;  // Greeted or not.
    size_t greeting_count_max = 256;    // Nodes not let in yet; as many refused connections.
  };

  struct Options {
    NodeNumber local;
    std::vector<TransportNode> nodes;  // Must contain the local one.
    uint16_t port = 4379;
    std::string socket_path;  // "": in-process endpoints only.
    unsigned int socket_mode = 0700;
    std::string software = "libctdbapi";
    std::function<void()> at_start = {};  // First thing on the loop's own thread.
    // On the loop's thread, when it begins to have much to do (true) and no longer has (false).
    std::function<void(bool is_busy)> on_busy = {};
    // Otherwise it stands still until it has a host (hosted_transport.h).
    bool has_thread = true;
    uint64_t seed = 0;  // For jitter and the incarnation: different at every start.
    Dialer::Options dialer;
    Limits limits;
  };

  static absl::StatusOr<std::unique_ptr<TransportLoop>> Start(const Options& options,
                                                              logging::Logger logger);
  ~TransportLoop();

  // One end of a connection for an endpoint in this process; it greets like any other.
  absl::StatusOr<UniqueFd> ConnectInProcess();

  // Takes over a changed nodes list: dials new nodes, drops links to deleted ones.
  absl::Status SetNodes(std::vector<TransportNode> nodes);

  // Packets of kind data for the service are given to `handler` on the loop's thread. Null: no
  // more, and it is not in use when this returns.
  void SetDataHandler(ServiceId service, DataHandler* handler);
  // The handler has something to send although nothing was given to it.
  void RunDataHandler();

  std::vector<NodeStatus> Nodes();
  std::vector<EndpointStatus> Endpoints();
  TransportCounters Counters();
  void ResetCounters();

  // Grows with every turn of the loop, at least twice a second: for a watchdog.
  uint64_t turns() const;

  // For a host. From BeginTurns() to EndTurns(), both on the same thread, the loop is this
  // thread's; before and after it nothing moves, and what is called takes effect at once.
  // `on_direct`: after what SendDirect() has done NextTurn() may be another one.
  void BeginTurns(std::function<void()> on_direct);
  void EndTurns();
  // Can be read when something came to do, and is reported as such each time that something comes.
  int ready_fd() const;
  // Does what there is to do, without waiting. Whether there was anything.
  bool Turn();
  // When a turn is due at the latest.
  Instant NextTurn() const;
  // Makes ready_fd() readable, from any thread.
  void Wake();

  // For an endpoint on the host's thread that was welcomed as `address` and has read all that its
  // socket had: what comes for it is given to `deliver`, which must not call back. 0: not now.
  PortNumber BeginDirect(const Address& address, std::function<void(Bytes)> deliver);
  void EndDirect(PortNumber number);
  // Handles what the endpoint sends, at once. False: not now, it is to go to the socket.
  bool SendDirect(PortNumber number, Bytes frames);

 private:
  class Loop;
  explicit TransportLoop(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_IO_TRANSPORT_LOOP_H_
