// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/local/io/cluster.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "cli/local/io/ports.h"
#include "cli/local/layout.h"
#include "lib/base/io/file.h"
#include "lib/base/random.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli::local {
namespace {

constexpr uint16_t kNodePort = 4379;
constexpr int kDrawsMax = 100;
constexpr size_t kSmallFileBytesMax = 1 << 16;
constexpr size_t kTailLines = 15;
constexpr size_t kLogBytesMax = size_t{64} << 20;
constexpr absl::Duration kPoll = absl::Milliseconds(50);
constexpr absl::Duration kKillLimit = absl::Seconds(5);

// Calls until it says true; false when the time is over.
bool PollUntil(absl::Time deadline, const std::function<bool()>& is_so) {
  while (!is_so()) {
    if (absl::Now() >= deadline) return false;
    absl::SleepFor(kPoll);
  }
  return true;
}

std::string Tail(const std::string& path) {
  const auto text = ReadFile(path, kLogBytesMax);
  if (!text.ok()) return absl::StrCat(text.status().message(), "\n");
  std::vector<absl::string_view> lines = absl::StrSplit(*text, '\n');
  if (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.size() > kTailLines) lines.erase(lines.begin(), lines.end() - kTailLines);
  std::string tail;
  for (const absl::string_view line : lines) absl::StrAppend(&tail, "  ", line, "\n");
  return tail;
}

absl::StatusOr<std::vector<std::string>> FreeAddresses(uint32_t node_count) {
  Random random(static_cast<uint64_t>(absl::ToUnixNanos(absl::Now())) ^
                static_cast<uint64_t>(::getpid()) << 32);
  for (int draw = 0; draw < kDrawsMax; ++draw) {
    std::vector<std::string> addresses = DrawAddresses(random, node_count);
    if (AreFree(addresses, kNodePort)) return addresses;
  }
  return absl::ResourceExhaustedError(
      absl::StrCat("cannot find ", node_count, " addresses in 127.0.0.0/8 on which TCP port ",
                   kNodePort, " is free: ", kDrawsMax, " blocks were tried"));
}

absl::Status SetUpNode(const std::string& directory, uint32_t node,
                       const std::vector<std::string>& addresses, bool multi_process) {
  for (const std::string& path : NodeDirectories(directory, node)) {
    CTDB_RETURN_IF_ERROR(MakeDirectories(path));
  }
  const std::string base = NodeDirectory(directory, node);
  CTDB_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(base, "/nodes"), NodesText(addresses)));
  CTDB_RETURN_IF_ERROR(
      WriteFileAtomically(absl::StrCat(base, "/public_addresses"), PublicAddressesText()));
  return WriteFileAtomically(absl::StrCat(base, "/ctdb.conf"),
                             ConfigText(directory, node, addresses[node], multi_process));
}

}  // namespace

absl::Status Cluster::SetUp(const std::string& directory, const Setup& setup) {
  CTDB_RETURN_IF_ERROR(CheckPlace(directory, setup.node_count));
  std::error_code error;
  if (std::filesystem::exists(MarkerFile(directory), error)) {
    return absl::AlreadyExistsError(
        absl::StrCat("cannot set up a local cluster in ", directory,
                     ": there is one already; start it, or remove it with \"ctdb local destroy\""));
  }
  CTDB_RETURN_IF_ERROR(MakeDirectories(directory));
  if (!std::filesystem::is_empty(directory, error)) {
    return absl::AlreadyExistsError(absl::StrCat("cannot set up a local cluster in ", directory,
                                                 ": the directory is not empty"));
  }
  CTDB_ASSIGN_OR_RETURN(const auto addresses, FreeAddresses(setup.node_count));
  // The marker first, so that what a failure leaves behind can be destroyed.
  CTDB_RETURN_IF_ERROR(WriteFileAtomically(MarkerFile(directory), kMarkerText));
  CTDB_RETURN_IF_ERROR(WriteFileAtomically(NodesFile(directory), NodesText(addresses)));
  for (uint32_t node = 0; node < setup.node_count; ++node) {
    CTDB_RETURN_IF_ERROR(SetUpNode(directory, node, addresses, setup.multi_process));
  }
  return absl::OkStatus();
}

absl::StatusOr<Cluster> Cluster::Load(const std::string& directory) {
  const auto marker = ReadFile(MarkerFile(directory), kSmallFileBytesMax);
  if (!marker.ok()) {
    return absl::NotFoundError(absl::StrCat("there is no local cluster in ", directory,
                                            "; make one with \"ctdb local setup\""));
  }
  // Missing when setup failed half-way: nothing to start then, but something to destroy.
  const auto text = ReadFile(NodesFile(directory), kSmallFileBytesMax);
  if (!text.ok() && !absl::IsNotFound(text.status())) return text.status();
  std::vector<std::string> addresses = absl::StrSplit(text.value_or(""), '\n', absl::SkipEmpty());
  if (addresses.size() > kLocalNodesMax) {
    return absl::InvalidArgumentError(absl::StrCat(NodesFile(directory), " has more than ",
                                                   kLocalNodesMax, " nodes; set up a new cluster"));
  }
  return Cluster(directory, std::move(addresses));
}

std::set<uint32_t> Cluster::nodes() const {
  std::set<uint32_t> nodes;
  for (uint32_t node = 0; node < addresses_.size(); ++node) nodes.insert(node);
  return nodes;
}

std::optional<ProcessIdentity> Cluster::Identity(uint32_t node) const {
  const auto line = ReadFile(IdentityFile(directory_, node), kSmallFileBytesMax);
  return line.ok() ? ParseIdentityLine(*line) : std::nullopt;
}

