// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/io/supervisor_driver.h"

#include <signal.h>

#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "lib/base/nearest_name.h"

namespace ctdb::daemon {
namespace {

std::vector<ChildSpec> Specs(const std::vector<SupervisorDriver::Child>& children) {
  std::vector<ChildSpec> specs;
  for (const SupervisorDriver::Child& child : children) specs.push_back(child.spec);
  return specs;
}

}  // namespace

SupervisorDriver::SupervisorDriver(kj::UnixEventPort& port, std::vector<Child> children,
                                   const Options& options, Listener& listener)
    : port_(port),
      listener_(listener),
      table_(std::move(children)),
      random_(options.seed),
      supervisor_(Specs(table_), options.supervisor, &random_),
      slots_(table_.size()),
      timer_(port.getTimer(),
             [this] {
               supervisor_.OnTick(timer_.Now());
               Pump();
             }),
      tasks_(*this) {}

void SupervisorDriver::Start() {
  supervisor_.OnStartRequested(timer_.Now());
  Pump();
}

void SupervisorDriver::Stop() {
  supervisor_.OnStopRequested(timer_.Now());
  Pump();
}

absl::Status SupervisorDriver::Restart(absl::string_view child) {
  std::vector<absl::string_view> names;
  for (const Child& known : table_) names.push_back(known.spec.name);
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] != child) continue;
    const absl::Status status =
        supervisor_.OnRestartRequested(ChildNumber(static_cast<uint32_t>(i)), timer_.Now());
    Pump();
    return status;
  }
  return absl::NotFoundError(
      absl::StrCat("there is no part \"", child, "\"", DidYouMean(child, names)));
}

void SupervisorDriver::Pump() {
  if (is_pumping_) return;  // called by the listener: the loop below goes on
  is_pumping_ = true;
  for (auto actions = supervisor_.TakeOutput(); !actions.empty();
       actions = supervisor_.TakeOutput()) {
    for (const Supervisor::Action& action : actions) {
      std::visit([this](const auto& what) { Do(what); }, action);
    }
  }
  is_pumping_ = false;
  timer_.Set(supervisor_.NextDeadline());
}

void SupervisorDriver::Do(const Supervisor::StartChild& start) {
  const ChildNumber number = start.child;
  const Child& child = table_[number.value()];
  Slot& slot = slots_[number.value()];
  auto process = ChildProcess::Start(
      port_, child.process, [this, &child](ChildProcess::Stream stream, absl::string_view line) {
        listener_.OnLine(child.spec.name, stream, line);
      });
  if (!process.ok()) {
    supervisor_.OnNotStarted(number, process.status().message(), timer_.Now());
    return;
  }
  slot.process = *std::move(process);
  const uint64_t generation = ++slot.generation;
  supervisor_.OnStarted(number, slot.process->pid(), timer_.Now());
  tasks_.add(slot.process->WhenReady().then(
      [this, number, generation] {
        const Slot& current = slots_[number.value()];
        if (current.generation != generation || current.process.get() == nullptr) return;
        supervisor_.OnReady(number, timer_.Now());
        if (supervisor_.Describe().all_ready) all_ready_.fulfiller->fulfill();
        Pump();
      },
      [](kj::Exception&&) {}));  // ended without having been ready
  tasks_.add(slot.process->WhenExited().then(
      [this, number](const ChildExit& how) { OnExited(number, how); }));
}

void SupervisorDriver::OnExited(ChildNumber number, const ChildExit& how) {
  slots_[number.value()].process = nullptr;
  supervisor_.OnExited(number, how, timer_.Now());
  Pump();
}

void SupervisorDriver::SignalAll(int signal) {
  const Supervisor::Status status = supervisor_.Describe();
  for (size_t i = 0; i < slots_.size(); ++i) {
    const bool is_ready = status.children[i].state == Supervisor::State::kReady;
    // One that ends at this moment needs no signal any more.
    if (is_ready && slots_[i].process.get() != nullptr) {
      slots_[i].process->Signal(signal).IgnoreError();
    }
  }
}

void SupervisorDriver::Do(const Supervisor::SendSignal& order) {
  Slot& slot = slots_[order.child.value()];
  if (slot.process.get() == nullptr) return;
  // A signal to a child of ours that is not reaped cannot fail, unless it became another user's;
  // then the limits of the supervisor say that it does not end.
  if (order.signal == Supervisor::SignalKind::kTerminate) {
    slot.process->Signal(SIGTERM).IgnoreError();
  } else {
    slot.process->KillGroup().IgnoreError();
  }
}

void SupervisorDriver::Do(const Supervisor::Alert& alert) { listener_.OnAlert(alert); }

void SupervisorDriver::Do(const Supervisor::AllStopped&) { stopped_.fulfiller->fulfill(); }

void SupervisorDriver::taskFailed(kj::Exception&& exception) {
  // The tasks throw nothing of their own; what is left is an event loop that is out of order.
  kj::throwFatalException(kj::mv(exception));
}

}  // namespace ctdb::daemon
