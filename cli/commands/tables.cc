// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/commands/tables.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace ctdb::cli {
namespace {

// An age for people, the point in time for scripts; "-" when there is none.
Cell Since(double time, double now) {
  if (time == 0) return Cell(std::string("-"), std::string("0"));
  return Cell(ShortAge(now - time), absl::StrFormat("%.6f", time));
}

Cell Bytes(uint64_t bytes) { return Cell(ByteCount(bytes), absl::StrCat(bytes)); }

}  // namespace

Table LinkTable(capnp::List<wire::Node>::Reader nodes, double now) {
  Table table({{"Node", "Node", Align::kRight},
               {"Address", "Address"},
               {"State", "State"},
               {"Since", "ConnectedSince", Align::kRight},
               {"Sent", "BytesSent", Align::kRight},
               {"Received", "BytesReceived", Align::kRight},
               {"Queued", "BytesQueued", Align::kRight},
               {"Software", "Software"},
               {"Last error", "LastError"}});
  for (const auto node : nodes) {
    if (node.getDeleted()) continue;
    const Tone tone = node.getLocal() || node.getConnected() ? Tone::kGood : Tone::kBad;
    const std::string state = node.getLocal() ? "this node" : String(node.getState());
    table.AddRow({uint64_t{node.getNumber()}, String(node.getAddress()), Cell(state, tone),
                  Since(node.getConnectedSince(), now), Bytes(node.getBytesSent()),
                  Bytes(node.getBytesReceived()), Bytes(node.getQueuedBytes()),
                  String(node.getSoftware()), String(node.getLastError())});
  }
  return table;
}

Table ProcessTable(capnp::List<wire::Process>::Reader processes, double now) {
  Table table({{"Process", "Process"},
               {"Pid", "Pid", Align::kRight},
               {"State", "State"},
               {"Since", "StartTime", Align::kRight},
               {"Restarts", "Restarts", Align::kRight},
               {"Last exit", "LastExit"}});
  for (const auto process : processes) {
    const Tone tone = View(process.getState()) == "running" ? Tone::kGood : Tone::kBad;
    table.AddRow({String(process.getName()), uint64_t{process.getPid()},
                  Cell(String(process.getState()), tone), Since(process.getStartTime(), now),
                  uint64_t{process.getRestartCount()}, String(process.getLastExit())});
  }
  return table;
}

absl::string_view RunStateName(wire::RunState state) {
  switch (state) {
    case wire::RunState::INIT:
      return "INIT";
    case wire::RunState::SETUP:
      return "SETUP";
    case wire::RunState::FIRST_RECOVERY:
      return "FIRST_RECOVERY";
    case wire::RunState::STARTUP:
      return "STARTUP";
    case wire::RunState::RUNNING:
      return "RUNNING";
    case wire::RunState::SHUTDOWN:
      return "SHUTDOWN";
    case wire::RunState::UNKNOWN:
      break;
  }
  return "UNKNOWN";
}

}  // namespace ctdb::cli
