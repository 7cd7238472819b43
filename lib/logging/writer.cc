// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/logging/writer.h"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace ctdb::logging {
namespace {

using Lock = std::unique_lock<std::mutex>;

// Infinite durations would overflow inside wait_for().
std::chrono::nanoseconds WaitTime(absl::Duration duration) {
  return absl::ToChronoNanoseconds(std::min(duration, absl::Hours(24)));
}

// Given up: the program ends and the sink is broken or slow.
enum class Outcome { kWritten, kUnwritable, kGivenUp };

}  // namespace

struct LogWriter::State {
  State(Options o, std::unique_ptr<Sink> s)
      : options(std::move(o)), sink(std::move(s)), queue(options.limits) {}

  // The thread.
  void Run();
  Outcome Deliver(Lock& lock, const Event& event);
  // False if it was given up.
  bool DeliverItem(Lock& lock, const EventQueue::Item& item);
  void ReopenSink(Lock& lock);
  void Note(const absl::Status& status);
  Event Report(LogLevel level, absl::string_view name, absl::string_view text,
               std::initializer_list<Field> fields = {}) const {
    return MakeEvent(options.source, level, options.clock(), name, text, fields);
  }

  const Options options;
  const std::unique_ptr<Sink> sink;  // Used by the thread alone, without the mutex.

  mutable std::mutex mutex;  // Guards all below; never held while the sink works.
  std::condition_variable wake;
  std::condition_variable progress;
  EventQueue queue;
  std::deque<EventPtr> recent;
  uint64_t accepted = 0;  // Events that entered the queue,
  uint64_t handled = 0;   // and those of them that left the writer.
  uint64_t drops_reported = 0;
  std::optional<Event> reopen_report;
  LogStatistics statistics;
  bool reopen = false;
  bool stop = false;     // Write what is queued, but do not wait for a broken sink.
  bool abandon = false;  // Write nothing more.
  bool finished = false;
};

void LogWriter::State::Run() {
  Lock lock(mutex);
  while (!abandon) {
    wake.wait(lock, [this] { return stop || reopen || reopen_report || queue.HasWork(); });
    if (reopen) ReopenSink(lock);
    if (reopen_report.has_value()) {
      const Event report = *std::exchange(reopen_report, std::nullopt);
      if (Deliver(lock, report) == Outcome::kGivenUp) break;
    } else if (queue.HasWork()) {
      if (!DeliverItem(lock, queue.Pop())) break;
      progress.notify_all();
    } else {
      break;  // Told to stop, and nothing left.
    }
  }
  finished = true;
  progress.notify_all();
}

bool LogWriter::State::DeliverItem(Lock& lock, const EventQueue::Item& item) {
  if (item.dropped_before > 0) {
    const Event report = Report(LogLevel::kWarning, "messages_dropped",
                                absl::StrCat("[Dropped ", item.dropped_before, " log messages]"),
                                {{"count", item.dropped_before}});
    if (Deliver(lock, report) == Outcome::kGivenUp) return false;
    drops_reported += item.dropped_before;
  }
  if (item.event == nullptr) return true;
  const Outcome outcome = Deliver(lock, *item.event);
  if (outcome == Outcome::kGivenUp) return false;
  if (outcome == Outcome::kWritten) ++statistics.written;
  if (outcome == Outcome::kUnwritable) queue.CountDrop();
  ++handled;
  return true;
}

Outcome LogWriter::State::Deliver(Lock& lock, const Event& event) {
  absl::Duration pause = options.retry_min;
  while (!abandon) {
    lock.unlock();
    const absl::Status status = sink->Write(event);
    lock.lock();
    Note(status);
    if (status.ok()) return Outcome::kWritten;
    if (absl::IsInvalidArgument(status)) return Outcome::kUnwritable;
    if (stop) return Outcome::kGivenUp;
    if (!absl::IsDeadlineExceeded(status)) {
      wake.wait_for(lock, WaitTime(pause), [this] { return stop || reopen; });
      pause = std::min(2 * pause, options.retry_max);
    }
    if (reopen) ReopenSink(lock);
  }
  return Outcome::kGivenUp;
}

void LogWriter::State::ReopenSink(Lock& lock) {
  reopen = false;
  lock.unlock();
  const absl::Status status = sink->Reopen();
  lock.lock();
  if (status.ok()) {
    reopen_report = Report(LogLevel::kNotice, "logs_reopened", "Reopened logs");
  } else {
    Note(status);
    reopen_report = Report(LogLevel::kError, "logs_not_reopened",
                           absl::StrCat("Failed to reopen logs: ", status.message()));
  }
}

void LogWriter::State::Note(const absl::Status& status) {
  statistics.is_failing = !status.ok();
  if (status.ok()) return;
  statistics.last_error = status;
  statistics.last_error_time = options.clock();
}

LogWriter::LogWriter(Options options, std::unique_ptr<Sink> sink)
    : state_(std::make_shared<State>(std::move(options), std::move(sink))) {
  // Signals are for the program's own threads; a new thread inherits the mask.
  sigset_t all, before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([state = state_] { state->Run(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

LogWriter::~LogWriter() {
  bool finished = false;
  {
    Lock lock(state_->mutex);
    state_->stop = true;
    state_->wake.notify_all();
    finished = state_->progress.wait_for(lock, WaitTime(state_->options.exit_wait),
                                         [this] { return state_->finished; });
    state_->abandon = true;
  }
  if (finished) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

void LogWriter::Add(EventPtr event) {
  {
    Lock lock(state_->mutex);
    state_->recent.push_back(event);
    if (state_->recent.size() > state_->options.recent_max) state_->recent.pop_front();
    if (!state_->queue.Push(std::move(event))) return;
    ++state_->accepted;
  }
  state_->wake.notify_one();
}

void LogWriter::Reopen() {
  {
    Lock lock(state_->mutex);
    state_->reopen = true;
  }
  state_->wake.notify_one();
}

absl::Status LogWriter::Flush(absl::Duration timeout) {
  Lock lock(state_->mutex);
  const uint64_t handled_target = state_->accepted;
  const uint64_t drops_target = state_->queue.dropped();
  const bool is_done =
      state_->progress.wait_for(lock, WaitTime(timeout), [this, handled_target, drops_target] {
        return state_->handled >= handled_target && state_->drops_reported >= drops_target;
      });
  if (is_done) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("cannot write ", handled_target - state_->handled, " log messages within ",
                   absl::FormatDuration(timeout), ": ",
                   state_->statistics.last_error.ok() ? "the log destination does not read"
                                                      : state_->statistics.last_error.message()));
}

LogStatistics LogWriter::statistics() const {
  Lock lock(state_->mutex);
  LogStatistics statistics = state_->statistics;
  statistics.dropped = state_->queue.dropped();
  statistics.queued = state_->accepted - state_->handled;
  return statistics;
}

std::vector<EventPtr> LogWriter::Recent() const {
  Lock lock(state_->mutex);
  return {state_->recent.begin(), state_->recent.end()};
}

}  // namespace ctdb::logging
