// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// echod: a whole daemon. It connects to this node's transport as service 1000, answers its own call
// and all common controls (ping, version, status, statistics, log level, reload, shutdown), logs,
// handles signals, tells a service manager that it is ready, and ends in order.

#include <cstdint>
#include <vector>

#include "examples/echo_daemon/echo.capnp.h"
#include "lib/daemon/io/program.h"

namespace {

constexpr auto kEchoService = static_cast<ctdb::ServiceId>(1000);

class EchoServer final : public virtual example::Echo::Server, public ctdb::daemon::ControlServer {
 public:
  explicit EchoServer(ctdb::daemon::DaemonContext& context) : ControlServer(context) {}

  kj::Promise<void> echo(EchoContext context) override {
    ++echo_count_;
    context.getResults().setText(context.getParams().getText());
    return kj::READY_NOW;
  }

 private:
  std::vector<ctdb::daemon::CounterLine> Counters() override {
    return {{"echo.calls", echo_count_, "texts sent back"}};
  }
  void ResetCounters() override { echo_count_ = 0; }

  uint64_t echo_count_ = 0;
};

}  // namespace

int main() {
  return ctdb::daemon::Program::Run({.name = "echod"}, [](ctdb::daemon::Program& program) {
    return program.AddDaemon(
        {.name = "echod",
         .service = kEchoService,
         .make = [](ctdb::daemon::DaemonContext& context) -> capnp::Capability::Client {
           return kj::heap<EchoServer>(context);
         }});
  });
}
