// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// testing: a fixed event, a sink with a gate, and receivers, for the tests of this folder.
//
//   Ownership:  GatedSink shares its state with the test, receivers own their sockets.
//   Threading:  GatedSink::Control is thread-safe, the rest is not.
//   Errors:     socket trouble ends the test program.
//   Blocking:   GatedSink::Write() until the gate opens; receivers until their deadline.
//   Limits:     none.

#ifndef TESTS_LOGGING_TESTING_H_
#define TESTS_LOGGING_TESTING_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "lib/base/io/unique_fd.h"
#include "lib/logging/event.h"
#include "lib/logging/logger.h"
#include "lib/logging/sink.h"

namespace ctdb::logging {

// Every wait of these tests ends here at the latest.
inline constexpr absl::Duration kTestDeadline = absl::Seconds(30);

// 2031-05-04T08:11:12.000345 UTC.
absl::Time TestTime();
// Two hours east of Greenwich.
absl::TimeZone TestZone();
// "text" of ctdbd[812] at TestTime().
Event TestEvent(LogLevel level, absl::string_view text, absl::string_view name = "",
                std::initializer_list<Field> fields = {});
Logger::Options TestOptions();

std::string TestPath(const std::string& name);
// Relative to the directory that this makes the current one: TEST_TMPDIR is longer than the paths
// of sockets may be.
std::string TestSocketPath(const std::string& name);

// Polls until `condition` holds; false after kTestDeadline.
bool Eventually(const std::function<bool()>& condition);

// Logs "message <i>" from two threads, `count` in all, and returns when all calls have returned.
void LogFromTwoThreads(const Logger& logger, int count);

// The sum of N over all "[Dropped N log messages]", and how many other lines there are.
struct LineCount {
  uint64_t dropped = 0;
  uint64_t others = 0;
};
LineCount CountLines(const std::vector<std::string>& lines);

// A sink that does what its control says and remembers the texts of all events that it took.
class GatedSink : public Sink {
 public:
  struct Control {
    void SetOpen(bool is_open);           // Closed: Write() blocks.
    void SetStatus(absl::Status status);  // What Write() returns once the gate is open.
    void SetReopenStatus(absl::Status status);
    std::vector<std::string> texts() const;
    // True once Write() is blocked.
    bool WaitUntilBlocked();

    mutable std::mutex mutex;
    std::condition_variable changed;
    bool is_open = true;
    bool is_blocked = false;
    absl::Status status;
    absl::Status reopen_status;
    std::vector<std::string> written;
  };

  explicit GatedSink(std::shared_ptr<Control> control) : control_(std::move(control)) {}
  absl::Status Write(const Event& event) override;
  absl::Status Reopen() override;

 private:
  std::shared_ptr<Control> control_;
};

// The receiving end of a datagram sink.
class Receiver {
 public:
  static Receiver Unix(const std::string& path);
  static Receiver Udp(uint16_t port = 0);

  uint16_t port() const;
  // The next datagram, or "(nothing)" after kTestDeadline.
  std::string Receive();

 private:
  explicit Receiver(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace ctdb::logging

#endif  // TESTS_LOGGING_TESTING_H_
