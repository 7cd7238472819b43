// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// interrupt: Ctrl-C as a question that waits ask, so that everything is cleaned up on the way out.
//
//   Ownership:  the handlers of SIGINT, SIGTERM and SIGHUP.
//   Threading:  any thread may ask.
//   Errors:     none.
//   Blocking:   never; a signal ends a system call that waits (EINTR).
//   Limits:     none.

#ifndef TESTS_BENCH_CTDB_BENCH_INTERRUPT_H_
#define TESTS_BENCH_CTDB_BENCH_INTERRUPT_H_

namespace ctdb::bench {

void CatchInterrupts();
// In a child: signals end it again.
void RestoreInterrupts();
bool WasInterrupted();

}  // namespace ctdb::bench

#endif  // TESTS_BENCH_CTDB_BENCH_INTERRUPT_H_
