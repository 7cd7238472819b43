// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// free_port: a TCP port that no test on this machine uses at the moment on 127.0.0.1 to 127.0.0.9.
//
//   Ownership:  none.
//   Threading:  thread-safe.
//   Errors:     aborts the test when there is none.
//   Blocking:   never.
//   Limits:     the port may be taken again before it is used; it is drawn outside the range that
//               the kernel gives to outgoing connections.

#ifndef TESTS_TESTING_FREE_PORT_H_
#define TESTS_TESTING_FREE_PORT_H_

#include <cstdint>

namespace ctdb::test {

uint16_t FreePort();

}  // namespace ctdb::test

#endif  // TESTS_TESTING_FREE_PORT_H_
