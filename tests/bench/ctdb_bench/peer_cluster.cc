// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "tests/bench/ctdb_bench/peer_cluster.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/base/io/file.h"
#include "lib/base/random.h"
#include "lib/base/status_macros.h"
#include "lib/samba/node_payloads.h"
#include "lib/samba/plain_payloads.h"
#include "tests/bench/ctdb_bench/interrupt.h"
#include "tests/bench/ctdb_bench/peer_client.h"
#include "tests/bench/ctdb_bench/peer_connection.h"
#include "tests/bench/ctdb_bench/process_memory.h"
#include "tests/bench/ctdb_bench/program_output.h"
#include "tests/bench/ctdb_bench/workers.h"

namespace ctdb::bench {
namespace {

constexpr char kDaemon[] = "/usr/sbin/ctdbd";
constexpr char kCommand[] = "/usr/bin/ctdb";
constexpr char kHelpers[] = "/usr/libexec/ctdb";
constexpr uint32_t kNodesMax = 250;
constexpr uint16_t kUsualPort = 4379;
constexpr absl::Duration kStartPatience = absl::Seconds(90);
constexpr absl::Duration kStopPatience = absl::Seconds(5);
constexpr useconds_t kPollMicros = 20'000;
constexpr size_t kLogBytesMax = 64 << 20;

uint16_t Port() {
  const servent* const service = ::getservbyname("ctdb", "tcp");
  return service == nullptr ? kUsualPort : ntohs(static_cast<uint16_t>(service->s_port));
}

bool IsFree(const std::string& address) {
  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(Port());
  ::inet_pton(AF_INET, address.c_str(), &name.sin_addr);
  return ::bind(socket.get(), reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0;
}

// The port is the same for all clusters of a machine, so the addresses must not be.
absl::StatusOr<std::vector<std::string>> ChooseAddresses(uint32_t count) {
  Random random(static_cast<uint64_t>(NowNanos()));
  for (int attempt = 0; attempt < 100; ++attempt) {
    const std::string block = absl::StrCat("127.", 1 + random.Below(254), ".", random.Below(255));
    std::vector<std::string> addresses;
    for (uint32_t i = 0; i < count; ++i) addresses.push_back(absl::StrCat(block, ".", i + 1));
    bool are_free = true;
    for (const std::string& address : addresses) are_free = are_free && IsFree(address);
    if (are_free) return addresses;
  }
  return absl::ResourceExhaustedError(absl::StrCat("no free loopback addresses for port ", Port()));
}

std::string ConfigText(const std::string& node_directory, const std::string& address,
                       const std::string& lock_file) {
  return absl::StrCat("[logging]\n\tlog level = NOTICE\n",                     //
                      "[cluster]\n\tnode address = ", address,                 //
                      "\n\tcluster lock = ", lock_file,                        //
                      "\n[database]\n\tvolatile database directory = ",        //
                      node_directory, "/db/volatile",                          //
                      "\n\tpersistent database directory = ", node_directory,  //
                      "/db/persistent\n\tstate database directory = ",         //
                      node_directory, "/db/state\n[failover]\n\tdisabled = true\n");
}

class PeerCluster final : public Cluster {
 public:
  explicit PeerCluster(const PeerOptions& options) : options_(options) {}
  ~PeerCluster() override { Stop(); }

  std::string name() const override { return "ctdb" + version_; }
  absl::Status Start(uint32_t node_count) override;
  absl::StatusOr<std::unique_ptr<BenchClient>> Connect(NodeNumber node) override {
    return ConnectToPeer(SocketPath(node.value()));
  }
  absl::StatusOr<NodeNumber> Leader() override;
  absl::Status Kill(NodeNumber node) override;
  absl::StatusOr<std::vector<pid_t>> Processes(NodeNumber node) const override {
    return ProcessAndChildren(daemons_.at(node.value()));
  }
  absl::Status Restart(NodeNumber node) override;
  void Stop() override;

 private:
  std::string NodeDirectory(uint32_t node) const {
    return absl::StrCat(directory_, "/node.", node);
  }
  std::string SocketPath(uint32_t node) const { return NodeDirectory(node) + "/run/ctdbd.socket"; }
  absl::Status MakeDirectory();
  absl::Status WriteNode(uint32_t node, const std::vector<std::string>& addresses);
  absl::Status StartDaemon(uint32_t node);
  [[noreturn]] void BecomeDaemon(uint32_t node);
  absl::Status GiveRealtime();
  absl::Status AwaitReady();
  // OK when the node runs and sees all nodes well; otherwise what is missing.
  absl::Status CheckReady(uint32_t node) const;
  absl::Status CheckAlive();
  std::string LastLines(uint32_t node) const;
  void ReadVersion();

  const PeerOptions options_;
  std::string directory_;
  std::string version_;         // With a space before it.
  std::vector<pid_t> daemons_;  // 0: has ended.
  UniqueFd life_reader_;        // The daemons' standard input; they end when it does.
  UniqueFd life_writer_;
};

absl::Status PeerCluster::Start(uint32_t node_count) {
  if (::access(kDaemon, X_OK) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(kDaemon, " is not there; install it as root: apt-get install ctdb"));
  }
  if (node_count < 1 || node_count > kNodesMax) {
    return absl::InvalidArgumentError(absl::StrCat("1 to ", kNodesMax, " nodes"));
  }
  // What a daemon leaves behind becomes a child of this process, see Stop().
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  CTDB_RETURN_IF_ERROR(MakeDirectory());
  CTDB_ASSIGN_OR_RETURN(const std::vector<std::string> addresses, ChooseAddresses(node_count));
  int life[2];
  if (::pipe2(life, O_CLOEXEC) != 0) return ErrnoStatus(errno, "make a pipe for", kDaemon);
  life_reader_.Reset(life[0]);
  life_writer_.Reset(life[1]);
  for (uint32_t node = 0; node < node_count; ++node) {
    CTDB_RETURN_IF_ERROR(WriteNode(node, addresses));
    CTDB_RETURN_IF_ERROR(StartDaemon(node));
  }
  CTDB_RETURN_IF_ERROR(AwaitReady());
  ReadVersion();
  return options_.realtime ? GiveRealtime() : absl::OkStatus();
}

// Helpers that wait for a record's lock inherit it, and take it for themselves outside of test
// mode.
absl::Status PeerCluster::GiveRealtime() {
  for (const pid_t daemon : daemons_) {
    const sched_param priority = {.sched_priority = 1};
    if (::sched_setscheduler(daemon, SCHED_FIFO, &priority) != 0) {
      return absl::PermissionDeniedError(
          "no right to give ctdbd the real-time priority that it has in operation; run as root, or "
          "with --peer_realtime=false");
    }
  }
  return absl::OkStatus();
}

absl::Status PeerCluster::MakeDirectory() {
  std::string path = options_.directory + "/ctdb-bench.XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) return ErrnoStatus(errno, "make", path);
  directory_ = path;
  const std::string socket_path = SocketPath(kNodesMax);
  if (socket_path.size() < sizeof(sockaddr_un::sun_path)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "the path of a socket is too long, choose a shorter --directory: ", socket_path));
}

absl::Status PeerCluster::WriteNode(uint32_t node, const std::vector<std::string>& addresses) {
  const std::string own = NodeDirectory(node);
  for (const char* part : {"/db/volatile", "/db/persistent", "/db/state", "/run", "/var",
                           "/share/events/legacy", "/events/legacy", "/events/notification"}) {
    CTDB_RETURN_IF_ERROR(MakeDirectories(own + part));
  }
  CTDB_RETURN_IF_ERROR(WriteFileAtomically(own + "/nodes", absl::StrJoin(addresses, "\n") + "\n"));
  return WriteFileAtomically(own + "/ctdb.conf",
                             ConfigText(own, addresses[node], directory_ + "/cluster.lock"));
}

absl::Status PeerCluster::StartDaemon(uint32_t node) {
  const pid_t daemon = ::fork();
  if (daemon < 0) return ErrnoStatus(errno, "start", kDaemon);
  if (daemon == 0) BecomeDaemon(node);
  daemons_.resize(std::max<size_t>(daemons_.size(), node + 1));
  daemons_[node] = daemon;
  return absl::OkStatus();
}

// In a session of its own: Ctrl-C is for the coordinator, which then stops the daemons.
void PeerCluster::BecomeDaemon(uint32_t node) {
  ::setsid();
  RestoreInterrupts();
  const std::string own = NodeDirectory(node);
  const int log = ::open((own + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(life_reader_.get(), STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  const std::string base = "CTDB_BASE=" + own;
  const std::string helpers = absl::StrCat("CTDB_TEST_HELPER_BINDIR=", kHelpers);
  const char* const arguments[] = {kDaemon, "--interactive", nullptr};
  const char* const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "CTDB_TEST_MODE=1",
                                     base.c_str(), helpers.c_str(), nullptr};
  ::execve(kDaemon, const_cast<char**>(arguments), const_cast<char**>(environment));
  std::_Exit(127);
}

absl::Status PeerCluster::AwaitReady() {
  const int64_t deadline = NowNanos() + absl::ToInt64Nanoseconds(kStartPatience);
  for (uint32_t node = 0; node < daemons_.size();) {
    const absl::Status status = CheckReady(node);
    if (status.ok()) {
      ++node;
      continue;
    }
    if (WasInterrupted()) return absl::CancelledError("interrupted");
    CTDB_RETURN_IF_ERROR(CheckAlive());
    if (NowNanos() > deadline) {
      return absl::DeadlineExceededError(absl::StrCat("node ", node, " of ctdb is not ready after ",
                                                      absl::FormatDuration(kStartPatience), ": ",
                                                      status.message(), "\n", LastLines(node)));
    }
    ::usleep(kPollMicros);
  }
  return absl::OkStatus();
}

absl::Status PeerCluster::CheckReady(uint32_t node) const {
  CTDB_ASSIGN_OR_RETURN(const auto connection, PeerConnection::Open(SocketPath(node)));
  CTDB_ASSIGN_OR_RETURN(const std::string state,
                        connection->Control({.opcode = samba::Opcode::kGetRunState}));
  if (state != samba::Encode(samba::NumberPayload<samba::RunState>{samba::RunState::kRunning})) {
    return absl::UnavailableError("it does not run yet");
  }
  CTDB_ASSIGN_OR_RETURN(const int32_t recovery_mode,
                        connection->ControlStatus({.opcode = samba::Opcode::kGetRecMode}));
  if (recovery_mode != 0) return absl::UnavailableError("it recovers");
  CTDB_ASSIGN_OR_RETURN(const std::string bytes,
                        connection->Control({.opcode = samba::Opcode::kGetNodeMap}));
  CTDB_ASSIGN_OR_RETURN(const auto map, samba::Decode<samba::NodeMap>(bytes));
  if (map.entries.size() != daemons_.size()) {
    return absl::DataLossError("it does not know all nodes");
  }
  for (const samba::NodeEntry& other : map.entries) {
    if (other.flags != 0) {
      return absl::UnavailableError(
          absl::StrCat("it sees node ", other.pnn.value(), " with flags ", other.flags));
    }
  }
  return absl::OkStatus();
}

absl::Status PeerCluster::CheckAlive() {
  for (uint32_t node = 0; node < daemons_.size(); ++node) {
    if (daemons_[node] != 0 && ::waitpid(daemons_[node], nullptr, WNOHANG) == 0) continue;
    daemons_[node] = 0;
    return absl::InternalError(
        absl::StrCat("ctdbd of node ", node, " has ended:\n", LastLines(node)));
  }
  return absl::OkStatus();
}

absl::StatusOr<NodeNumber> PeerCluster::Leader() {
  return NodeOf(
      absl::StrCat("CTDB_TEST_MODE=1 CTDB_BASE='", NodeDirectory(0), "' ", kCommand, " leader"));
}

absl::Status PeerCluster::Kill(NodeNumber node) {
  // With its helpers: they are of its session.
  if (::kill(-daemons_.at(node.value()), SIGKILL) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, "kill", absl::StrCat("ctdbd of node ", node.value()));
}

absl::Status PeerCluster::Restart(NodeNumber node) {
  while (::waitpid(-daemons_.at(node.value()), nullptr, 0) > 0) continue;
  daemons_[node.value()] = 0;
  CTDB_RETURN_IF_ERROR(StartDaemon(node.value()));
  CTDB_RETURN_IF_ERROR(AwaitReady());
  return options_.realtime ? GiveRealtime() : absl::OkStatus();
}

std::string PeerCluster::LastLines(uint32_t node) const {
  constexpr size_t kShownBytes = 2000;
  const auto text = ReadFile(NodeDirectory(node) + "/log", kLogBytesMax);
  if (!text.ok()) return std::string(text.status().message());
  return text->size() > kShownBytes ? text->substr(text->size() - kShownBytes) : *text;
}

// Its log begins with it, in parentheses.
void PeerCluster::ReadVersion() {
  const auto log = ReadFile(NodeDirectory(0) + "/log", kLogBytesMax);
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(log.value_or(""), absl::MaxSplits("(Version ", 1));
  if (parts.second.empty()) return;
  version_ = absl::StrCat(" ", parts.second.substr(0, parts.second.find(')')));
}

void PeerCluster::Stop() {
  life_writer_.Reset();
  for (const pid_t daemon : daemons_) {
    if (daemon != 0) ::kill(daemon, SIGTERM);
  }
  const int64_t deadline = NowNanos() + absl::ToInt64Nanoseconds(kStopPatience);
  for (const pid_t daemon : daemons_) {
    if (daemon == 0) continue;
    siginfo_t info = {};
    while (::waitid(P_PID, static_cast<id_t>(daemon), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0 && NowNanos() < deadline) {
      ::usleep(kPollMicros);
    }
    // Its helpers, and itself if it did not end in time.
    ::kill(-daemon, SIGKILL);
    while (::waitpid(-daemon, nullptr, 0) > 0) continue;
  }
  daemons_.clear();
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
  directory_.clear();
}

}  // namespace

std::unique_ptr<Cluster> MakePeerCluster(const PeerOptions& options) {
  return std::make_unique<PeerCluster>(options);
}

}  // namespace ctdb::bench
