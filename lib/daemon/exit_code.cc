// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/daemon/exit_code.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace ctdb::daemon {
namespace {

constexpr char kExitCodePayload[] = "ctdb/exit-code";

}  // namespace

const std::vector<ExitCodeInfo>& ExitCodes() {
  static const auto* const kTable = new std::vector<ExitCodeInfo>{
      {ExitCode::kNormal, "normal", "The daemon was asked to stop and did so in order."},
      {ExitCode::kStartFailed, "start-failed",
       "Start-up failed: wrong arguments, an invalid configuration, or an event script that must "
       "succeed did not. The log's last lines name it."},
      {ExitCode::kClientSocket, "client-socket",
       "The socket for clients could not be set up. Check its directory's existence and "
       "permissions, and that no other program uses it."},
      {ExitCode::kPidFile, "pid-file",
       "The pid file could not be written or belongs to a daemon that runs. The log names its "
       "process."},
      {ExitCode::kAddressInUse, "address-in-use",
       "Another program listens on the daemon's address and port. Find it with \"ss -lntp\"."},
      {ExitCode::kAddressMissing, "address-missing",
       "None of the addresses in the nodes file belongs to this machine, or the interface is not "
       "up yet."},
      {ExitCode::kStorage, "storage",
       "A database or state directory cannot be used: missing, full, read-only or damaged."},
      {ExitCode::kPermission, "permission",
       "A privilege is missing that the configuration asks for, such as changing addresses."},
      {ExitCode::kPartGivenUp, "part-given-up",
       "A part that the others need failed for good; all were stopped. The log says which part and "
       "why."},
      {ExitCode::kInternal, "internal",
       "The daemon found a state that cannot be. Please report it with the log."},
      {ExitCode::kStopForced, "stop-forced",
       "The daemon was asked to stop, but did not finish in order within its time."},
  };
  return *kTable;
}

const ExitCodeInfo* FindExitCode(int code) {
  for (const ExitCodeInfo& info : ExitCodes()) {
    if (ToInt(info.code) == code) return &info;
  }
  return nullptr;
}

absl::Status WithExitCode(absl::Status status, ExitCode code) {
  if (!status.ok()) status.SetPayload(kExitCodePayload, absl::Cord(absl::StrCat(ToInt(code))));
  return status;
}

ExitCode ExitCodeOf(const absl::Status& status) {
  int code = 0;
  if (const auto named = status.GetPayload(kExitCodePayload);
      named.has_value() && absl::SimpleAtoi(std::string(*named), &code)) {
    return static_cast<ExitCode>(code);
  }
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return ExitCode::kNormal;
    case absl::StatusCode::kAlreadyExists:
      return ExitCode::kAddressInUse;
    case absl::StatusCode::kPermissionDenied:
      return ExitCode::kPermission;
    default:
      return ExitCode::kStartFailed;
  }
}

}  // namespace ctdb::daemon
