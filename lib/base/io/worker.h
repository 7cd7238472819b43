// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// worker: a thread, or a few, that do what an event loop must not wait for: syncing a file, running
// a command, reading a directory. A single thread does one piece of work after the other.
//
//   Ownership:  owns its threads; the work owns what it captures.
//   Threading:  Run() on the event loop whose promise it returns; several loops may use one worker.
//   Errors:     ResourceExhausted, through the promise, when kQueueMax pieces of work wait.
//   Blocking:   the destructor waits for the pieces of work under way; what waits is dropped, and
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
#include <vector>

namespace ctdb {

class Worker {
 public:
  static constexpr size_t kQueueMax = 1000;

  struct Options {
    size_t threads = 1;
    // As of nice(1): who works in the background gets what processors others leave.
    int nice = 0;
  };

  Worker() : Worker(Options{.threads = 1, .nice = 0}) {}
  explicit Worker(const Options& options);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // `work` runs on a thread of the worker; its result arrives on the caller's event loop.
  template <typename Function, typename Result = std::invoke_result_t<Function>>
  kj::Promise<Result> Run(Function work) {
    auto pair = kj::newPromiseAndCrossThreadFulfiller<Result>();
    auto fulfiller = std::make_shared<decltype(pair.fulfiller)>(kj::mv(pair.fulfiller));
    const bool is_queued =
        Do([work = std::move(work), fulfiller]() mutable { (*fulfiller)->fulfill(work()); });
    if (!is_queued) {
      (*fulfiller)
          ->reject(kj::Exception(kj::Exception::Type::OVERLOADED, __FILE__, __LINE__,
                                 kj::str("too much work waits for a helper thread")));
    }
    return kj::mv(pair.promise);
  }

  // The same without a result. False: too much waits already.
  bool Do(std::function<void()> work);

 private:
  void Loop(int nice);

  std::mutex mutex_;
  std::condition_variable has_work_;
  std::deque<std::function<void()>> queue_;
  bool is_ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace ctdb

#endif  // LIB_BASE_IO_WORKER_H_
