// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/local/io/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli::local {
namespace {

constexpr size_t kStatBytesMax = 4096;

// Variables of this program's own daemon, if it has one, must not reach a node's.
bool IsForeign(absl::string_view name) {
  static const std::set<absl::string_view> names = {
      "CTDB_SOCKET",   "CTDB_TRANSPORT_SOCKET", "CTDB_SCRIPT_VARDIR", "CTDB_TIMEOUT",
      "NOTIFY_SOCKET", "WATCHDOG_USEC",         "WATCHDOG_PID"};
  return names.count(name) > 0;
}

std::vector<std::string> MakeEnvironment(const EnvironmentVariables& variables) {
  std::set<absl::string_view> replaced;
  std::vector<std::string> result;
  for (const auto& [name, value] : variables) {
    replaced.insert(name);
    result.push_back(absl::StrCat(name, "=", value));
  }
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const absl::string_view text = *entry;
    const absl::string_view name = text.substr(0, text.find('='));
    if (replaced.count(name) == 0 && !IsForeign(name)) result.push_back(std::string(text));
  }
  return result;
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

int ExitStatusOf(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

// `output_file` "": the program shares this one's input, output and session.
absl::StatusOr<int> Spawn(const std::vector<std::string>& words,
                          const EnvironmentVariables& variables, const std::string& output_file) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  sigset_t nothing;
  sigset_t everything;
  sigemptyset(&nothing);
  sigfillset(&everything);
  posix_spawnattr_setsigmask(&attributes, &nothing);
  posix_spawnattr_setsigdefault(&attributes, &everything);
  short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
  if (!output_file.empty()) {
    flags |= POSIX_SPAWN_SETSID;
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, output_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
  }
  posix_spawnattr_setflags(&attributes, flags);
  const std::vector<std::string> environment = MakeEnvironment(variables);
  pid_t pid = 0;
  const int error = ::posix_spawnp(&pid, words[0].c_str(), &actions, &attributes,
                                   Pointers(words).data(), Pointers(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return ErrnoStatus(error, "run", words[0]);
  return pid;
}

}  // namespace

std::optional<ProcessStat> StatProcess(int pid) {
  const auto text = ReadFile(absl::StrCat("/proc/", pid, "/stat"), kStatBytesMax);
  if (!text.ok()) return std::nullopt;
  const std::optional<ProcessStat> stat = ParseProcessStat(*text);
  if (stat.has_value() && (stat->state == 'Z' || stat->state == 'X')) return std::nullopt;
  return stat;
}

bool IsRunning(const ProcessIdentity& identity) {
  const std::optional<ProcessStat> stat = StatProcess(identity.pid);
  return stat.has_value() && stat->identity == identity;
}

absl::StatusOr<int> StartProgram(const std::vector<std::string>& words,
                                 const EnvironmentVariables& variables,
                                 const std::string& output_file) {
  return Spawn(words, variables, output_file);
}

std::optional<int> CollectChild(int pid) {
  int wait_status = 0;
  if (::waitpid(pid, &wait_status, WNOHANG) != pid) return std::nullopt;
  return ExitStatusOf(wait_status);
}

absl::StatusOr<int> RunProgram(const std::vector<std::string>& words,
                               const EnvironmentVariables& variables) {
  CTDB_ASSIGN_OR_RETURN(const int pid, Spawn(words, variables, ""));
  int wait_status = 0;
  while (::waitpid(pid, &wait_status, 0) < 0) {
    if (errno != EINTR) return ErrnoStatus(errno, "wait for", words[0]);
  }
  return ExitStatusOf(wait_status);
}

void SignalProcess(const ProcessIdentity& identity, int signal, Receiver receiver) {
  // A pid that was reused must not be hit.
  if (!IsRunning(identity)) return;
  const bool to_group = receiver == Receiver::kGroup && ::getpgid(identity.pid) == identity.pid;
  ::kill(to_group ? -identity.pid : identity.pid, signal);
}

}  // namespace ctdb::cli::local
