// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/interrupt.h"

#include <csignal>
#include <initializer_list>

namespace ctdb::bench {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void OnSignal(int) { interrupted = 1; }

void Handle(void (*handler)(int)) {
  struct sigaction action = {};
  action.sa_handler = handler;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
}

}  // namespace

void CatchInterrupts() { Handle(OnSignal); }
void RestoreInterrupts() { Handle(SIG_DFL); }
bool WasInterrupted() { return interrupted != 0; }

}  // namespace ctdb::bench
