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
//   Ownership:  owns the socket. A thread of the program, or its event loop, calls Dispatch().
//   Threading:  thread-safe. Not over fork(): a child opens its own (FailedPrecondition). Destroyed
//               when no other thread is in it.
//   Errors:     Unavailable: no transport, or it went away meanwhile, or the service or node that
//               was asked did; DeadlineExceeded; Cancelled; what the service answered.
//   Blocking:   each until its time limit, or until Cancel(). Unsubscribe() and Subscribe() also
//               wait for a call of the channel's former receiver in another thread.
//   Limits:     kInboxBytesMax of messages that nobody took: newer ones are dropped and counted.
//               A program that is in none of these calls for 5 s while more messages come than its
//               socket holds is disconnected by the transport.
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto session, Session::Open({.socket_path = path}));
//   session->Call(node, LimitIn(absl::Seconds(1)), [](auto request) {...}, [](auto answer) {...});

#ifndef LIB_CLIENT_SESSION_H_
#define LIB_CLIENT_SESSION_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "capnp/database.capnp.h"
#include "lib/base/io/unique_fd.h"
#include "lib/client/time_limit.h"
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
  // How often a service that does not answer is asked whether it is still the same one.
  static constexpr absl::Duration kProbeInterval = absl::Seconds(1);
  static constexpr size_t kInboxBytesMax = size_t{64} << 20;

  struct Options {
    std::string socket_path;
    std::string software = "libctdbapi";
    absl::Duration timeout = absl::Seconds(10);  // For Open().
  };
  using Fill = absl::FunctionRef<void(wire::ClientRequest::Builder)>;
  using Read = absl::FunctionRef<absl::Status(wire::ClientAnswer::Reader)>;
  using OnMessage = std::function<void(const ClientMessage&)>;

  // What has something to do within Dispatch(), after the messages and while connected.
  class Attendant {
   public:
    virtual ~Attendant() = default;
    // Returns how often it has called the program.
    virtual int Attend() = 0;
    // When to call it again without being asked to.
    virtual TimeLimit NextTurn() = 0;
  };

  static absl::StatusOr<std::unique_ptr<Session>> Open(const Options& options);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // The local node's number.
  NodeNumber node() const { return node_; }
  // Who this is to others, since the connection was last made.
  Address address() const;

  // Asks the database service of `node`, and lets `read` look into the answer. When the limit
  // comes first the service is told to forget the request. When the service or its node goes away
  // meanwhile: Unavailable, at once or within kProbeInterval.
  absl::Status Call(NodeNumber node, TimeLimit limit, Fill fill, Read read);
  // Says something that has no answer to this node's database service. Hardly waits, so it may get
  // lost.
  absl::Status Tell(Fill fill);

  // To every subscriber on the node or on the group of nodes. Messages from one session to one
  // receiver arrive in order. DeadlineExceeded: it may arrive or not.
  absl::Status SendMessage(NodeNumber node, ChannelId channel, absl::string_view payload,
                           absl::Duration patience = kSendLimit);
  // `on_message` runs within Dispatch(). One subscription for each channel; a later one replaces
  // it. What is sent after this has returned arrives.
  absl::Status Subscribe(ChannelId channel, OnMessage on_message,
                         absl::Duration patience = kSendLimit);
  // When it returns OK the receiver is not running in another thread and will not run again.
  absl::Status Unsubscribe(ChannelId channel, absl::Duration patience = kSendLimit);
  // Whether that client is connected to its node now.
  absl::StatusOr<bool> ClientExists(const Address& client, absl::Duration patience = kSendLimit);
  // Whether a process is a client of that node, connected now; with `channel`, one that has
  // subscribed to it. Unlike an address, a pid is used again. Unimplemented: a transport is too
  // old.
  absl::StatusOr<bool> ProcessExists(NodeNumber node, uint32_t pid,
                                     std::optional<ChannelId> channel = std::nullopt,
                                     absl::Duration patience = kSendLimit);

  // Readable when Dispatch() has something to do, perhaps without need. Owned by the session; the
  // same one for its whole life.
  int fd() const { return poll_fd_.get(); }
  // Hands over what has arrived, one thread at a time, and returns how many messages it was. Waits
  // for something until the patience ends. Unavailable, once for each time: the connection was
  // lost, so messages may be missing. FailedPrecondition within a receiver.
  absl::StatusOr<int> Dispatch(absl::Duration patience = absl::ZeroDuration());
  absl::Status Dispatch(absl::Time deadline) { return Dispatch(deadline - absl::Now()).status(); }

  // The one of this session, which `make` makes at the first call.
  std::shared_ptr<Attendant> SharedAttendant(absl::FunctionRef<std::shared_ptr<Attendant>()> make);
  // Makes Dispatch() call it soon.
  void CallAttendant();
  // Grows whenever messages may have been missed: a connection was lost or made, here or between
  // nodes, or some were dropped. Calls the attendant.
  uint64_t gaps() const { return gaps_.load(std::memory_order_acquire); }

  // From now on nothing waits: calls that do, and later ones that would have to, return Cancelled.
  void Cancel();
  void Resume();
  bool is_cancelled() const { return is_cancelled_.load(std::memory_order_relaxed); }
  // Sleeps; Cancelled.
  absl::Status Pause(absl::Duration time);

  // FailedPrecondition in a child of the process that opened it. Costs one load.
  absl::Status CheckProcess() const { return IsForked() ? ForkedError() : absl::OkStatus(); }
  bool IsForked() const { return forks_at_open_ != forks_.load(std::memory_order_relaxed); }
  // All that a child may do with it, and never destroy it: locks may be in any state.
  void CloseAfterFork();

  uint64_t dropped_messages() const;

 private:
  // A connection; there may be several in the session's life.
  struct Link {
    std::unique_ptr<PlainEndpoint> endpoint;
    bool may_have_more = true;  // Frames that were read and not looked at.
    bool is_sending = false;    // A thread writes to it, and has the use of the rest.
    PacketWriter writer;
    std::vector<std::byte> unsent;  // The end of a frame whose sender could not wait.
  };
  using LinkPtr = std::shared_ptr<Link>;

  struct Waiter {
    std::condition_variable wake;
    NodeNumber node;  // Who is to answer.
    ServiceId asked = ServiceId::kUnknown;
    InstanceNumber service;      // The database service that there is, if known.
    const Link* link = nullptr;  // What the request went out on.
    bool is_done = false;
    bool is_found = false;        // Of a process.
    absl::Status failure;         // Instead of a frame.
    std::vector<uint64_t> frame;  // The answer's packet.
    size_t frame_bytes = 0;
  };
  struct Arrived {
    std::vector<uint64_t> frame;
    size_t frame_bytes = 0;
  };
  using Lock = std::unique_lock<std::mutex>;
  using Build = absl::FunctionRef<void(wire::Packet::Builder)>;

  // What nobody waits for: long enough for other threads to finish their frames.
  static constexpr absl::Duration kTellLimit = absl::Milliseconds(10);

  explicit Session(const Options& options);
  static absl::Status ForkedError();
  static absl::Status CancelledError();
  static Bytes AsBytes(const std::vector<uint64_t>& frame, size_t bytes) {
    return {reinterpret_cast<const std::byte*>(frame.data()), bytes};
  }

  // Connections.
  absl::StatusOr<LinkPtr> Connected(Lock& lock, TimeLimit limit);
  absl::StatusOr<LinkPtr> Dial(TimeLimit limit);
  void OnLost(const LinkPtr& link, const absl::Status& why);

  // Sending. The lock is free meanwhile.
  absl::StatusOr<LinkPtr> Send(Lock& lock, const Envelope& envelope, Build build, TimeLimit limit);
  absl::Status SendOn(Lock& lock, const LinkPtr& link, const Envelope& envelope, Build build,
                      TimeLimit limit);
  absl::Status WriteFrame(const LinkPtr& link, Bytes frame, TimeLimit limit);
  absl::Status Write(const LinkPtr& link, Bytes bytes, size_t* done, TimeLimit limit);
  absl::Status WaitToWrite(const LinkPtr& link, TimeLimit limit);
  absl::Status SendSubscriptions(Lock& lock, const LinkPtr& link, TimeLimit limit);
  absl::StatusOr<LinkPtr> SendRequest(Lock& lock, NodeNumber node, uint64_t request, Fill fill,
                                      TimeLimit limit);
  absl::StatusOr<LinkPtr> SendControl(Lock& lock, NodeNumber node, uint64_t request,
                                      absl::FunctionRef<void(wire::Control::Builder)> fill,
                                      TimeLimit limit);

  // Receiving.
  uint64_t Register(Waiter& waiter, NodeNumber node, ServiceId asked);
  absl::Status Await(Lock& lock, Waiter& waiter, TimeLimit limit);
  absl::Status AwaitAnswer(Lock& lock, Waiter& waiter, TimeLimit limit);
  absl::Status AwaitPong(Lock& lock, NodeNumber node, TimeLimit limit);
  absl::Status WaitForChange(Lock& lock, TimeLimit limit);
  void SleepUntilWoken(Lock& lock, Waiter& waiter, TimeLimit limit);
  void ReadSome(Lock& lock, const LinkPtr& link, TimeLimit limit, bool is_writing);
  void HandleFrame(Bytes frame);
  void HandleNotice(const Envelope& envelope, Bytes frame);
  void OnUndeliverable(const Envelope& envelope, wire::Notice::Undeliverable::Reader notice);
  void OnServiceSeen(const Address& service);
  void FailWaiters(const absl::Status& why, absl::FunctionRef<bool(const Waiter&)> is_meant);
  static void Finish(Waiter& waiter, const absl::Status& failure);
  void PassReading();

  // Messages.
  absl::Status WaitForReceiver(Lock& lock, ChannelId channel, TimeLimit limit);
  absl::Status AwaitMessages(Lock& lock, TimeLimit limit);
  int Deliver(Lock& lock);
  void RaiseEvent();
  void ClearEvent();
  void WakeAttendant();
  void CountGap();
  int Attend(Lock& lock);
  void SetRetryTimer(absl::Duration delay);

  static std::atomic<uint32_t> forks_;  // How often this process is a child.

  const Options options_;
  const uint32_t forks_at_open_;
  UniqueFd poll_fd_;    // Of the next three and the socket.
  UniqueFd event_fd_;   // There are messages, or something to tell.
  UniqueFd timer_fd_;   // It is time to try to connect again.
  UniqueFd cancel_fd_;  // Readable while cancelled.
  NodeNumber node_;     // Set once, in Open().
  bool is_open_ = false;
  std::atomic<bool> is_cancelled_ = false;

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // Someone's turn is over, the link, the cancellation.
  LinkPtr link_;                     // Null: not connected.
  bool is_connecting_ = false;
  UniqueFd connecting_fd_;         // A copy of the socket that another thread connects.
  bool is_reading_ = false;        // Some thread reads the socket.
  std::vector<Waiter*> sleepers_;  // Threads that wait and could read it.
  uint64_t last_request_ = 0;
  std::map<uint64_t, Waiter*> waiters_;
  std::map<NodeNumber, InstanceNumber> services_;  // Which database service answered last.
  std::map<ChannelId, std::shared_ptr<const OnMessage>> channels_;
  std::optional<std::thread::id> dispatcher_;
  std::optional<ChannelId> running_channel_;  // Whose receiver the dispatcher has called.
  Waiter* message_waiter_ = nullptr;          // The dispatcher's, while it waits.
  absl::Status loss_;                         // What the next Dispatch() has to tell.
  std::deque<Arrived> inbox_;
  size_t inbox_bytes_ = 0;
  uint64_t dropped_messages_ = 0;
  std::shared_ptr<Attendant> attendant_;
  bool wants_attendant_ = false;
  std::atomic<uint64_t> gaps_ = 0;
};

}  // namespace ctdb

#endif  // LIB_CLIENT_SESSION_H_
