// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/workers.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <new>
#include <string>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "tests/bench/ctdb_bench/interrupt.h"

namespace ctdb::bench {

// Each on cache lines of its own.
struct alignas(128) WorkerSlot {
  std::atomic<uint64_t> count;
  std::atomic<bool> is_ready;
  std::atomic<int> error_code;  // An absl::StatusCode.
  char error[1000];
  uint32_t sample_count;
  uint32_t samples[kSamplesMax];  // Nanoseconds; pages that are not used cost nothing.
};

struct SharedState {
  alignas(128) std::atomic<bool> has_started;
  std::atomic<bool> is_over;
  alignas(128) std::atomic<uint64_t> common;
};

namespace {

constexpr absl::Duration kPollEvery = absl::Microseconds(200);
// Until all are ready, and again until all have ended. Without a time they may prepare a database.
constexpr absl::Duration kTimedPatience = absl::Minutes(2);
constexpr absl::Duration kUntimedPatience = absl::Minutes(30);

void Pause(absl::Duration time) {
  ::usleep(static_cast<useconds_t>(absl::ToInt64Microseconds(time)));
}

// Memory that children share, zeroed.
template <typename T>
class SharedArray {
 public:
  explicit SharedArray(int count)
      : bytes_(sizeof(T) * static_cast<size_t>(count)),
        items_(static_cast<T*>(::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))) {
    if (items_ == MAP_FAILED) throw std::bad_alloc();
  }
  ~SharedArray() { ::munmap(items_, bytes_); }
  SharedArray(const SharedArray&) = delete;
  SharedArray& operator=(const SharedArray&) = delete;
  T& operator[](int index) { return items_[index]; }

 private:
  const size_t bytes_;
  T* const items_;
};

[[noreturn]] void RunChild(pid_t parent, int index, SharedState& shared, WorkerSlot& slot,
                           const WorkerBody& body) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) std::_Exit(1);
  RestoreInterrupts();
  Worker worker(index, shared, slot);
  const absl::Status status = body(worker);
  if (!status.ok()) {
    std::snprintf(slot.error, sizeof(slot.error), "%s", std::string(status.message()).c_str());
    slot.error_code = static_cast<int>(status.code());
  }
  // Without destructors: what the coordinator owns is not this process's to clean up.
  std::_Exit(status.ok() ? 0 : 1);
}

