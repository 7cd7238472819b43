// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// daemon_host: what makes a service a daemon: its endpoint, its RPC, and the controls that every
// daemon answers (capnp/control.capnp), implemented once here.
//
// A daemon is a class that implements an interface extending DaemonControl and derives from
// ControlServer; examples/echo_daemon shows a whole one.
//
//   Ownership:  DaemonHost owns endpoint and RPC; the program (program.h) owns the host.
//   Threading:  belongs to the event loop's thread.
//   Errors:     RPC errors are absl::Status in text form (status_kj.h).
//   Blocking:   never.
//   Limits:     those of the transport.
//
// Example:
//   class EchoServer : public virtual wire::Echo::Server, public ControlServer {
//    public:
//     explicit EchoServer(DaemonContext& context) : ControlServer(context) {}
//     kj::Promise<void> echo(EchoContext context) override { ... }
//   };

#ifndef LIB_DAEMON_IO_DAEMON_HOST_H_
#define LIB_DAEMON_IO_DAEMON_HOST_H_

#include <kj/async-io.h>

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "capnp/control.capnp.h"
#include "lib/logging/logger.h"
#include "lib/transport/io/endpoint.h"
#include "lib/transport/io/vat_network.h"

namespace ctdb::daemon {

// What a daemon has to work with.
struct DaemonContext {
  std::string name;  // "transportd"
  kj::AsyncIoContext& io;
  Endpoint& endpoint;
  logging::Logger logger;
  std::string log_location;  // As configured.
  absl::Time start_time;
  // The interface of another service (RpcEndpoint::Bootstrap); not before the daemon was made.
  std::function<capnp::Capability::Client(const Address&)> bootstrap = {};
  // Both act on the whole program that the daemon is part of.
  std::function<void(absl::string_view cause)> request_stop;
  std::function<void(absl::string_view cause)> request_reload;
};

// One line of a daemon's statistics.
struct CounterLine {
  std::string name;  // Dotted, lower case.
  uint64_t value;
  std::string meaning;
};

// The common controls.
class ControlServer : public virtual wire::DaemonControl::Server {
 public:
  explicit ControlServer(DaemonContext& context);

  kj::Promise<void> ping(PingContext context) override;
  kj::Promise<void> version(VersionContext context) override;
  kj::Promise<void> status(StatusContext context) override;
  kj::Promise<void> statistics(StatisticsContext context) override;
  kj::Promise<void> resetStatistics(ResetStatisticsContext context) override;
  kj::Promise<void> getLogLevel(GetLogLevelContext context) override;
  kj::Promise<void> setLogLevel(SetLogLevelContext context) override;
  kj::Promise<void> reload(ReloadContext context) override;
  kj::Promise<void> shutdown(ShutdownContext context) override;

 protected:
  // What the daemon counts; nothing unless it says so.
  virtual std::vector<CounterLine> Counters() { return {}; }
  virtual void ResetCounters() {}

  DaemonContext& context_;

 private:
  absl::Time counting_since_;
};

// A daemon as the program around it sees it, whatever thread it is on.
class RunningDaemon {
 public:
  virtual ~RunningDaemon() noexcept(false) = default;
  virtual const std::string& name() const = 0;
  // It is connected to this node's transport.
  virtual kj::Promise<void> WhenReady() = 0;
  // Rejected when the transport has refused it.
  virtual kj::Promise<void> WhenFinished() = 0;
  // The transport has passed on everything that the daemon sent so far.
  virtual kj::Promise<void> WhenDrained() = 0;
};

class DaemonHost final : public RunningDaemon {
 public:
  struct Options {
    std::string name;
    ServiceId service;
    std::function<absl::StatusOr<UniqueFd>()> connect = {};  // To this node's transport.
    Endpoint::MakeDirect direct = {};                        // Where it is on the same thread.
    // Makes the daemon: what it gives to those who ask for its service.
    std::function<capnp::Capability::Client(DaemonContext&)> make;
  };

  // `context` without endpoint and name, which the host adds.
  DaemonHost(Options options, kj::AsyncIoContext& io, logging::Logger logger,
             std::string log_location, std::function<void(absl::string_view)> request_stop,
             std::function<void(absl::string_view)> request_reload);

  Endpoint& endpoint() { return endpoint_; }

  const std::string& name() const override { return context_.name; }
  kj::Promise<void> WhenReady() override { return endpoint_.WhenReady(); }
  kj::Promise<void> WhenFinished() override { return endpoint_.WhenFinished(); }
  kj::Promise<void> WhenDrained() override;

 private:
  class Drain;

  Endpoint endpoint_;
  DaemonContext context_;
  RpcEndpoint rpc_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_IO_DAEMON_HOST_H_
