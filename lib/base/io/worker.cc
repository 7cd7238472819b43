// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/worker.h"

#include <pthread.h>

#if defined(__SANITIZE_THREAD__)
// ThreadSanitizer does not see the mutex with which KJ hands results from thread to thread:
// Debian's libkj-async is not built for it.
extern "C" const char* __tsan_default_suppressions() {  // NOLINT: the name is the sanitizer's.
  return "race:kj::_::XThreadPafImpl\nrace:kj::_::XThreadFulfiller\n";
}
#endif

namespace ctdb {

Worker::Worker() : thread_([this] { Loop(); }) {}

Worker::~Worker() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    is_ending_ = true;
    queue_.clear();
  }
  has_work_.notify_one();
  thread_.join();
}

bool Worker::Queue(std::function<void()> work) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (queue_.size() >= kQueueMax) return false;
    queue_.push_back(std::move(work));
  }
  has_work_.notify_one();
  return true;
}

void Worker::Loop() {
  ::pthread_setname_np(::pthread_self(), "ctdb-worker");  // For "top -H" and debuggers.
  while (true) {
    std::function<void()> work;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      has_work_.wait(lock, [this] { return is_ending_ || !queue_.empty(); });
      if (is_ending_) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace ctdb
