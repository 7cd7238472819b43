// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// rpc_fixture: transports of transport_fixture, and endpoints on one KJ event loop that talk over
// them.
//
//   Ownership:  owns the event loop.
//   Threading:  one thread for all endpoints.
//   Errors:     fail the test.
//   Blocking:   until what is awaited happens, kSoon at most.
//   Limits:     9 nodes.

#ifndef TESTS_TRANSPORT_RPC_FIXTURE_H_
#define TESTS_TRANSPORT_RPC_FIXTURE_H_

#include <kj/async-io.h>

#include <memory>
#include <string>
#include <utility>

#include "lib/base/status_kj.h"
#include "lib/transport/io/endpoint.h"
#include "tests/transport/transport_fixture.h"

namespace ctdb::test {

class RpcFixture : public TransportFixture {
 protected:
  ~RpcFixture() noexcept override = default;

  Endpoint::Options EndpointOptions(uint32_t node, ServiceId service = ServiceId::kClient) {
    Endpoint::Options options;
    options.connect = [path = SocketPath(node)] { return ConnectUnix(path); };
    options.hello = {"test", service};
    return options;
  }

  std::unique_ptr<Endpoint> MakeEndpoint(const Endpoint::Options& options) {
    return std::make_unique<Endpoint>(io_.unixEventPort, io_.provider->getTimer(), options);
  }
  std::unique_ptr<Endpoint> ReadyEndpoint(uint32_t node, ServiceId service = ServiceId::kClient) {
    auto endpoint = MakeEndpoint(EndpointOptions(node, service));
    EXPECT_EQ(Wait(endpoint->WhenReady()), absl::OkStatus());
    return endpoint;
  }

  // How a promise ends, within kSoon.
  absl::Status Wait(kj::Promise<void> promise) {
    absl::Status status;
    io_.provider->getTimer()
        .timeoutAfter(absl::ToInt64Seconds(kSoon) * kj::SECONDS, kj::mv(promise))
        .then([] {}, [&](kj::Exception&& exception) { status = ToStatus(exception); })
        .wait(io_.waitScope);
    return status;
  }

  // Runs the event loop until `condition` holds.
  template <typename Condition>
  void AwaitLoop(Condition condition) {
    const absl::Time deadline = absl::Now() + kSoon;
    while (!condition()) {
      ASSERT_LT(absl::Now(), deadline) << "did not happen in time\n" << log_.text();
      io_.provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(io_.waitScope);
    }
  }

  kj::AsyncIoContext io_ = kj::setupAsyncIo();
};

}  // namespace ctdb::test

#endif  // TESTS_TRANSPORT_RPC_FIXTURE_H_
