// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/daemon_thread.h"

#include <pthread.h>

#include <memory>
#include <utility>

namespace ctdb::daemon {
namespace {

constexpr kj::Duration kTurn = 400 * kj::MILLISECONDS;

// Hands a call over to the program's event loop, in the order of the calls.
std::function<void(absl::string_view)> OnLoop(const kj::Executor& loop,
                                              std::function<void(absl::string_view)> call) {
  return [&loop, call = std::move(call)](absl::string_view text) {
    loop.executeAsync([call, text = std::string(text)] { call(text); }).detach([](kj::Exception&&) {
    });  // The program is ending anyway.
  };
}

}  // namespace

DaemonThread::DaemonThread(DaemonHost::Options options, Parts parts, std::function<void()> at_start)
    : name_(options.name) {
  std::future<void> is_running = is_running_.get_future();
  // Shared, because what a thread starts with must not throw when it goes.
  auto program =
      std::make_shared<kj::Own<const kj::Executor>>(kj::getCurrentThreadExecutor().addRef());
  thread_ = std::thread([this, options = std::move(options), parts = std::move(parts), program,
                         at_start = std::move(at_start)]() mutable {
    Run(std::move(options), std::move(parts), **program, at_start);
  });
  is_running.wait();
}

DaemonThread::~DaemonThread() noexcept {
  executor_->executeAsync([this] { end_->fulfill(); }).detach([](kj::Exception&&) {});
  thread_.join();
}

kj::Promise<void> DaemonThread::WhenReady() {
  return executor_->executeAsync([this] { return host_->WhenReady(); });
}

kj::Promise<void> DaemonThread::WhenFinished() {
  return executor_->executeAsync([this] { return host_->WhenFinished(); });
}

kj::Promise<void> DaemonThread::WhenDrained() {
  return executor_->executeAsync([this] { return host_->WhenDrained(); });
}

void DaemonThread::Run(DaemonHost::Options options, Parts parts, const kj::Executor& program,
                       const std::function<void()>& at_start) {
  ::pthread_setname_np(::pthread_self(), name_.substr(0, 15).c_str());
  if (at_start) at_start();
  kj::AsyncIoContext io = kj::setupAsyncIo();
  auto end = kj::newPromiseAndFulfiller<void>();
  DaemonHost host(std::move(options), io, std::move(parts.logger), std::move(parts.log_location),
                  OnLoop(program, std::move(parts.request_stop)),
                  OnLoop(program, std::move(parts.request_reload)));
  host_ = &host;
  end_ = end.fulfiller.get();
  executor_ = kj::getCurrentThreadExecutor().addRef();
  is_running_.set_value();
  end.promise.exclusiveJoin(CountTurns(io.provider->getTimer())).wait(io.waitScope);
}

kj::Promise<void> DaemonThread::CountTurns(kj::Timer& timer) {
  turns_.fetch_add(1, std::memory_order_relaxed);
  return timer.afterDelay(kTurn).then([this, &timer] { return CountTurns(timer); });
}

}  // namespace ctdb::daemon
