// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// child_exit: how a child process ended, as a value and in words.
//
//   Ownership:  values.
//   Threading:  values.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   Describe(ChildExit{ChildExit::Kind::kSignalled, SIGKILL})  // "was killed by signal 9 (Killed)"

#ifndef LIB_DAEMON_CHILD_EXIT_H_
#define LIB_DAEMON_CHILD_EXIT_H_

#include <string>

namespace ctdb::daemon {

struct ChildExit {
  enum class Kind {
    kExited,      // value: exit code
    kSignalled,   // value: signal number
    kNotStarted,  // value: errno; no process, or the program could not be executed
  };
  Kind kind = Kind::kExited;
  int value = 0;

  friend bool operator==(const ChildExit&, const ChildExit&) = default;
};

// The predicate of a sentence whose subject is the child.
std::string Describe(const ChildExit& how);

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_CHILD_EXIT_H_
