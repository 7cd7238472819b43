// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// ctdb_mutex_fcntl_helper: holds the cluster lock for ctdbd, as a record lock on a file.

#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "lib/cluster/io/lock_file.h"
#include "lib/cluster/io/lock_holder.h"
#include "lib/cluster/lock_helper_arguments.h"

namespace {

using ctdb::cluster::LockHelperExit;

// Unbuffered: the one character has no line break that would push it out.
void Answer(char answer) {
  // Nobody there to hear it: HoldLock() notices.
  [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, &answer, 1);
}

void Complain(absl::string_view what) {
  const std::string line = "ctdb_mutex_fcntl_helper: " + std::string(what) + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

LockHelperExit Run(const ctdb::cluster::LockHelperArguments& arguments, pid_t parent) {
  if (!ctdb::cluster::PrepareLockHelper(parent)) return LockHelperExit::kParentGone;
  const auto lock = ctdb::cluster::LockFile::Take(arguments.file);
  if (absl::IsAborted(lock.status())) {
    Answer('1');
    return LockHelperExit::kContended;
  }
  if (!lock.ok()) {
    Complain(lock.status().message());
    Answer('3');
    return LockHelperExit::kFailed;
  }
  Answer('0');
  const absl::Status why = ctdb::cluster::HoldLock({.parent = parent,
                                                    .recheck_interval = arguments.recheck_interval,
                                                    .ping_timeout = arguments.ping_timeout},
                                                   [&lock] { return lock->Check(); });
  if (!why.ok()) Complain("the lock is lost: " + std::string(why.message()));
  // Tells the daemon even if the kernel needs long to close the file. No destructor does it first.
  ::close(STDOUT_FILENO);
  ::_exit(static_cast<int>(why.ok() ? LockHelperExit::kParentGone : LockHelperExit::kLost));
}

}  // namespace

int main(int argc, char** argv) {
  const pid_t parent = ::getppid();
  const auto arguments =
      ctdb::cluster::ParseLockHelperArguments(std::vector<std::string>(argv + 1, argv + argc));
  if (!arguments.ok()) {
    Complain(arguments.status().message());
    std::fputs(ctdb::cluster::LockHelperUsage().c_str(), stderr);
    Answer('3');
    return static_cast<int>(LockHelperExit::kWrongUse);
  }
  if (arguments->help) {
    std::fputs(ctdb::cluster::LockHelperUsage().c_str(), stdout);
    return static_cast<int>(LockHelperExit::kParentGone);
  }
  return static_cast<int>(Run(*arguments, parent));
}
