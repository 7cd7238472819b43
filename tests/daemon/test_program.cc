// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The processes that the tests start. The first argument says what it does.

#include <dirent.h>
#include <fcntl.h>
#include <kj/async-io.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "lib/daemon/io/daemonize.h"
#include "lib/daemon/io/ready_notice.h"
#include "lib/daemon/io/signals.h"
#include "lib/daemon/io/supervisor_driver.h"

namespace ctdb::daemon {
namespace {

void Say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

void TellReady() {
  const char* fd_text = std::getenv(kReadyFdVariable);
  auto notice = ReadyNotice::Adopt(fd_text ? fd_text : "");
  if (!notice.ok() || !notice->Send().ok()) std::exit(99);
}

[[noreturn]] void WaitForEver() {
  while (true) ::pause();
}

// Ready, then orderly to the end.
int Serve() {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &stop, nullptr);
  Say(absl::StrCat("pid ", ::getpid()));
  TellReady();
  int signal = 0;
  ::sigwait(&stop, &signal);
  Say("bye");
  return 0;
}

int IgnoreStop() {
  ::signal(SIGTERM, SIG_IGN);
  Say(absl::StrCat("pid ", ::getpid()));
  TellReady();
  WaitForEver();
}

// Leaves a process of its own group behind.
int Abandon() {
  const pid_t pid = ::fork();
  if (pid == 0) WaitForEver();
  Say(absl::StrCat("pid ", pid));
  TellReady();
  WaitForEver();
}

int PrintWorld() {
  DIR* directory = ::opendir("/proc/self/fd");
  std::string fds;
  while (const dirent* entry = ::readdir(directory)) {
    int fd = -1;
    const bool is_fd = absl::SimpleAtoi(entry->d_name, &fd) && fd != ::dirfd(directory);
    if (is_fd) absl::StrAppend(&fds, fds.empty() ? "" : " ", fd);
  }
  ::closedir(directory);
  Say("fds " + fds);
  char byte = 0;
  Say(absl::StrCat("stdin ends: ", ::read(STDIN_FILENO, &byte, 1) == 0));
  Say(absl::StrCat("leads its group: ", ::getpgrp() == ::getpid()));
  sigset_t blocked;
  ::sigprocmask(SIG_BLOCK, nullptr, &blocked);
  struct sigaction pipe_action;
  ::sigaction(SIGPIPE, nullptr, &pipe_action);
  Say(absl::StrCat("signals are default: ",
                   !sigismember(&blocked, SIGTERM) && pipe_action.sa_handler == SIG_DFL));
  for (const char* name : {"COLOUR", "NOTIFY_SOCKET", "WATCHDOG_USEC"}) {
    const char* value = std::getenv(name);
    Say(absl::StrCat(name, "=", value ? value : "(none)"));
  }
  return 0;
}

// Supervises two children of the kind named, until SIGTERM.
class Host : public SupervisorDriver::Listener {
 public:
  void OnLine(absl::string_view, ChildProcess::Stream, absl::string_view line) override {
    Say(std::string(line));
  }
  void OnAlert(const Supervisor::Alert& alert) override { Say(alert.text); }

  int Run(const std::string& program, const std::string& mode) {
    if (!BlockSignals().ok()) return 99;
    kj::AsyncIoContext io = kj::setupAsyncIo();
    std::vector<SupervisorDriver::Child> children(2);
    for (size_t i = 0; i < children.size(); ++i) {
      children[i].spec.name = absl::StrCat("part", i);
      children[i].process.arguments = {program, mode};
    }
    SupervisorDriver driver(io.unixEventPort, children, {}, *this);
    auto signals =
        SignalSource::Create(io.unixEventPort, [&driver](SignalRequest) { driver.Stop(); });
    if (!signals.ok()) return 99;
    driver.Start();
    driver.WhenStopped().wait(io.waitScope);
    Say("stopped");
    return 0;
  }
};

// Goes to the background, then does `how`; a ready daemon writes its pid to `pid_path`.
int Daemonize(const std::string& how, const std::string& pid_path) {
  auto background = Background::Enter();
  if (!background.ok()) return 99;
  if (how == "fail") return background->ReportFailure(ExitCode::kPidFile, "no pid file for you");
  if (how == "crash") ::abort();
  if (how == "exit") return 3;
  if (!background->ReportReady().ok()) return 99;
  char directory[256] = "";
  const bool is_detached = ::getsid(0) == ::getpid() && ::getcwd(directory, sizeof(directory)) &&
                           std::string(directory) == "/";
  FILE* file = std::fopen(pid_path.c_str(), "w");
  std::fprintf(file, "%d %s\n", ::getpid(), is_detached ? "detached" : "attached");
  std::fclose(file);
  return 0;
}

int Main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const std::string argument = argc > 2 ? argv[2] : "";
  if (mode == "serve") return Serve();
  if (mode == "ignore-stop") return IgnoreStop();
  if (mode == "abandon") return Abandon();
  if (mode == "hang") WaitForEver();
  if (mode == "exit") return std::atoi(argument.c_str());
  if (mode == "world") return PrintWorld();
  if (mode == "host") return Host().Run(argv[0], argument);
  if (mode == "daemonize") return Daemonize(argument, argc > 3 ? argv[3] : "");
  if (mode == "print") {
    std::fputs(argument.c_str(), stdout);
    std::fputs("to stderr", stderr);
    return 0;
  }
  if (mode == "flood") {
    for (int i = 0; i < std::atoi(argument.c_str()); ++i) Say(absl::StrCat("line ", i));
    return 0;
  }
  return 98;
}

}  // namespace
}  // namespace ctdb::daemon

int main(int argc, char** argv) { return ctdb::daemon::Main(argc, argv); }
