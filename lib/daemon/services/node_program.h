// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// node_program: what ctdbd is: the master daemon with all parts of a node, either in its own
// process (model "single") or as processes of their own that it supervises (model "multi").
//
//   Ownership:  owns the parts.
//   Threading:  belongs to the event loop's thread.
//   Errors:     a part that cannot start ends the start, with that part's own words and exit code;
//               one that fails later is started again.
//   Blocking:   as StartTransport().
//   Limits:     those of the supervisor.
//
// Example:
//   NodeProgram node;
//   return Program::Run(options, [&](Program& program) { return node.Setup(program); });

#ifndef LIB_DAEMON_SERVICES_NODE_PROGRAM_H_
#define LIB_DAEMON_SERVICES_NODE_PROGRAM_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lib/daemon/io/program.h"
#include "lib/daemon/io/supervisor_driver.h"
#include "lib/daemon/services/guardian_process.h"
#include "lib/daemon/services/master_server.h"
#include "lib/daemon/services/notify_script.h"
#include "lib/daemon/services/transport_setup.h"
#include "lib/transport/io/transport_loop.h"

namespace ctdb::daemon {

class NodeProgram : public SupervisorDriver::Listener {
 public:
  ~NodeProgram() noexcept override = default;

  absl::Status Setup(Program& program);

 private:
  absl::Status SetupAll(Program& program);
  absl::Status SetupInProcess();
  absl::Status SetupGuardian(const NodeIdentity& identity);
  void TellGuardian(const std::vector<TransportNode>& nodes);
  absl::Status SetupChildren();
  bool ServesSamba() const;
  // What a node consists of besides ctdbd itself.
  std::vector<std::string> PartNames() const;
  wire::RunState run_state() const { return run_state_; }
  std::vector<ProcessStatus> Processes() const;
  void OnClusterChange(wire::Change::Reader change);

  void OnLine(absl::string_view child, ChildProcess::Stream stream,
              absl::string_view line) override;
  void OnAlert(const Supervisor::Alert& alert) override;

  Program* program_ = nullptr;
  std::string process_model_;
  absl::Time start_time_;
  wire::RunState run_state_ = wire::RunState::INIT;
  LogLevel child_log_level_ = LogLevel::kError;
  std::string last_child_line_;
  config::Tunables tunables_;
  std::unique_ptr<NotifyScript> notify_;
  std::unique_ptr<TransportLoop> transport_;  // Model "single", and this too:
  kj::Own<GuardianProcess> guardian_;
  guardian::Will will_;
  kj::Own<SupervisorDriver> supervisor_;  // Model "multi".
};

}  // namespace ctdb::daemon

#endif  // LIB_DAEMON_SERVICES_NODE_PROGRAM_H_
