// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/cluster/lock_helper_arguments.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/cluster/lock_setting.h"

namespace ctdb::cluster {
namespace {

absl::StatusOr<absl::Duration> ParseSeconds(absl::string_view name, const std::string& text) {
  int seconds = 0;
  if (!absl::SimpleAtoi(text, &seconds) || seconds < 0 || seconds > kSecondsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " \"", text, "\" is not a number of seconds from 0 to ", kSecondsMax));
  }
  return absl::Seconds(seconds);
}

}  // namespace

absl::StatusOr<LockHelperArguments> ParseLockHelperArguments(
    const std::vector<std::string>& arguments) {
  LockHelperArguments parsed;
  for (const std::string& argument : arguments) {
    if (argument == "--help" || argument == "-h") {
      parsed.help = true;
      return parsed;
    }
  }
  if (arguments.empty() || arguments[0].empty()) {
    return absl::InvalidArgumentError("FILE is missing");
  }
  if (arguments.size() > 3) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", arguments[3], "\" is one argument too many"));
  }
  parsed.file = arguments[0];
  if (arguments.size() > 1) {
    CTDB_ASSIGN_OR_RETURN(parsed.recheck_interval, ParseSeconds("RECHECK_INTERVAL", arguments[1]));
  }
  if (arguments.size() > 2) {
    CTDB_ASSIGN_OR_RETURN(parsed.ping_timeout, ParseSeconds("PING_TIMEOUT", arguments[2]));
  }
  return parsed;
}

std::string LockHelperUsage() {
  return absl::StrCat("Usage: ", kLockHelperName, " FILE [RECHECK_INTERVAL [PING_TIMEOUT]]\n",
                      R"(
Takes the cluster lock, a record lock on the first byte of FILE, and holds it until it gets
SIGTERM, or its parent or the reader of its standard output is gone. Never waits for the lock.

  FILE              on the cluster file system; made when it is missing
  RECHECK_INTERVAL  seconds between two looks whether FILE is still the locked one, and locked;
                    default 1, 0: never
  PING_TIMEOUT      seconds that a look may take before the lock counts as lost; default 10,
                    0: for ever

Prints one character: 0 taken, 1 held by another, 3 error. Exit codes:

  0  the parent is gone    1  held by another    2  wrong use    3  error    4  lost

Run by ctdbd for "cluster lock = FILE". With other times:
  cluster lock = !/usr/libexec/ctdb/)",
                      kLockHelperName, " FILE 5 30\n");
}

}  // namespace ctdb::cluster