std::optional<ProcessStat> Cluster::Process(uint32_t node) const {
  const std::optional<ProcessIdentity> identity = Identity(node);
  if (!identity.has_value()) return std::nullopt;
  const std::optional<ProcessStat> stat = StatProcess(identity->pid);
  return stat.has_value() && stat->identity == *identity ? stat : std::nullopt;
}

EnvironmentVariables Cluster::Environment(uint32_t node, absl::string_view helper_directory) const {
  return NodeEnvironment(directory_, node, helper_directory);
}

std::string Cluster::Evidence(uint32_t node) const {
  return absl::StrCat("What it printed:\n", Tail(StartOutputFile(directory_, node)),
                      "End of its log, ", LogFile(directory_, node), ":\n",
                      Tail(LogFile(directory_, node)));
}

absl::Status Cluster::StartNode(uint32_t node, const StartOptions& options) {
  const std::string helpers = std::filesystem::path(options.ctdbd).parent_path().string();
  CTDB_ASSIGN_OR_RETURN(children_[node],
                        StartProgram({options.ctdbd, "--foreground"}, Environment(node, helpers),
                                     StartOutputFile(directory_, node)));
  const std::optional<ProcessStat> stat = StatProcess(children_[node]);
  if (!stat.has_value()) return absl::OkStatus();  // CheckStarted() will see why.
  return WriteFileAtomically(IdentityFile(directory_, node), ToLine(stat->identity));
}

// Notices a daemon that has ended instead of going on.
absl::Status Cluster::CheckStarted(uint32_t node) {
  if (children_[node] == 0) return absl::OkStatus();
  const std::optional<int> ended = CollectChild(children_[node]);
  if (!ended.has_value()) return absl::OkStatus();
  children_[node] = 0;
  return absl::UnavailableError(absl::StrCat(
      "cannot start node ", node, ": ctdbd ended with exit status ", *ended, "\n", Evidence(node)));
}

absl::Status Cluster::Start(const std::set<uint32_t>& nodes, const StartOptions& options) {
  for (const uint32_t node : nodes) {
    if (!Process(node).has_value()) CTDB_RETURN_IF_ERROR(StartNode(node, options));
  }
  const absl::Time deadline = absl::Now() + options.time_limit;
  for (const uint32_t node : nodes) {
    std::string why;
    absl::Status status = absl::OkStatus();
    const bool ready = PollUntil(deadline, [&] {
      status = CheckStarted(node);
      return !status.ok() || options.is_ready(node, &why);
    });
    CTDB_RETURN_IF_ERROR(status);
    if (!ready) {
      return absl::DeadlineExceededError(absl::StrCat("node ", node, " is not ready after ",
                                                      absl::FormatDuration(options.time_limit),
                                                      ": ", why, "\n", Evidence(node)));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::set<uint32_t>> Cluster::Stop(const std::set<uint32_t>& nodes,
                                                 absl::Duration time_limit) {
  std::set<uint32_t> killed;
  std::vector<std::pair<uint32_t, ProcessIdentity>> running;
  for (const uint32_t node : nodes) {
    const std::optional<ProcessStat> stat = Process(node);
    if (!stat.has_value()) continue;
    running.emplace_back(node, stat->identity);
    SignalProcess(stat->identity, SIGTERM, Receiver::kProcess);
    SignalProcess(stat->identity, SIGCONT, Receiver::kGroup);  // A paused one could not obey.
  }
  const absl::Time deadline = absl::Now() + time_limit;
  const absl::Time last = deadline + kKillLimit;
  for (const auto& [node, identity] : running) {
    const auto ended = [this, node = node, identity = identity] {
      if (children_[node] != 0) CollectChild(children_[node]);
      return !IsRunning(identity);
    };
    if (PollUntil(deadline, ended)) continue;
    SignalProcess(identity, SIGKILL, Receiver::kGroup);
    killed.insert(node);
    if (PollUntil(last, ended)) continue;
    return absl::DeadlineExceededError(absl::StrCat("cannot stop node ", node, ": process ",
                                                    identity.pid, " does not end, even killed"));
  }
  return killed;
}

absl::Status Cluster::Signal(const std::set<uint32_t>& nodes, int signal) {
  std::vector<uint32_t> stopped;
  for (const uint32_t node : nodes) {
    const std::optional<ProcessStat> stat = Process(node);
    if (!stat.has_value()) {
      stopped.push_back(node);
      continue;
    }
    SignalProcess(stat->identity, signal, Receiver::kGroup);
    const absl::Time deadline = absl::Now() + kKillLimit;
    const bool done = PollUntil(deadline, [&] {
      const std::optional<ProcessStat> now = Process(node);
      if (signal == SIGKILL) return !now.has_value();
      return !now.has_value() || (now->state == 'T') == (signal == SIGSTOP);
    });
    if (!done) {
      return absl::DeadlineExceededError(absl::StrCat(
          "node ", node, ", process ", stat->identity.pid, ", does not react to signal ", signal));
    }
  }
  if (stopped.size() < nodes.size()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("nothing to do: node ", absl::StrJoin(stopped, ", "), " does not run"));
}

absl::Status Cluster::Destroy(absl::Duration time_limit) {
  CTDB_RETURN_IF_ERROR(Stop(nodes(), time_limit).status());
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
  if (error) return ErrnoStatus(error.value(), "remove", directory_);
  return absl::OkStatus();
}

}  // namespace ctdb::cli::local
