// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// The real daemons, started as a service manager or an administrator would.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "capnp/master.capnp.h"
#include "capnp/transport.capnp.h"
#include "lib/base/io/file.h"
#include "lib/client/connection.h"
#include "lib/transport/io/socket.h"
#include "tests/testing/local_node.h"

namespace ctdb {
namespace {

using absl::StrContains;
using test::LocalNodes;

bool Exists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

std::unique_ptr<Connection> Connect(LocalNodes& nodes, int node) {
  auto connection = Connection::Open({.socket_path = nodes.socket(node), .software = "test"});
  EXPECT_TRUE(connection.ok()) << connection.status();
  return connection.ok() ? *std::move(connection) : nullptr;
}

bool IsConnected(LocalNodes& nodes, int from, int to) {
  auto connection = Connection::Open({.socket_path = nodes.socket(from), .software = "test"});
  if (!connection.ok()) return false;
  auto transport = (*connection)->Service<wire::Transport>(kThisNode, ServiceId::kTransport);
  auto reply = (*connection)->Wait(transport.nodesRequest().send());
  return reply.ok() && reply->getNodes()[static_cast<uint32_t>(to)].getConnected();
}

class DaemonTest : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(ProcessModel, DaemonTest, testing::Values("single", "multi"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(DaemonTest, StartsStopsInOrderAndLeavesNothingBehind) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  const pid_t pid = nodes.StartReady(0);
  EXPECT_TRUE(Exists(nodes.base(0) + "/run/ctdbd.pid"));
  EXPECT_EQ(*ReadFile(nodes.base(0) + "/run/ctdbd.pid", 100), absl::StrCat(pid, "\n"));
  EXPECT_EQ(nodes.ProcessesOf(0, "transportd").size(),
            GetParam() == std::string("multi") ? 1u : 0u);
  ::kill(pid, SIGTERM);
  EXPECT_EQ(nodes.Wait(pid), 0) << nodes.Log(0);
  EXPECT_FALSE(Exists(nodes.base(0) + "/run/ctdbd.pid"));
  EXPECT_FALSE(Exists(nodes.socket(0)));
  EXPECT_TRUE(nodes.ProcessesOf(0, "transportd").empty());
}

TEST_P(DaemonTest, GoesToTheBackgroundOnlyWhenItIsReady) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  EXPECT_EQ(nodes.Run(0, "daemon/ctdbd"), 0) << nodes.Output(0);
  auto connection = Connect(nodes, 0);
  ASSERT_NE(connection, nullptr);
  auto master = connection->Service<wire::Master>(kThisNode, ServiceId::kMaster);
  auto reply = connection->Wait(master.overviewRequest().send());
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_GE(reply->getOverview().getRunState(), wire::RunState::FIRST_RECOVERY);
  EXPECT_EQ(reply->getOverview().getProcessModel(), GetParam());
  nodes.Await([&] {
    auto later = connection->Wait(master.overviewRequest().send());
    return later.ok() && later->getOverview().getRunState() == wire::RunState::RUNNING;
  });
  // The request to end is answered before it is done.
  const auto answer = connection->Wait(master.shutdownRequest().send());
  EXPECT_TRUE(answer.ok()) << answer.status();
  nodes.Await([&] { return nodes.ProcessesOf(0, "ctdbd").empty(); });
}

TEST_P(DaemonTest, SecondStartIsRefusedWithTheFirstOnesProcess) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  const pid_t pid = nodes.StartReady(0);
  EXPECT_EQ(nodes.Run(0, "daemon/ctdbd"), 11);
  EXPECT_TRUE(StrContains(nodes.Output(0), absl::StrCat("runs already, as process ", pid)))
      << nodes.Output(0);
}

TEST_P(DaemonTest, ABusyPortIsOneClearLineAndItsOwnExitCode) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  const auto busy = ListenTcp(nodes.address(0), 4379);
  ASSERT_TRUE(busy.ok());
  EXPECT_EQ(nodes.Run(0, "daemon/ctdbd"), 65) << nodes.Output(0);
  EXPECT_TRUE(StrContains(
      nodes.Output(0), absl::StrCat("cannot listen on address ", nodes.address(0), " port 4379")))
      << nodes.Output(0);
  nodes.Await([&] { return nodes.ProcessesOf(0, "ctdbd").empty(); });
}

TEST_P(DaemonTest, ASocketThatAnotherDaemonUsesIsExitCode10) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  const auto other = ListenUnix(nodes.socket(0), 0700);
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(nodes.Run(0, "daemon/ctdbd"), 10) << nodes.Output(0);
  EXPECT_TRUE(StrContains(nodes.Output(0), "another daemon answers")) << nodes.Output(0);
}

