// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// captured_log: a logger whose lines a test can look at.
//
//   Ownership:  owns the lines; its loggers may outlive it.
//   Threading:  thread-safe.
//   Errors:     none.
//   Blocking:   until everything logged so far is there.
//   Limits:     memory.

#ifndef TESTS_TESTING_CAPTURED_LOG_H_
#define TESTS_TESTING_CAPTURED_LOG_H_

#include <memory>
#include <string>

#include "lib/logging/logger.h"

namespace ctdb::test {

class CapturedLog {
 public:
  CapturedLog();

  logging::Logger logger() const { return logger_; }

  // All lines so far.
  std::string text();
  bool Contains(const std::string& part) { return Count(part) > 0; }
  // Lines that contain `part`.
  int Count(const std::string& part);

 private:
  struct Lines;
  std::shared_ptr<Lines> lines_;
  logging::Logger logger_;
};

}  // namespace ctdb::test

#endif  // TESTS_TESTING_CAPTURED_LOG_H_
