// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// sink: where events end up. Implementations are in io/.
//
//   Ownership:  by its LogWriter.
//   Threading:  used by the writer's thread alone, on which all signals (so SIGPIPE) are blocked.
//   Errors:     of Write(), by what the writer shall do: see there. A sink never logs.
//   Blocking:   may, but should give up after kSinkWait where the system lets it.
//   Limits:     keeps at most one event.

#ifndef LIB_LOGGING_SINK_H_
#define LIB_LOGGING_SINK_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "lib/logging/event.h"

namespace ctdb::logging {

// How long a sink waits for a receiver that does not read, before it lets the writer look whether
// the program wants to end.
inline constexpr absl::Duration kSinkWait = absl::Milliseconds(100);

class Sink {
 public:
  // What the sink writes for an event.
  using Format = std::function<std::string(const Event&)>;

  virtual ~Sink() = default;

  // Writes one event.
  //   OK                it is written.
  //   InvalidArgument   it can never be written: do not offer it again.
  //   DeadlineExceeded  the receiver does not read: offer the same event again now.
  //   all others        the sink is broken: offer the same event again after a pause.
  // A refused event is the next one offered, so the sink may already have written a part of it.
  virtual absl::Status Write(const Event& event) = 0;

  // Starts anew: a file is opened again by its name, a socket connects again. After an error the
  // sink goes on with what it had.
  virtual absl::Status Reopen() = 0;
};

}  // namespace ctdb::logging

#endif  // LIB_LOGGING_SINK_H_
