// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/base/io/worker.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

namespace ctdb {

Worker::Worker(const Options& options) {
  for (size_t i = 0; i < options.threads; ++i) {
    threads_.emplace_back([this, nice = options.nice] { Loop(nice); });
  }
}

Worker::~Worker() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    is_ending_ = true;
    queue_.clear();
  }
  has_work_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Worker::Do(std::function<void()> work) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (queue_.size() >= kQueueMax) return false;
    queue_.push_back(std::move(work));
  }
  has_work_.notify_one();
  return true;
}

void Worker::Loop(int nice) {
  ::pthread_setname_np(::pthread_self(), "ctdb-worker");  // For "top -H" and debuggers.
  // Of this thread alone, in Linux. Without it the work is done all the same.
  if (nice != 0) ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice);
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
