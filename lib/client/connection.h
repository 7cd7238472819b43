// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// connection: a program's way into the cluster. It owns an event loop, connects to this node's
// transport, and gives RPC to any service on any node and messages on channels.
//
//   Ownership:  owns the event loop, the socket and all RPC state; clients got from it must be
//               destroyed before it.
//   Threading:  belongs to the thread that opened it.
//   Errors:     FailedPrecondition when the thread has an event loop already, Unavailable when no
//               transport answers at the socket, PermissionDenied when the socket may not be used,
//               DeadlineExceeded when an answer takes too long.
//   Blocking:   Open() and Wait() do, until their deadline.
//   Limits:     those of the transport (docs/protocol.md).
//
// Example:
//   CTDB_ASSIGN_OR_RETURN(auto connection, Connection::Open({.socket_path = path}));
//   auto master = connection->Service<wire::Master>(kThisNode, ServiceId::kMaster);
//   CTDB_ASSIGN_OR_RETURN(auto reply, connection->Wait(master.overviewRequest().send()));

#ifndef LIB_CLIENT_CONNECTION_H_
#define LIB_CLIENT_CONNECTION_H_

#include <capnp/capability.h>
#include <kj/async-io.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/base/ids.h"
#include "lib/base/status_kj.h"
#include "lib/protocol/address.h"

namespace ctdb {

// For the event loop's timer, which overflows where absl::Duration knows infinity.
inline kj::Duration TimerDelay(absl::Duration duration) {
  constexpr absl::Duration kLongest = absl::Hours(24 * 365 * 10);
  return absl::ToInt64Nanoseconds(std::min(duration, kLongest)) * kj::NANOSECONDS;
}

class Connection {
 public:
  struct Options {
    std::string socket_path;
    std::string software = "libctdbapi";         // Shown to administrators as who this is.
    absl::Duration timeout = absl::Seconds(10);  // For Open() and each Wait().
  };

  static absl::StatusOr<std::unique_ptr<Connection>> Open(const Options& options);
  virtual ~Connection() = default;

  // This program's own address; its node is the number of the local node.
  virtual Address address() const = 0;

  // The interface of a service; a lost or absent one shows when it is called.
  template <typename Interface>
  typename Interface::Client Service(NodeNumber node, ServiceId service) {
    return Bootstrap({node, service, InstanceNumber(0)}).template castAs<Interface>();
  }
  virtual capnp::Capability::Client Bootstrap(const Address& address) = 0;

  // Runs the event loop until the promise is done, or for `options.timeout`.
  template <typename T>
  absl::StatusOr<T> Wait(kj::Promise<T> promise);
  template <typename T>
  absl::StatusOr<capnp::Response<T>> Wait(capnp::RemotePromise<T> promise) {
    return Wait(kj::Promise<capnp::Response<T>>(kj::mv(promise)));
  }

  struct Message {
    Address source;
    ChannelId channel;
    absl::string_view payload;  // Valid during the callback.
  };
  // `receive` is called for every message on the channel while the loop runs.
  virtual absl::Status Subscribe(ChannelId channel,
                                 std::function<void(const Message&)> receive) = 0;
  // To one node or a group of nodes; every subscriber there gets it. Returns before it has arrived;
  // call Flush() before ending the program.
  virtual absl::Status SendMessage(NodeNumber node, ChannelId channel,
                                   absl::string_view payload) = 0;
  // Until everything sent so far was handled by this node's transport and by those of the single
  // nodes that it went to, and they have reported what they could not deliver; such a report is the
  // result. DeadlineExceeded: a node did not answer, what was sent there may or may not arrive.
  virtual absl::Status Flush() = 0;

  // Runs the event loop until `until` says so or the connection is lost (Unavailable) or the time
  // is over (DeadlineExceeded).
  virtual absl::Status Run(absl::Duration time, std::function<bool()> until) = 0;

  virtual kj::Timer& timer() = 0;
  virtual kj::WaitScope& wait_scope() = 0;

 protected:
  explicit Connection(Options options) : options_(std::move(options)) {}
  Options options_;
};

template <typename T>
absl::StatusOr<T> Connection::Wait(kj::Promise<T> promise) {
  // The timer stands still while the program does something else: it is told what time it is.
  wait_scope().poll();
  const kj::Duration limit = TimerDelay(options_.timeout);
  kj::Maybe<T> result;
  absl::Status status = absl::OkStatus();
  timer()
      .timeoutAfter(limit, kj::mv(promise))
      .then([&result](T&& value) { result = kj::mv(value); },
            [&status, this](kj::Exception&& exception) {
              status = ToStatus(exception);
              if (exception.getType() == kj::Exception::Type::OVERLOADED &&
                  status.message() == "operation timed out") {
                status = absl::DeadlineExceededError("no answer within the time limit of " +
                                                     absl::FormatDuration(options_.timeout));
              }
            })
      .wait(wait_scope());
  KJ_IF_MAYBE (value, result) return kj::mv(*value);
  return status;
}

}  // namespace ctdb

#endif  // LIB_CLIENT_CONNECTION_H_
