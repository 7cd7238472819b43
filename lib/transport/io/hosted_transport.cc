// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/hosted_transport.h"

#include <memory>
#include <utility>

namespace ctdb {
namespace {

class DirectChannel : public Endpoint::Direct {
 public:
  DirectChannel(TransportLoop& transport, PortNumber number)
      : transport_(transport), number_(number) {}
  ~DirectChannel() override { transport_.EndDirect(number_); }

  bool Send(Bytes frames) override { return transport_.SendDirect(number_, frames); }

 private:
  TransportLoop& transport_;
  const PortNumber number_;
};

}  // namespace

Endpoint::MakeDirect DirectTo(TransportLoop& transport) {
  return [&transport](const Address& address,
                      std::function<void(Bytes)> deliver) -> std::unique_ptr<Endpoint::Direct> {
    const PortNumber number = transport.BeginDirect(address, std::move(deliver));
    if (number == PortNumber()) return nullptr;
    return std::make_unique<DirectChannel>(transport, number);
  };
}

HostedTransport::HostedTransport(TransportLoop& transport, kj::UnixEventPort& event_port)
    : transport_(transport),
      observer_(event_port, transport.ready_fd(), kj::UnixEventPort::FdObserver::OBSERVE_READ),
      timer_(event_port, [this] { TakeTurns(); }),
      tasks_(*this) {
  transport_.BeginTurns([this] { SetTimer(); });
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
  SetTimer();
}

}  // namespace ctdb
