// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// daemon_thread: a daemon on a thread with an event loop of its own, so that nothing else in the
// program delays it. For what must answer in time, such as the cluster service.
//
//   Ownership:  owns thread, event loop and host.
//   Threading:  the object belongs to the thread that made it, which must have an event loop; what
//               `make` makes belongs to the new one.
//   Errors:     as DaemonHost.
//   Blocking:   the constructor until the daemon was made; the destructor until the thread ended.
//   Limits:     none of its own.
//
// Example:
//   DaemonThread thread({.name = "clusterd", .service = ServiceId::kCluster, .make = MakeCluster},
//                       parts, [] { UseRealtimeScheduling().IgnoreError(); });
//   thread.WhenReady().then(...);

#ifndef LIB_DAEMON_IO_DAEMON_THREAD_H_
#define LIB_DAEMON_IO_DAEMON_THREAD_H_

#include <kj/async-io.h>

#include <atomic>
#include <functional>
#include <future>
#include <string>
#include <thread>

#include "lib/daemon/io/daemon_host.h"

namespace ctdb::daemon {

class DaemonThread final : public RunningDaemon {
 public:
  // What it shares with the program; the callbacks run on the program's event loop.
  struct Parts {
    logging::Logger logger;
    std::string log_location;
    std::function<void(absl::string_view)> request_stop;
    std::function<void(absl::string_view)> request_reload;
  };

  // `at_start`: runs first thing on the new thread.
  DaemonThread(DaemonHost::Options options, Parts parts, std::function<void()> at_start);
  ~DaemonThread() noexcept override;

  const std::string& name() const override { return name_; }
  kj::Promise<void> WhenReady() override;
  kj::Promise<void> WhenFinished() override;
  kj::Promise<void> WhenDrained() override;

  // Grows at least twice a second while the loop makes progress: for a watchdog.
  uint64_t turns() const { return turns_.load(std::memory_order_relaxed); }

 private:
  void Run(DaemonHost::Options options, Parts parts, const kj::Executor& program,
           const std::function<void()>& at_start);
  kj::Promise<void> CountTurns(kj::Timer& timer);

  const std::string name_;
  std::promise<void> is_running_;
  // Set before is_running_ is; used through the executor only.
  kj::Own<const kj::Executor> executor_;
  DaemonHost* host_ = nullptr;
  kj::PromiseFulfiller<void>* end_ = nullptr;
  std::atomic<uint64_t> turns_{0};
  std::thread thread_;
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_IO_DAEMON_THREAD_H_
