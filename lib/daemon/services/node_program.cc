// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/services/node_program.h"

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "lib/base/io/system_random.h"
#include "lib/base/status_macros.h"
#include "lib/base/version.h"
#include "lib/config/io/load.h"
#include "lib/daemon/services/cluster_server.h"
#include "lib/daemon/services/database_server.h"
#include "lib/daemon/services/samba_server.h"
#include "lib/daemon/services/transport_server.h"

namespace ctdb::daemon {
namespace {

// The other programs are installed beside this one.
absl::StatusOr<std::string> SiblingProgram(const std::string& name) {
  char path[4096];
  const ssize_t size = ::readlink("/proc/self/exe", path, sizeof(path));
  if (size <= 0) return absl::InternalError("cannot find out where this program is");
  std::string self(path, static_cast<size_t>(size));
  const std::string sibling = self.substr(0, self.find_last_of('/') + 1) + name;
  if (::access(sibling.c_str(), X_OK) == 0) return sibling;
  return absl::NotFoundError(
      absl::StrCat("cannot start ", name, ": there is no program ", sibling));
}

absl::Status CheckDatabaseDirectories(const config::Config& config) {
  for (const char* kind : {"volatile", "persistent", "state"}) {
    const std::string& directory =
        config.GetString("database", absl::StrCat(kind, " database directory"));
    if (config::SystemFileProbe().KindOf(directory) == config::FileKind::kDirectory) continue;
    std::string title = kind;
    title[0] = absl::ascii_toupper(title[0]);
    return absl::NotFoundError(absl::StrCat(title, " database directory ", directory,
                                            " does not exist: create it, or correct the option"));
  }
  return absl::OkStatus();
}

std::optional<wire::RunState> ParseRunState(absl::string_view name) {
  for (uint16_t value = 0; value <= static_cast<uint16_t>(cluster::RunState::kShutdown); ++value) {
    if (cluster::RunStateName(static_cast<cluster::RunState>(value)) == name) {
      return static_cast<wire::RunState>(value);
    }
  }
  return std::nullopt;
}

absl::Time WallTime(Instant instant) {
  const auto age = std::chrono::steady_clock::now().time_since_epoch() - instant.time_since_epoch();
  return absl::Now() - absl::FromChrono(age);
}

}  // namespace

absl::Status NodeProgram::Setup(Program& program) {
  absl::Status status = SetupAll(program);
  // It must not outlive the event loop, and no stop step is run now.
  if (!status.ok()) guardian_ = nullptr;
  return status;
}

absl::Status NodeProgram::SetupAll(Program& program) {
  program_ = &program;
  start_time_ = absl::Now();
  logging::Logger logger = program.logger();
  logger.Notice(
      "starting",
      absl::StrCat("Starting CTDBD (Version ", kSoftwareVersion, ") as PID: ", ::getpid()),
      {{"version", kSoftwareVersion}});
  process_model_ = program.config().GetString("daemon", "process model");
  CTDB_ASSIGN_OR_RETURN(child_log_level_,
                        ParseLogLevel(program.config().GetString("legacy", "script log level")));
  CTDB_RETURN_IF_ERROR(CheckDatabaseDirectories(program.config()));
  config::LoadedTunables tunables = config::LoadTunables(program.paths());
  for (const std::string& file : tunables.files) {
    logger.Notice("tunables", absl::StrCat("Loading tunables from ", file));
  }
  for (const config::Problem& problem : tunables.problems) {
    logger.Error("tunables", config::Describe(problem));
  }
  tunables_ = tunables.tunables;
  notify_ =
      std::make_unique<NotifyScript>(program.io(), program.paths().etcdir() + "/notify.sh", logger);
  run_state_ = wire::RunState::SETUP;
  CTDB_RETURN_IF_ERROR(process_model_ == "multi" ? SetupChildren() : SetupInProcess());
  program.OnReady([this] {
    notify_->Run("init");
    notify_->Run("setup");
    if (run_state_ == wire::RunState::SETUP) run_state_ = wire::RunState::FIRST_RECOVERY;
  });
  // The last step that is added is the first one done.
  program.AddStopStep([this]() -> kj::Promise<void> {
    run_state_ = wire::RunState::SHUTDOWN;
    return kj::READY_NOW;
  });
  MasterServer::Options options{process_model_,
                                program.config(),
                                program.paths(),
                                tunables_,
                                [this] { return run_state(); },
                                [this] { return Processes(); },
                                [this](wire::Change::Reader change) { OnClusterChange(change); }};
  DaemonHost::Options master{
      .name = "ctdbd",
      .service = ServiceId::kMaster,
      .make = [options](DaemonContext& context) -> capnp::Capability::Client {
        return kj::heap<MasterServer>(context, options);
      }};
  if (transport_ != nullptr) master.connect = [this] { return transport_->ConnectInProcess(); };
  return program.AddDaemon(std::move(master));
}

// Before any part that tells others of it.
absl::Status NodeProgram::SetupGuardian(const NodeIdentity& identity) {
  CTDB_ASSIGN_OR_RETURN(std::string self, SiblingProgram("ctdbd"));
  CTDB_ASSIGN_OR_RETURN(guardian_,
                        GuardianProcess::Start(program_->io(), {std::move(self), "--guardian"},
                                               program_->paths().lockdir() + "/guardian.lock",
                                               program_->logger().WithTag("guardian")));
  program_->AddStopStep([this]() -> kj::Promise<void> {
    guardian_ = nullptr;
    return kj::READY_NOW;
  });
  will_.node = identity.local;
  will_.port = NodePort();
  will_.parting_token = SystemRandom() | 1;
  // A guardian has another working directory.
  will_.volatile_directory = std::filesystem::absolute(
      program_->config().GetString("database", "volatile database directory"));
  TellGuardian(identity.nodes);
  return absl::OkStatus();
}

void NodeProgram::TellGuardian(const std::vector<TransportNode>& nodes) {
  if (guardian_.get() == nullptr) return;
  will_.peers.clear();
  for (const TransportNode& node : nodes) {
    if (node.number == will_.node) {
      will_.address = node.address;
    } else if (!node.is_deleted) {
      will_.peers.push_back({node.number, node.address});
    }
  }
  guardian_->SetWill(will_);
}

absl::Status NodeProgram::SetupInProcess() {
  CTDB_ASSIGN_OR_RETURN(const NodeIdentity identity,
                        IdentifyNode(program_->config(), program_->paths()));
  CTDB_RETURN_IF_ERROR(SetupGuardian(identity));
  CTDB_ASSIGN_OR_RETURN(transport_, StartTransport(program_->config(), program_->paths(), identity,
                                                   program_->logger().WithTag("transportd"),
                                                   /*has_thread=*/!ServesSamba()));
  CTDB_RETURN_IF_ERROR(
      AddTransportDaemon(*program_, *transport_,
                         [this](const std::vector<TransportNode>& nodes) { TellGuardian(nodes); }));
  CTDB_RETURN_IF_ERROR(AddClusterDaemon(
      *program_, identity, [this] { return transport_->ConnectInProcess(); }, tunables_,
      will_.parting_token));
  CTDB_RETURN_IF_ERROR(AddDatabaseDaemon(*program_, identity, transport_.get(), tunables_));
  if (!ServesSamba()) return absl::OkStatus();
  return AddSambaDaemon(*program_, identity, transport_.get());
}

bool NodeProgram::ServesSamba() const { return program_->config().GetBoolean("samba", "enabled"); }

std::vector<std::string> NodeProgram::PartNames() const {
  std::vector<std::string> names = {"transportd", "clusterd", "databased"};
  if (ServesSamba()) names.push_back("smbproxyd");
  return names;
}

absl::Status NodeProgram::SetupChildren() {
  std::vector<SupervisorDriver::Child> children;
  for (const std::string& name : PartNames()) {
    CTDB_ASSIGN_OR_RETURN(std::string path, SiblingProgram(name));
    children.push_back({{.name = name}, {.arguments = {std::move(path)}}});
  }
  SupervisorDriver::Options options;
  options.seed = SystemRandom();
  supervisor_ =
      kj::heap<SupervisorDriver>(program_->io().unixEventPort, std::move(children), options, *this);
  supervisor_->Start();
  program_->AwaitBeforeReady(supervisor_->WhenAllReady());
  program_->AddReloadStep([this] { supervisor_->SignalAll(SIGHUP); });
  program_->AddStopStep([this] {
    supervisor_->Stop();
    return supervisor_->WhenStopped();
  });
  return absl::OkStatus();
}

void NodeProgram::OnLine(absl::string_view child, ChildProcess::Stream, absl::string_view line) {
  last_child_line_ = std::string(line);
  program_->logger().Log(child_log_level_, "child_output", absl::StrCat(child, ": ", line));
}

void NodeProgram::OnAlert(const Supervisor::Alert& alert) {
  program_->logger().Error("supervisor", alert.text);
  // Trying again is right for a part that worked; before that something is wrong with the set-up.
  if (run_state_ != wire::RunState::SETUP || alert.kind != Supervisor::Alert::Kind::kFailed) return;
  const auto status = supervisor_->Describe();
  const auto& last_exit = status.children[alert.child.value()].last_exit;
  const bool has_code = last_exit.has_value() && last_exit->how.has_value() &&
                        last_exit->how->kind == ChildExit::Kind::kExited;
  const int code = has_code ? last_exit->how->value : 0;
  program_->FailStart(
      WithExitCode(absl::UnavailableError(last_child_line_.empty() ? alert.text : last_child_line_),
                   FindExitCode(code) != nullptr && code != 0 ? static_cast<ExitCode>(code)
                                                              : ExitCode::kStartFailed));
}

void NodeProgram::OnClusterChange(wire::Change::Reader change) {
  if (run_state_ == wire::RunState::SHUTDOWN) return;
  const auto contains = [](capnp::Text::Reader text, absl::string_view word) {
    return absl::StrContains(absl::string_view(text.begin(), text.size()), word);
  };
  if (change.getKind() == wire::ChangeKind::RUN_STATE) {
    const std::optional<wire::RunState> state = ParseRunState(change.getAfter().cStr());
    if (!state.has_value() || *state == wire::RunState::SHUTDOWN) return;
    run_state_ = *state;
    if (*state == wire::RunState::RUNNING) notify_->Run("startup");
  } else if (change.getKind() == wire::ChangeKind::FLAGS) {
    const bool was_unhealthy = contains(change.getBefore(), "UNHEALTHY");
    const bool is_unhealthy = contains(change.getAfter(), "UNHEALTHY");
    if (was_unhealthy != is_unhealthy) notify_->Run(is_unhealthy ? "unhealthy" : "healthy");
  }
}

std::vector<ProcessStatus> NodeProgram::Processes() const {
  const auto own_pid = static_cast<uint32_t>(::getpid());
  std::vector<ProcessStatus> result = {
      {.name = "ctdbd", .pid = own_pid, .state = "running", .start_time = start_time_}};
  if (supervisor_.get() == nullptr) {
    for (const std::string& name : PartNames()) {
      result.push_back({.name = name,
                        .pid = own_pid,
                        .state = "running",
                        .start_time = start_time_,
                        .is_in_master = true});
    }
    if (guardian_.get() != nullptr) {
      const GuardianProcess::Status& status = guardian_->status();
      result.push_back({.name = "guardian",
                        .pid = static_cast<uint32_t>(status.pid),
                        .state = status.pid == 0 ? "waiting" : "running",
                        .start_time = status.started,
                        .restart_count = status.restarts,
                        .last_exit = status.last_exit});
    }
    return result;
  }
  for (const Supervisor::ChildStatus& child : supervisor_->Describe().children) {
    ProcessStatus process;
    process.name = child.name;
    process.pid = static_cast<uint32_t>(child.pid);
    process.state = std::string(StateName(child.state));
    if (child.pid != 0) process.start_time = WallTime(child.state_since);
    process.restart_count = static_cast<uint32_t>(child.restart_count);
    if (child.last_exit.has_value()) process.last_exit = child.last_exit->text;
    result.push_back(std::move(process));
  }
  return result;
}

}  // namespace ctdb::daemon
