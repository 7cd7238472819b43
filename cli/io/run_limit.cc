// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/io/run_limit.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>

namespace ctdb::cli {
namespace {

void OnAlarm(int) {
  constexpr char kText[] = "Maximum runtime exceeded - exiting\n";
  // Nothing but system calls is safe here; there is no remedy when the write fails.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, kText, sizeof(kText) - 1);
  ::signal(SIGTERM, SIG_IGN);
  ::kill(0, SIGTERM);
  ::_exit(1);
}

}  // namespace

void LimitRunTime(absl::Duration time) {
  if (time == absl::InfiniteDuration()) return;
  struct sigaction action = {};
  action.sa_handler = OnAlarm;
  ::sigaction(SIGALRM, &action, nullptr);
  ::alarm(static_cast<unsigned int>(std::max<int64_t>(1, absl::ToInt64Seconds(time))));
}

}  // namespace ctdb::cli
