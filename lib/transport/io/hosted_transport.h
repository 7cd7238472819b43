// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// hosted_transport: a transport without a thread of its own, as a guest of a KJ event loop. For a
// daemon of the same process for which most packets are: nobody has to be woken for them.
//
//   Ownership:  transport and event port must outlive it.
//   Threading:  belongs to the event loop's thread, and so does the transport while it exists.
//   Errors:     those of the transport.
//   Blocking:   never; nor may anybody else on the event loop for long: all of the node's packets
//               wait meanwhile.
//   Limits:     kTurnsMax turns before others have theirs.
//
// Example:
//   HostedTransport host(*transport, event_port);

#ifndef LIB_TRANSPORT_IO_HOSTED_TRANSPORT_H_
#define LIB_TRANSPORT_IO_HOSTED_TRANSPORT_H_

#include <kj/async-unix.h>
#include <kj/async.h>

#include "lib/base/io/precise_timer.h"
#include "lib/transport/io/endpoint.h"
#include "lib/transport/io/transport_loop.h"

namespace ctdb {

// For Endpoint::Options::direct of endpoints on the host's thread.
Endpoint::MakeDirect DirectTo(TransportLoop& transport);

class HostedTransport : private kj::TaskSet::ErrorHandler {
 public:
  static constexpr int kTurnsMax = 4;

  // `transport` was started without a thread.
  HostedTransport(TransportLoop& transport, kj::UnixEventPort& event_port);
  ~HostedTransport() noexcept;

 private:
  void taskFailed(kj::Exception&& exception) override;
  kj::Promise<void> Serve();
  void TakeTurns();
  void SetTimer() { timer_.Set(transport_.NextTurn()); }

  TransportLoop& transport_;
  kj::UnixEventPort::FdObserver observer_;
  PreciseTimer timer_;
  kj::TaskSet tasks_;
};

}  // namespace ctdb

#endif  // LIB_TRANSPORT_IO_HOSTED_TRANSPORT_H_
