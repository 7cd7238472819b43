// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// session: a thread-safe connection of a program to its node's transport, without an event loop and
// without a thread of its own: whoever waits for an answer reads the socket, for all who wait. So
// an answer wakes the thread that wants it, and no other one first.
//
// Messages that arrive meanwhile are kept until Dispatch() hands them to their subscribers.
//
// A lost connection is made again by the next call, with its subscriptions.
//
//   Ownership:  owns the socket. The client's thread, or the program's event loop, calls Dispatch().
//   Threading:  thread-safe. Not over fork(): a child opens its own (FailedPrecondition).
//   Errors:     Unavailable: no transport, or it went away meanwhile, or the service asked does not
//               run; DeadlineExceeded; what the service answered.
//   Blocking:   Call() until its deadline; the others as long as the socket takes no more, for
//               kSendLimit at most. Dispatch() never.
//   Limits:     kInboxBytesMax of messages that nobody took: newer ones are dropped and counted.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto session, Session::Open({.socket_path = path}));
//   session->Call(service, deadline, [](auto packet) {...}, [](auto packet) {...});

#ifndef LIB_CLIENT_SESSION_H_
#define LIB_CLIENT_SESSION_H_

#include <sys/types.h>

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "capnp/database.capnp.h"
#include "lib/base/io/unique_fd.h"
#include "lib/protocol/packet.h"
#include "lib/transport/io/plain_endpoint.h"

namespace ctdb {

struct ClientMessage {
  Address source;
  ChannelId channel;
  absl::string_view payload;  // Valid during the callback.
};

class Session {
 public:
  static constexpr absl::Duration kSendLimit = absl::Seconds(5);
  static constexpr size_t kInboxBytesMax = size_t{64} << 20;

  struct Options {
    std::string socket_path;
    std::string software = "libctdbapi";
    absl::Duration timeout = absl::Seconds(10);  // For making the connection.
  };
  using Fill = absl::FunctionRef<void(wire::ClientRequest::Builder)>;
  using Read = absl::FunctionRef<absl::Status(wire::ClientAnswer::Reader)>;
  using OnMessage = std::function<void(const ClientMessage&)>;

  static absl::StatusOr<std::unique_ptr<Session>> Open(const Options& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The local node's number.
  NodeNumber node() const { return node_; }

  // Asks the database service of `node`, and lets `read` look into the answer. When the deadline
  // comes first the service is told to forget the request.
  absl::Status Call(NodeNumber node, absl::Time deadline, Fill fill, Read read);
  // Says something that has no answer to this node's database service.
  absl::Status Tell(Fill fill);

  // To every subscriber on the node or on the group of nodes. Messages from one session to one
  // receiver arrive in order.
  absl::Status SendMessage(NodeNumber node, ChannelId channel, absl::string_view payload);
  // `on_message` runs within Dispatch(). One subscription for each channel; a later one replaces
  // it.
  absl::Status Subscribe(ChannelId channel, OnMessage on_message);
  absl::Status Unsubscribe(ChannelId channel);

  // Readable when Dispatch() has something to do. Owned by the session; the same one for its whole
  // life.
  int fd() const { return poll_fd_.get(); }
  // Hands over what has arrived. Waits for something until `deadline`.
  absl::Status Dispatch(absl::Time deadline = absl::InfinitePast());

  uint64_t dropped_messages() const;

 private:
  struct Waiter {
    std::condition_variable wake;
    bool is_done = false;
    absl::Status failure;         // Instead of a frame.
    std::vector<uint64_t> frame;  // The answer's packet.
    size_t frame_bytes = 0;
  };
  struct Arrived {
    std::vector<uint64_t> frame;
    size_t frame_bytes = 0;
  };
  using Lock = std::unique_lock<std::mutex>;

  explicit Session(const Options& options);
  absl::Status Connect(Lock& lock);
  absl::Status CheckUse(Lock& lock);
  absl::Status SendFrame(absl::FunctionRef<void(PacketWriter&, const Envelope&)> build,
                         const Address& to, PacketKind kind, uint64_t channel, uint64_t request);
  absl::Status SendRequest(NodeNumber node, uint64_t request, Fill fill);
  absl::Status Subscription(ChannelId channel, bool is_wanted);
  void ReadOne(Lock& lock, absl::Time deadline);
  void HandleFrame(Bytes frame);
  void HandleNotice(const Envelope& envelope, Bytes frame);
  void OnLost(const absl::Status& why);
  void PassReading();
  void RaiseEvent();
  void ClearEvent();

  const Options options_;
  const pid_t pid_;
  UniqueFd poll_fd_;
  UniqueFd event_fd_;
  NodeNumber node_;

  std::mutex send_mutex_;  // Before mutex_, if both.
  PacketWriter writer_;

  mutable std::mutex mutex_;
  std::shared_ptr<PlainEndpoint> endpoint_;  // Null: not connected.
  bool is_reading_ = false;                  // Some thread reads the socket.
  std::condition_variable reading_ended_;
  uint64_t last_request_ = 0;
  std::map<uint64_t, Waiter*> waiters_;
  std::map<ChannelId, std::shared_ptr<const OnMessage>> channels_;
  std::deque<Arrived> inbox_;
  size_t inbox_bytes_ = 0;
  uint64_t dropped_messages_ = 0;
};

}  // namespace ctdb

#endif  // LIB_CLIENT_SESSION_H_