TEST_P(DaemonTest, StaleSocketAndPidFileOfACrashDoNoHarm) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  const pid_t pid = nodes.StartReady(0);
  ::kill(pid, SIGKILL);
  EXPECT_EQ(nodes.Wait(pid), 128 + SIGKILL);
  nodes.Await([&] { return nodes.ProcessesOf(0, "transportd").empty(); });
  EXPECT_TRUE(Exists(nodes.base(0) + "/run/ctdbd.pid"));
  EXPECT_TRUE(Exists(nodes.socket(0)));
  nodes.StartReady(0);
}

TEST_P(DaemonTest, BadConfigurationIsNamedAndRefused) {
  LocalNodes nodes(
      1, {.process_model = GetParam(), .more_config = "[cluster]\nleader timeout = soon\n"});
  EXPECT_EQ(nodes.Run(0, "daemon/ctdbd"), 1);
  EXPECT_TRUE(StrContains(nodes.Output(0), "leader timeout")) << nodes.Output(0);
  EXPECT_TRUE(StrContains(nodes.Output(0), "Failed to load configuration file"));
}

TEST_P(DaemonTest, AMissingDatabaseDirectoryIsNamed) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  ASSERT_EQ(::rmdir((nodes.base(0) + "/var/volatile").c_str()), 0);
  EXPECT_EQ(nodes.Run(0, "daemon/ctdbd"), 1);
  EXPECT_TRUE(
      StrContains(nodes.Output(0), absl::StrCat("Volatile database directory ", nodes.base(0),
                                                "/var/volatile", " does not exist")))
      << nodes.Output(0);
}

TEST_P(DaemonTest, MissingOrUnreadableNodesFileIsNamed) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  const std::string path = nodes.base(0) + "/nodes";
  ::unlink(path.c_str());
  EXPECT_EQ(nodes.Run(0, "daemon/ctdbd"), 1);
  EXPECT_TRUE(StrContains(nodes.Output(0), path)) << nodes.Output(0);
  ASSERT_TRUE(WriteFileAtomically(path, "10.0.0.x\n").ok());
  EXPECT_EQ(nodes.Run(0, "daemon/ctdbd"), 1);
  EXPECT_TRUE(StrContains(nodes.Output(0), "Invalid node address 10.0.0.x")) << nodes.Output(0);
}

TEST_P(DaemonTest, ANodeAddressThatIsNotInTheListIsNamed) {
  LocalNodes nodes(
      1, {.process_model = GetParam(), .more_config = "[cluster]\nnode address = 127.9.9.9\n"});
  EXPECT_EQ(nodes.Run(0, "daemon/ctdbd"), 1);
  EXPECT_TRUE(StrContains(nodes.Output(0), "127.9.9.9 is not in the nodes list"))
      << nodes.Output(0);
}

TEST_P(DaemonTest, HangupReopensTheLog) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  const pid_t pid = nodes.StartReady(0);
  const std::string log = nodes.base(0) + "/log.ctdb";
  ASSERT_EQ(::rename(log.c_str(), (log + ".1").c_str()), 0);
  ::kill(pid, SIGHUP);
  const size_t programs = GetParam() == std::string("multi") ? 4 : 1;
  nodes.Await([&] {
    return std::vector<std::string>(absl::StrSplit(nodes.Log(0), "Reopened logs")).size() ==
           programs + 1;
  });
}

TEST_P(DaemonTest, HangupTakesOverAChangedNodesList) {
  LocalNodes nodes(2, {.process_model = GetParam()});
  ASSERT_TRUE(WriteFileAtomically(nodes.base(0) + "/nodes", nodes.address(0) + "\n").ok());
  const pid_t pid = nodes.StartReady(0);
  nodes.StartReady(1);
  nodes.Await([&] { return StrContains(nodes.Log(0), "is not in the nodes list of node 0"); });
  ASSERT_TRUE(WriteFileAtomically(nodes.base(0) + "/nodes", "nonsense\n").ok());
  ::kill(pid, SIGHUP);
  nodes.Await([&] { return StrContains(nodes.Log(0), "Kept the old nodes list"); });
  ASSERT_TRUE(WriteFileAtomically(nodes.base(0) + "/nodes",
                                  absl::StrCat(nodes.address(0), "\n", nodes.address(1), "\n"))
                  .ok());
  ::kill(pid, SIGHUP);
  nodes.Await([&] { return IsConnected(nodes, 1, 0); });
}

TEST_P(DaemonTest, InteractiveShowsTheLogOfAllPartsOnStandardError) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  const pid_t pid = nodes.Start(0, "daemon/ctdbd", {"-i"});
  nodes.Await([&] {
    return StrContains(nodes.Output(0), "ctdbd is ready") &&
           StrContains(nodes.Output(0), "PNN is 0");
  });
  EXPECT_EQ(nodes.Log(0), "");
  ::kill(pid, SIGINT);
  EXPECT_EQ(nodes.Wait(pid), 0);
}

