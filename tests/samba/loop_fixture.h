// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

// loop_fixture: transports of nodes, and endpoints on an event loop that runs until something has
// happened.

#ifndef TESTS_SAMBA_LOOP_FIXTURE_H_
#define TESTS_SAMBA_LOOP_FIXTURE_H_

#include <kj/async-io.h>

#include <functional>
#include <memory>

#include "lib/transport/io/endpoint.h"
#include "tests/transport/transport_fixture.h"

namespace ctdb::samba {

class LoopFixture : public test::TransportFixture {
 protected:
  ~LoopFixture() noexcept override = default;

  void RunUntil(const std::function<bool()>& condition) {
    for (int i = 0; i < 10000 && !condition(); ++i) {
      io_.provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(io_.waitScope);
    }
    ASSERT_TRUE(condition()) << log_.text();
  }
  std::function<absl::StatusOr<UniqueFd>()> ConnectTo(uint32_t node) {
    return [path = SocketPath(node)] { return ConnectUnix(path); };
  }
  // Not connected before RunUntil(): handlers come first.
  std::unique_ptr<Endpoint> MakeWaitingEndpoint(uint32_t node, ServiceId service) {
    Endpoint::Options options;
    options.connect = ConnectTo(node);
    options.hello = {"test", service};
    return std::make_unique<Endpoint>(io_.unixEventPort, io_.provider->getTimer(), options);
  }
  std::unique_ptr<Endpoint> MakeEndpoint(uint32_t node, ServiceId service) {
    auto endpoint = MakeWaitingEndpoint(node, service);
    RunUntil([&] { return endpoint->is_connected(); });
    return endpoint;
  }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
};

}  // namespace ctdb::samba

#endif  // TESTS_SAMBA_LOOP_FIXTURE_H_
