// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// program: the frame of a daemon process: configuration, logging, going to the background, pid
// file, signals, readiness, watchdog, orderly end, exit code. What is special about a program is
// what its `setup` adds: daemons, loops to watch, steps of the end.
//
//   Ownership:  owns event loop, logger and hosts.
//   Threading:  the main thread; Run() must be called before other threads exist.
//   Errors:     a failed start ends in one line on standard error and in the log, and in an exit
//               code of exit_code.h.
//   Blocking:   Run() until the program ends.
//   Limits:     kStopBudget from the request to stop until the process ends whatever happens.
//
// Example:
//   return Program::Run({.name = "echod"}, [](Program& program) {
//     return program.AddDaemon({.name = "echod", .service = kEchoService, .make = MakeEcho});
//   });

#ifndef LIB_DAEMON_IO_PROGRAM_H_
#define LIB_DAEMON_IO_PROGRAM_H_

#include <kj/async-io.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lib/config/config.h"
#include "lib/config/paths.h"
#include "lib/daemon/exit_code.h"
#include "lib/daemon/io/daemon_host.h"
#include "lib/logging/logger.h"

namespace ctdb::daemon {

inline constexpr absl::Duration kStopBudget = absl::Seconds(30);

class Program {
 public:
  struct Options {
    std::string name;             // Also the tag of its log lines.
    bool is_foreground = true;    // Otherwise it goes to the background when it is ready.
    bool logs_to_stderr = false;  // Whatever the configuration says.
    bool has_pid_file = false;    // PIDDIR/name.pid: only one such program per node.
  };
  using Setup = std::function<absl::Status(Program&)>;

  // The result is for main() to return.
  static int Run(const Options& options, const Setup& setup);

  // For setup and for the daemons:
  const std::string& name() const;
  const config::Paths& paths() const;
  const config::Config& config() const;
  logging::Logger logger() const;
  const std::string& log_location() const;
  kj::AsyncIoContext& io();

  // Adds a daemon; the program is ready when all of them are connected. Without `connect` it uses
  // the socket of this node's transport.
  absl::Status AddDaemon(DaemonHost::Options options);
  // The same for one that has a thread and an event loop of its own, watched by the watchdog; what
  // `options.make` gets belongs to that thread. `at_start` runs there first.
  absl::Status AddDaemonThread(DaemonHost::Options options, std::function<void()> at_start);
  // The program is not ready before this is fulfilled, either; if it is rejected the start failed.
  void AwaitBeforeReady(kj::Promise<void> condition);
  // Called when all daemons are connected, before the start is reported as done.
  void OnReady(std::function<void()> action);
  // Done one after the other, in reverse order, when the program ends; daemons go last.
  void AddStopStep(std::function<kj::Promise<void>()> step);
  // Called for SIGHUP and for the reload control, after the log was opened anew.
  void AddReloadStep(std::function<void()> step);
  // `turns` grows while another thread's loop makes progress.
  void WatchLoop(std::string loop, std::function<uint64_t()> turns);

  void RequestStop(absl::string_view cause, ExitCode exit_code = ExitCode::kNormal);
  // Ends a start that failed: says so to whoever waits for it, and stops what was begun.
  void FailStart(const absl::Status& status);
  void RequestReload(absl::string_view cause);

 private:
  class Impl;
  explicit Program(Impl& impl) : impl_(impl) {}
  // Without `connect`: with the socket of this node's transport.
  DaemonHost::Options WithConnection(DaemonHost::Options options) const;

  Impl& impl_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_IO_PROGRAM_H_
