// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/command_table.h"

#include <algorithm>

#include "cli/commands/groups.h"

namespace ctdb::cli {

const std::vector<Command>& CommandTable() {
  static const auto* table = [] {
    auto* rows = new std::vector<Command>;
    for (const auto group :
         {AttachCommands,      BackupCommands,       CheckCommands,   RestoreCommands,
          TdbFileCommands,     TextDumpCommands,     ConfigCommands,  DaemonCommands,
          DatabaseCommands,    DatabaseLiveCommands, EventsCommands,  RecoveryStatusCommands,
          HelpCommands,        LeadershipCommands,   LocalCommands,   MembershipCommands,
          MessageCommands,     NodeCommands,         ProcessCommands, RecordCommands,
          ReloadNodesCommands, StatsCommands,        StatusCommands,  TransactionCommands,
          TransportCommands,   TraverseCommands,     TunableCommands, WaitCommands,
          WhyCommands}) {
      for (Command& row : group()) rows->push_back(std::move(row));
    }
    std::sort(rows->begin(), rows->end(),
              [](const Command& a, const Command& b) { return a.name < b.name; });
    return rows;
  }();
  return *table;
}

}  // namespace ctdb::cli
