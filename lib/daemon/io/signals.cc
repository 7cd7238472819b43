// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/signals.h"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "lib/base/io/file.h"

namespace ctdb::daemon {
namespace {

sigset_t Requests() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

absl::Status BlockSignals() {
  ::signal(SIGPIPE, SIG_IGN);
  // The event loop puts a handler of its own (that does nothing) in this place later.
  ::signal(SIGUSR1, SIG_IGN);
  sigset_t set = Requests();
  sigaddset(&set, SIGUSR1);
  const int error_number = ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  if (error_number != 0) return ErrnoStatus(error_number, "block", "signals");
  return absl::OkStatus();
}

absl::StatusOr<kj::Own<SignalSource>> SignalSource::Create(
    kj::UnixEventPort& port, kj::Function<void(SignalRequest)> on_request) {
  const sigset_t set = Requests();
  UniqueFd fd(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!fd.is_open()) return ErrnoStatus(errno, "make a descriptor for", "signals");
  return kj::heap<SignalSource>(port, std::move(fd), kj::mv(on_request));
}

SignalSource::SignalSource(kj::UnixEventPort& port, UniqueFd fd,
                           kj::Function<void(SignalRequest)> on_request)
    : fd_(std::move(fd)),
      observer_(port, fd_.get(), kj::UnixEventPort::FdObserver::OBSERVE_READ),
      on_request_(kj::mv(on_request)),
      task_(kj::evalLater([this] { return ReadAll(); }).eagerlyEvaluate([](kj::Exception&&) {})) {}

kj::Promise<void> SignalSource::ReadAll() {
  signalfd_siginfo info;
  while (::read(fd_.get(), &info, sizeof(info)) == sizeof(info)) {
    const bool is_reload = info.ssi_signo == SIGHUP;
    on_request_(
        SignalRequest{is_reload ? SignalRequest::Kind::kReload : SignalRequest::Kind::kStop,
                      is_reload ? "SIGHUP" : (info.ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT"),
                      static_cast<int>(info.ssi_pid)});
  }
  return observer_.whenBecomesReadable().then([this] { return ReadAll(); });
}

}  // namespace ctdb::daemon
