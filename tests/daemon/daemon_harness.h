// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// daemon_harness: one daemon with a transport of its own in this process, and a client's way to
// call it, all on one event loop.
//
//   Ownership:  owns transport, daemon and client.
//   Threading:  one thread, beside the transport's.
//   Errors:     test failures.
//   Blocking:   Call() until the answer.
//   Limits:     none.

#ifndef TESTS_DAEMON_DAEMON_HARNESS_H_
#define TESTS_DAEMON_DAEMON_HARNESS_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "lib/base/status_kj.h"
#include "lib/daemon/io/daemon_host.h"
#include "lib/transport/io/transport_loop.h"
#include "tests/testing/captured_log.h"
#include "tests/testing/free_port.h"

namespace ctdb::test {

class DaemonHarness {
 public:
  DaemonHarness() : io_(kj::setupAsyncIo()) {
    TransportLoop::Options options;
    options.nodes = {{NodeNumber(0), "127.0.0.1"}, {NodeNumber(1), "127.0.0.2"}};
    options.port = FreePort();
    options.software = "test transport";
    loop_ = *TransportLoop::Start(options, log_.logger());
  }

  // `make` as in DaemonHost::Options.
  void StartDaemon(ServiceId service,
                   std::function<capnp::Capability::Client(daemon::DaemonContext&)> make) {
    daemon::DaemonHost::Options options;
    options.name = "testd";
    options.service = service;
    options.connect = [this] { return loop_->ConnectInProcess(); };
    options.make = std::move(make);
    host_ = std::make_unique<daemon::DaemonHost>(
        std::move(options), io_, log_.logger(), "file:test",
        [this](absl::string_view cause) { stop_cause_ = std::string(cause); },
        [this](absl::string_view cause) { reload_cause_ = std::string(cause); });
    host_->endpoint().WhenReady().wait(io_.waitScope);
    Endpoint::Options client;
    client.connect = [this] { return loop_->ConnectInProcess(); };
    client.hello = {"test client", ServiceId::kClient};
    client_ = std::make_unique<Endpoint>(io_.unixEventPort, io_.provider->getTimer(), client);
    client_->WhenReady().wait(io_.waitScope);
    rpc_ = std::make_unique<RpcEndpoint>(*client_, KJ_EXCEPTION(UNIMPLEMENTED, "a client"));
  }

  template <typename Interface>
  typename Interface::Client Daemon(ServiceId service) {
    return rpc_->Bootstrap({kThisNode, service, InstanceNumber(0)}).template castAs<Interface>();
  }

  template <typename T>
  absl::StatusOr<capnp::Response<T>> Call(capnp::RemotePromise<T> promise) {
    absl::StatusOr<capnp::Response<T>> result = absl::UnknownError("no answer");
    promise
        .then([&](capnp::Response<T>&& response) { result = kj::mv(response); },
              [&](kj::Exception&& exception) { result = ToStatus(exception); })
        .wait(io_.waitScope);
    return result;
  }

  TransportLoop& loop() { return *loop_; }
  daemon::DaemonHost& host() { return *host_; }
  const std::string& stop_cause() const { return stop_cause_; }
  const std::string& reload_cause() const { return reload_cause_; }
  kj::WaitScope& wait_scope() { return io_.waitScope; }
  CapturedLog& log() { return log_; }

 private:
  kj::AsyncIoContext io_;
  CapturedLog log_;
  std::unique_ptr<TransportLoop> loop_;
  std::string stop_cause_;
  std::string reload_cause_;
  std::unique_ptr<daemon::DaemonHost> host_;
  std::unique_ptr<Endpoint> client_;
  std::unique_ptr<RpcEndpoint> rpc_;
};

}  // namespace ctdb::test

#endif  // TESTS_DAEMON_DAEMON_HARNESS_H_
