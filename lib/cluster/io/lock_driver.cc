// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/io/lock_driver.h"

#include <signal.h>

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace ctdb::cluster {
namespace {

LockClient::Options ForCommand(LockClient::Options options, const LockCommand& command) {
  options.helper = command.arguments.empty() ? "" : command.arguments[0];
  return options;
}

}  // namespace

LockDriver::LockDriver(kj::UnixEventPort& port, LockCommand command, LockClient::Options options,
                       OnAnswer on_answer, OnLine on_line)
    : port_(port),
      command_(std::move(command)),
      client_(ForCommand(std::move(options), command_)),
      on_answer_(kj::mv(on_answer)),
      on_line_(kj::mv(on_line)),
      timer_(port.getTimer(),
             [this] {
               client_.OnTick(timer_.Now());
               Pump();
             }),
      tasks_(*this) {}

void LockDriver::Take() {
  client_.Take(timer_.Now());
  Pump();
}

void LockDriver::Release() {
  client_.Release(timer_.Now());
  Pump();
}

kj::Promise<void> LockDriver::WhenFree() {
  if (!client_.has_helper()) return kj::READY_NOW;
  auto free = kj::newPromiseAndFulfiller<void>();
  awaiting_free_.add(kj::mv(free.fulfiller));
  return kj::mv(free.promise);
}

LockDriver::Status LockDriver::Describe() const {
  return {client_.Describe(), absl::StrJoin(command_.arguments, " "),
          process_.get() == nullptr ? 0 : process_->pid()};
}

void LockDriver::Pump() {
  if (is_pumping_) return;  // called by a callback: the loop below goes on
  is_pumping_ = true;
  for (auto actions = client_.TakeOutput(); !actions.empty(); actions = client_.TakeOutput()) {
    for (const LockClient::Action& action : actions) {
      std::visit([this](const auto& what) { Do(what); }, action);
    }
  }
  is_pumping_ = false;
  if (!client_.has_helper()) {
    for (auto& fulfiller : awaiting_free_) fulfiller->fulfill();
    awaiting_free_.clear();
  }
  timer_.Set(client_.NextDeadline());
}

void LockDriver::Do(const LockClient::StartHelper& start) {
  const uint64_t generation = start.generation;
  auto process = daemon::ChildProcess::Start(
      port_, {.arguments = command_.arguments, .parent_death_signal = SIGKILL},
      [this](daemon::ChildProcess::Stream, absl::string_view line) { on_line_(line); },
      daemon::ChildProcess::OnBytes([this, generation](absl::string_view bytes) {
        if (bytes.empty()) {
          client_.OnOutputClosed(generation, timer_.Now());
        } else {
          client_.OnOutput(generation, bytes, timer_.Now());
        }
        Pump();
      }));
  if (!process.ok()) {
    client_.OnNotStarted(generation, process.status().message(), timer_.Now());
    return;
  }
  process_ = *std::move(process);
  tasks_.add(process_->WhenExited().then(
      [this, generation](const daemon::ChildExit& how) { OnExited(generation, how); }));
}

void LockDriver::Do(const LockClient::Terminate&) {
  // A child of ours that is not reaped can be sent a signal, unless it became another user's; then
  // it is not seen to end, and nothing else is started.
  if (process_.get() != nullptr) process_->Signal(SIGTERM).IgnoreError();
}

void LockDriver::Do(const LockClient::Kill&) {
  if (process_.get() != nullptr) process_->KillGroup().IgnoreError();
}

void LockDriver::Do(const LockClient::Answer& answer) { on_answer_(answer); }

void LockDriver::OnExited(uint64_t generation, const daemon::ChildExit& how) {
  const bool is_violent = how.kind == daemon::ChildExit::Kind::kSignalled && how.value != SIGTERM;
  if (is_violent) {
    on_line_(absl::StrCat("the cluster lock helper ", command_.arguments[0], " ",
                          daemon::Describe(how)));
  }
  process_ = nullptr;
  client_.OnExited(generation, how, timer_.Now());
  Pump();
}

void LockDriver::taskFailed(kj::Exception&& exception) {
  // The tasks throw nothing of their own; what is left is an event loop that is out of order.
  kj::throwFatalException(kj::mv(exception));
}

}  // namespace ctdb::cluster
