// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/testing/local_node.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <random>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "lib/base/io/file.h"
#include "lib/transport/io/socket.h"

namespace ctdb::test {
namespace {

constexpr uint16_t kNodePort = 4379;
constexpr size_t kFileBytesMax = size_t{64} << 20;

std::string Contents(const std::string& path) { return ReadFile(path, kFileBytesMax).value_or(""); }

// Files in /proc have no size and are read as they come.
std::string ProcFile(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  char buffer[4096];
  for (ssize_t got; fd.is_open() && (got = ::read(fd.get(), buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<size_t>(got));
  }
  return text;
}

}  // namespace

std::string BuiltProgram(const std::string& program) {
  return absl::StrCat(std::getenv("TEST_SRCDIR"), "/", std::getenv("TEST_WORKSPACE"), "/", program);
}

LocalNodes::LocalNodes(int count, const Options& options) {
  std::string pattern = absl::StrCat(std::getenv("TEST_TMPDIR"), "/nodes.XXXXXX");
  directory_ = ::mkdtemp(pattern.data());
  ChooseAddresses(count);
  for (int node = 0; node < count; ++node) WriteNode(node, options);
}

LocalNodes::~LocalNodes() {
  for (const auto& [pid, ended] : children_) {
    if (!ended.has_value()) ::kill(pid, SIGKILL);
  }
  for (auto& [pid, ended] : children_) Wait(pid);
  // Daemons that went to the background are nobody's children.
  for (int node = 0; node < static_cast<int>(addresses_.size()); ++node) {
    for (const char* program : {"ctdbd", "transportd", "clusterd", "databased", "smbproxyd"}) {
      for (pid_t pid : ProcessesOf(node, program)) ::kill(pid, SIGKILL);
    }
  }
  (void)!std::system(absl::StrCat("rm -rf '", directory_, "'").c_str());
}

// All nodes listen on one well-known port, so that what differs is the address.
void LocalNodes::ChooseAddresses(int count) {
  std::random_device random;
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::string prefix = absl::StrCat("127.", 10 + random() % 200, ".", random() % 250, ".");
    addresses_.clear();
    for (int node = 0; node < count; ++node) addresses_.push_back(absl::StrCat(prefix, node + 1));
    if (ListenTcp(addresses_[0], kNodePort).ok()) return;
  }
  ADD_FAILURE() << "no loopback address is free";
}

void LocalNodes::WriteNode(int node, const Options& options) {
  const std::string directory = base(node);
  for (const char* part : {"run", "var/volatile", "var/persistent", "var/state"}) {
    ASSERT_TRUE(MakeDirectories(absl::StrCat(directory, "/", part)).ok());
  }
  ASSERT_TRUE(
      WriteFileAtomically(directory + "/nodes", absl::StrJoin(addresses_, "\n") + "\n").ok());
  const std::string config = absl::StrCat(
      "[logging]\nlocation = file:", directory, "/log.ctdb\nlog level = INFO\n",
      "[cluster]\nnode address = ", address(node),
      "\n[daemon]\nprocess model = ", options.process_model, "\n", options.more_config);
  ASSERT_TRUE(WriteFileAtomically(directory + "/ctdb.conf", config).ok());
}

std::string LocalNodes::base(int node) const { return absl::StrCat(directory_, "/node.", node); }
std::string LocalNodes::Log(int node) const { return Contents(base(node) + "/log.ctdb"); }
std::string LocalNodes::Output(int node) const { return Contents(base(node) + "/output"); }

pid_t LocalNodes::Start(int node, const std::string& program,
                        const std::vector<std::string>& arguments,
                        const std::map<std::string, std::string>& more) {
  const std::string path = BuiltProgram(program);
  const std::string output = base(node) + "/output";
  const pid_t pid = ::fork();
  if (pid != 0) {
    children_[pid] = std::nullopt;
    return pid;
  }
  const int fd = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(fd, 1);
  ::dup2(fd, 2);
  ::setenv("CTDB_TEST_MODE", "1", 1);
  ::setenv("CTDB_BASE", base(node).c_str(), 1);
  for (const auto& [name, value] : more) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> argv = {const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  ::execv(path.c_str(), argv.data());
  ::_exit(127);
}

int LocalNodes::Wait(pid_t pid) {
  Await([&] { return HasEnded(pid); });
  if (!children_[pid].has_value()) {
    ::kill(pid, SIGKILL);
    int status = 0;
    ::waitpid(pid, &status, 0);
    children_[pid] = -1;
  }
  return *children_[pid];
}

bool LocalNodes::HasEnded(pid_t pid) {
  std::optional<int>& ended = children_[pid];
  if (ended.has_value()) return true;
  int status = 0;
  if (::waitpid(pid, &status, WNOHANG) != pid) return false;
  ended = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

int LocalNodes::Run(int node, const std::string& program,
                    const std::vector<std::string>& arguments) {
  return Wait(Start(node, program, arguments));
}

pid_t LocalNodes::StartReady(int node) {
  const size_t before = Log(node).size();
  const pid_t pid = Start(node, "daemon/ctdbd", {"--foreground"});
  Await([&] {
    return HasEnded(pid) || absl::StrContains(Log(node).substr(before), "ctdbd is ready");
  });
  EXPECT_FALSE(HasEnded(pid)) << "ctdbd ended: " << Output(node) << Log(node);
  return pid;
}

bool LocalNodes::Await(const std::function<bool()>& condition, absl::Duration patience) {
  const absl::Time deadline = absl::Now() + patience;
  while (!condition()) {
    if (absl::Now() > deadline) {
      std::string logs;
      for (size_t node = 0; node < addresses_.size(); ++node) {
        absl::StrAppend(&logs, "node ", node, ":\n", Log(static_cast<int>(node)),
                        Output(static_cast<int>(node)));
      }
      ADD_FAILURE() << "did not happen within " << patience << "\n" << logs;
      return false;
    }
    ::usleep(2000);
  }
  return true;
}

std::vector<pid_t> LocalNodes::ProcessesOf(int node, const std::string& program) const {
  std::vector<pid_t> result;
  DIR* proc = ::opendir("/proc");
  while (const dirent* entry = ::readdir(proc)) {
    int pid = 0;
    if (!absl::SimpleAtoi(entry->d_name, &pid)) continue;
    const std::string directory = absl::StrCat("/proc/", pid);
    if (ProcFile(directory + "/comm") != program + "\n") continue;
    const std::string environment = ProcFile(directory + "/environ");
    const std::string wanted = absl::StrCat("CTDB_BASE=", base(node));
    if (absl::StrContains(environment, wanted + std::string(1, '\0'))) result.push_back(pid);
  }
  ::closedir(proc);
  return result;
}

}  // namespace ctdb::test