TEST_P(DaemonTest, NodesFindEachOtherAgainAfterOneWasKilled) {
  LocalNodes nodes(2, {.process_model = GetParam()});
  nodes.StartReady(0);
  const pid_t victim = nodes.StartReady(1);
  nodes.Await([&] { return IsConnected(nodes, 0, 1) && IsConnected(nodes, 1, 0); });
  ::kill(victim, SIGKILL);
  nodes.Wait(victim);
  nodes.Await([&] { return !IsConnected(nodes, 0, 1); });
  nodes.Await([&] { return nodes.ProcessesOf(1, "transportd").empty(); });
  nodes.StartReady(1);
  nodes.Await([&] { return IsConnected(nodes, 0, 1); });
}

TEST_P(DaemonTest, AnExampleDaemonAnswersOnAnyNode) {
  LocalNodes nodes(2, {.process_model = GetParam()});
  nodes.StartReady(0);
  nodes.StartReady(1);
  nodes.Await([&] { return IsConnected(nodes, 0, 1); });
  nodes.Start(1, "examples/echo_daemon/echod");
  nodes.Await([&] {
    return nodes.Run(0, "examples/echo_daemon/echo_call", {nodes.socket(0), "1", "hello"}) == 0;
  });
  EXPECT_TRUE(StrContains(nodes.Output(0), "hello\n"));
}

TEST(MultiProcessTest, AKilledTransportIsRepairedWithinASecondAndDaemonsComeBack) {
  LocalNodes nodes(2, {.process_model = "multi"});
  nodes.StartReady(0);
  nodes.StartReady(1);
  nodes.Start(0, "examples/echo_daemon/echod");
  const auto echo_works = [&] {
    return nodes.Run(1, "examples/echo_daemon/echo_call", {nodes.socket(1), "0", "hello"}) == 0;
  };
  nodes.Await(echo_works);
  const std::vector<pid_t> before = nodes.ProcessesOf(0, "transportd");
  ASSERT_EQ(before.size(), 1u);
  ::kill(before[0], SIGKILL);
  nodes.Await(
      [&] {
        const auto after = nodes.ProcessesOf(0, "transportd");
        return after.size() == 1 && after != before && IsConnected(nodes, 0, 1);
      },
      absl::Seconds(1));
  nodes.Await(echo_works);
  auto connection = Connect(nodes, 0);
  ASSERT_NE(connection, nullptr);
  auto master = connection->Service<wire::Master>(kThisNode, ServiceId::kMaster);
  auto reply = connection->Wait(master.overviewRequest().send());
  ASSERT_TRUE(reply.ok()) << reply.status();
  const auto transport = reply->getOverview().getProcesses()[1];
  EXPECT_EQ(transport.getRestartCount(), 1u);
  EXPECT_TRUE(StrContains(transport.getLastExit().cStr(), "signal 9"));
}

// What systemd would hear.
class NotifySocket {
 public:
  explicit NotifySocket(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }
  // Everything so far.
  const std::string& text() {
    char buffer[4096];
    ssize_t got;
    while ((got = ::recv(fd_.get(), buffer, sizeof(buffer), MSG_DONTWAIT)) > 0) {
      text_.append(buffer, static_cast<size_t>(got));
      text_ += '\n';
    }
    return text_;
  }

 private:
  UniqueFd fd_;
  std::string text_;
};

TEST_P(DaemonTest, TheServiceManagerHearsReadyWatchdogReloadAndStop) {
  LocalNodes nodes(1, {.process_model = GetParam()});
  char directory[] = "/tmp/notify.XXXXXX";  // The path of a socket must be short.
  ASSERT_NE(::mkdtemp(directory), nullptr);
  const std::string path = absl::StrCat(directory, "/s");
  NotifySocket notify(path);
  const pid_t pid = nodes.Start(0, "daemon/ctdbd", {"--foreground"},
                                {{"NOTIFY_SOCKET", path}, {"WATCHDOG_USEC", "1000000"}});
  nodes.Await([&] { return StrContains(notify.text(), "READY=1"); });
  nodes.Await([&] { return StrContains(notify.text(), "WATCHDOG=1"); });
  ::kill(pid, SIGHUP);
  nodes.Await([&] { return StrContains(notify.text(), "RELOADING=1"); });
  ::kill(pid, SIGTERM);
  nodes.Await([&] { return StrContains(notify.text(), "STOPPING=1"); });
  EXPECT_EQ(nodes.Wait(pid), 0);
  ::unlink(path.c_str());
  ::rmdir(directory);
}

}  // namespace
}  // namespace ctdb
