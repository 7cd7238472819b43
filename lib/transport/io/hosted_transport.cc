// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/hosted_transport.h"

namespace ctdb {

HostedTransport::HostedTransport(TransportLoop& transport, kj::UnixEventPort& event_port)
    : transport_(transport),
      observer_(event_port, transport.ready_fd(), kj::UnixEventPort::FdObserver::OBSERVE_READ),
      timer_(event_port, [this] { TakeTurns(); }),
      tasks_(*this) {
  transport_.BeginTurns();
  TakeTurns();
  tasks_.add(Serve());
}

HostedTransport::~HostedTransport() noexcept { transport_.EndTurns(); }

void HostedTransport::taskFailed(kj::Exception&& exception) {
  // Turns throw nothing; what is left is an event loop that is out of order.
  kj::throwFatalException(kj::mv(exception));
}

kj::Promise<void> HostedTransport::Serve() {
  return observer_.whenBecomesReadable().then([this] {
    TakeTurns();
    return Serve();
  });
}

void HostedTransport::TakeTurns() {
  int turns = 0;
  while (turns < kTurnsMax && transport_.Turn()) ++turns;
  // What is left is not announced again by itself.
  if (turns == kTurnsMax) transport_.Wake();
  timer_.Set(transport_.NextTurn());
}

}  // namespace ctdb
