// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/io/surroundings.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "lib/base/status_macros.h"
#include "lib/config/io/environment.h"

namespace ctdb::cli {
namespace {

std::optional<std::string> Variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

volatile sig_atomic_t is_interrupted = 0;

void OnInterrupt(int) { is_interrupted = 1; }

}  // namespace

absl::StatusOr<Environment> ReadSurroundings() {
  Environment environment;
  CTDB_ASSIGN_OR_RETURN(environment.paths, config::PathsFromEnvironment());
  environment.timeout = Variable("CTDB_TIMEOUT");
  environment.ctdbd = Variable("CTDBD");
  environment.no_colour = !Variable("NO_COLOR").value_or("").empty();
  environment.is_terminal = ::isatty(STDOUT_FILENO) == 1;
  environment.error_is_terminal = ::isatty(STDERR_FILENO) == 1;
  environment.zone = absl::LocalTimeZone();
  std::error_code error;  // Without these only local clusters are harder to use.
  environment.program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  environment.working_directory = std::filesystem::current_path(error).string();
  return environment;
}

void StandardTerminal::Out(absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void StandardTerminal::Err(absl::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void StandardTerminal::CatchInterrupt() {
  struct sigaction action = {};
  action.sa_handler = OnInterrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  // Who cleans up after Ctrl-C also does so when a file may not become larger.
  ::signal(SIGXFSZ, SIG_IGN);
}

bool StandardTerminal::interrupted() { return is_interrupted != 0; }

}  // namespace ctdb::cli
