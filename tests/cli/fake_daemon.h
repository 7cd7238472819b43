// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// fake_daemon: the controls that every daemon has, as those of the tests' daemons.
//
//   Ownership:  borrows the cluster.
//   Threading:  belongs to one thread.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef TESTS_CLI_FAKE_DAEMON_H_
#define TESTS_CLI_FAKE_DAEMON_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/cli/fake_cluster.h"

namespace ctdb::cli {

inline constexpr double kStart = 1936000000;
inline constexpr double kNow = kStart + 93784;

template <typename Interface>
class FakeDaemon : public Interface::Server {
 public:
  FakeDaemon(FakeCluster& cluster, NodeNumber node) : cluster_(cluster), node_(node.value()) {}

  kj::Promise<void> ping(wire::DaemonControl::Server::PingContext context) override {
    context.getResults().setTime(kNow);
    return kj::READY_NOW;
  }
  kj::Promise<void> status(wire::DaemonControl::Server::StatusContext context) override {
    context.getResults().initStatus().setPid(4711 + node_);
    return kj::READY_NOW;
  }
  kj::Promise<void> statistics(wire::DaemonControl::Server::StatisticsContext context) override {
    auto results = context.getResults();
    results.setSince(kStart);
    results.setNow(kNow);
    auto counters = results.initCounters(2);
    counters[0].setName("router.packets_routed");
    counters[0].setValue(18423);
    counters[0].setMeaning("packets passed on");
    counters[1].setName("router.drops");
    return kj::READY_NOW;
  }
  kj::Promise<void> resetStatistics(wire::DaemonControl::Server::ResetStatisticsContext) override {
    return Told("resetStatistics");
  }
  kj::Promise<void> getLogLevel(wire::DaemonControl::Server::GetLogLevelContext context) override {
    context.getResults().setLevel("NOTICE");
    return kj::READY_NOW;
  }
  kj::Promise<void> setLogLevel(wire::DaemonControl::Server::SetLogLevelContext context) override {
    return Told(absl::StrCat("setLogLevel ", context.getParams().getLevel().cStr()));
  }
  kj::Promise<void> shutdown(wire::DaemonControl::Server::ShutdownContext) override {
    return Told("shutdown");
  }

 protected:
  kj::Promise<void> Told(const std::string& what) {
    cluster_.calls.push_back(absl::StrCat(node_, ": ", what));
    return kj::READY_NOW;
  }

  FakeCluster& cluster_;
  const uint32_t node_;
};

}  // namespace ctdb::cli

#endif  // TESTS_CLI_FAKE_DAEMON_H_
