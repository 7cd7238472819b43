// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// worker: a thread that does what an event loop must not wait for, one piece of work after the
// other: syncing a file, running a command, reading a directory.
//
//   Ownership:  owns its thread; the work owns what it captures.
//   Threading:  Run() on the event loop whose promise it returns; several loops may use one worker.
//   Errors:     ResourceExhausted, through the promise, when kQueueMax pieces of work wait.
//   Blocking:   the destructor waits for the piece of work under way; what waits is dropped, and
//               its promises are broken.
//   Limits:     kQueueMax.
//
// Example:
//   worker.Run([path, text] { return WriteFileAtomically(path, text); })
//       .then([](absl::Status status) { ... });

#ifndef LIB_BASE_IO_WORKER_H_
#define LIB_BASE_IO_WORKER_H_

#include <kj/async.h>
#include <kj/exception.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>

namespace ctdb {

class Worker {
 public:
  static constexpr size_t kQueueMax = 1000;

  Worker();
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // `work` runs on the worker's thread; its result arrives on the caller's event loop.
  template <typename Function, typename Result = std::invoke_result_t<Function>>
  kj::Promise<Result> Run(Function work) {
    auto pair = kj::newPromiseAndCrossThreadFulfiller<Result>();
    auto fulfiller = std::make_shared<decltype(pair.fulfiller)>(kj::mv(pair.fulfiller));
    const bool is_queued =
        Queue([work = std::move(work), fulfiller]() mutable { (*fulfiller)->fulfill(work()); });
    if (!is_queued) {
      (*fulfiller)
          ->reject(kj::Exception(kj::Exception::Type::OVERLOADED, __FILE__, __LINE__,
                                 kj::str("too much work waits for a helper thread")));
    }
    return kj::mv(pair.promise);
  }

 private:
  bool Queue(std::function<void()> work);
  void Loop();

  std::mutex mutex_;
  std::condition_variable has_work_;
  std::deque<std::function<void()>> queue_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace ctdb

#endif  // LIB_BASE_IO_WORKER_H_