class Run {
 public:
  Run(int count, const WorkerBody& body) : shared_(1), slots_(count), children_(count, 0) {
    const pid_t self = ::getpid();
    for (int i = 0; i < count && !has_failed_; ++i) {
      const pid_t child = ::fork();
      if (child == 0) RunChild(self, i, shared_[0], slots_[i], body);
      has_failed_ = child < 0;
      if (child > 0) children_[i] = child;
    }
  }
  ~Run() {
    for (const pid_t child : children_) {
      if (child == 0) continue;
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
  }

  absl::Status Start(absl::Duration patience) {
    if (has_failed_) return absl::ResourceExhaustedError("cannot start a process for each worker");
    const int64_t deadline = NowNanos() + absl::ToInt64Nanoseconds(patience);
    const auto is_ready = [this] {
      for (size_t i = 0; i < children_.size(); ++i) {
        if (children_[i] != 0 && !slots_[static_cast<int>(i)].is_ready) return false;
      }
      return true;
    };
    while (!is_ready()) {
      CTDB_RETURN_IF_ERROR(CollectEnded());
      if (NowNanos() > deadline) return absl::DeadlineExceededError("workers do not get ready");
      Pause(kPollEvery);
    }
    begin_ = NowNanos();
    shared_[0].has_started = true;
    return absl::OkStatus();
  }
  absl::Status Pass(absl::Duration time) {
    const int64_t end = begin_ + absl::ToInt64Nanoseconds(time);
    for (int64_t now = NowNanos(); now < end; now = NowNanos()) {
      CTDB_RETURN_IF_ERROR(CollectEnded());
      Pause(std::min(absl::Nanoseconds(end - now), absl::Milliseconds(5)));
    }
    shared_[0].is_over = true;
    end_ = NowNanos();
    return absl::OkStatus();
  }
  absl::Status AwaitEnd(absl::Duration patience) {
    const int64_t deadline = NowNanos() + absl::ToInt64Nanoseconds(patience);
    while (running() > 0) {
      CTDB_RETURN_IF_ERROR(CollectEnded());
      if (NowNanos() > deadline) {
        return absl::DeadlineExceededError(absl::StrCat(running(), " workers do not end"));
      }
      Pause(kPollEvery);
    }
    if (end_ == 0) end_ = NowNanos();
    return absl::OkStatus();
  }
  RunResult Result() {
    RunResult result;
    result.seconds = static_cast<double>(end_ - begin_) * 1e-9;
    for (size_t i = 0; i < children_.size(); ++i) {
      WorkerSlot& slot = slots_[static_cast<int>(i)];
      result.counts.push_back(slot.count);
      result.total += slot.count;
      for (uint32_t k = 0; k < slot.sample_count; ++k) {
        result.micros.push_back(slot.samples[k] * 1e-3);
      }
    }
    std::sort(result.micros.begin(), result.micros.end());
    return result;
  }

 private:
  size_t running() const {
    return children_.size() -
           static_cast<size_t>(std::count(children_.begin(), children_.end(), 0));
  }
  // Notes which workers have ended, and says what is wrong with them.
  absl::Status CollectEnded() {
    absl::Status result;
    for (size_t i = 0; i < children_.size(); ++i) {
      int status = 0;
      if (children_[i] == 0 || ::waitpid(children_[i], &status, WNOHANG) == 0) continue;
      children_[i] = 0;
      if (status == 0) continue;
      const WorkerSlot& slot = slots_[static_cast<int>(i)];
      const std::string why = slot.error_code != 0 ? slot.error
                              : WIFSIGNALED(status)
                                  ? absl::StrCat("ended by signal ", WTERMSIG(status))
                                  : "ended without a reason";
      result.Update(absl::Status(slot.error_code != 0
                                     ? static_cast<absl::StatusCode>(slot.error_code.load())
                                     : absl::StatusCode::kInternal,
                                 absl::StrCat("worker ", i, ": ", why)));
    }
    // A worker that Ctrl-C ended is not what is wrong.
    if (WasInterrupted()) return absl::CancelledError("interrupted");
    return result;
  }

  SharedArray<SharedState> shared_;
  SharedArray<WorkerSlot> slots_;
  std::vector<pid_t> children_;  // 0: has ended.
  bool has_failed_ = false;
  int64_t begin_ = 0;
  int64_t end_ = 0;
};

}  // namespace

int64_t NowNanos() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

Worker::Worker(int index, SharedState& shared, WorkerSlot& slot)
    : index_(index), shared_(shared), slot_(slot), is_over_(shared.is_over), count_(slot.count) {}

void Worker::AwaitStart() {
  slot_.is_ready = true;
  while (!shared_.has_started) Pause(absl::Microseconds(50));
}

void Worker::AddSample(int64_t nanos) {
  if (slot_.sample_count == kSamplesMax) return;
  slot_.samples[slot_.sample_count++] = static_cast<uint32_t>(std::min<int64_t>(nanos, UINT32_MAX));
}

std::atomic<uint64_t>& Worker::common() { return shared_.common; }

double RunResult::Quantile(double share) const {
  if (micros.empty()) return 0;
  const auto index = static_cast<size_t>(share * static_cast<double>(micros.size()));
  return micros[std::min(index, micros.size() - 1)];
}

absl::StatusOr<RunResult> RunWorkers(int count, absl::Duration time, const WorkerBody& body) {
  std::fflush(nullptr);  // Or children would print it once more.
  const bool is_timed = time != absl::InfiniteDuration();
  const absl::Duration patience = is_timed ? kTimedPatience : kUntimedPatience;
  Run run(count, body);
  CTDB_RETURN_IF_ERROR(run.Start(patience));
  if (is_timed) CTDB_RETURN_IF_ERROR(run.Pass(time));
  CTDB_RETURN_IF_ERROR(run.AwaitEnd(patience));
  return run.Result();
}

absl::StatusOr<uint64_t> RunAlone(const WorkerBody& body) {
  CTDB_ASSIGN_OR_RETURN(const RunResult result, RunWorkers(1, absl::InfiniteDuration(), body));
  return result.total;
}

}  // namespace ctdb::bench
