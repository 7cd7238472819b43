// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// groups: the rows of the command table, as the files of this folder give them.
//
//   Ownership:  values.
//   Threading:  pure functions.
//   Errors:     none.
//   Blocking:   never.
//   Limits:     none.

#ifndef CLI_COMMANDS_GROUPS_H_
#define CLI_COMMANDS_GROUPS_H_

#include <vector>

#include "cli/command.h"

namespace ctdb::cli {

std::vector<Command> AttachCommands();        // attach, detach
std::vector<Command> BackupCommands();        // backupdb, db backup, dumpdbbackup
std::vector<Command> CheckCommands();         // db check
std::vector<Command> ConfigCommands();        // listnodes, config ...
std::vector<Command> DaemonCommands();        // Log levels, statistics, processes.
std::vector<Command> DatabaseCommands();      // getdbmap, getdbstatus, ...
std::vector<Command> DatabaseLiveCommands();  // db top, db locks
std::vector<Command> RecoveryStatusCommands();
std::vector<Command> EventsCommands();       // events
std::vector<Command> HelpCommands();         // help, version
std::vector<Command> LeadershipCommands();   // leader, its roles, recover
std::vector<Command> LocalCommands();        // Clusters on this machine.
std::vector<Command> MembershipCommands();   // stop, disable, ban and their opposites
std::vector<Command> MessageCommands();      // Channels.
std::vector<Command> NodeCommands();         // One node: ping, uptime, shutdown, ...
std::vector<Command> ProcessCommands();      // process-exists
std::vector<Command> RecordCommands();       // readkey, writekey, deletekey, db watch
std::vector<Command> ReloadNodesCommands();  // reloadnodes
std::vector<Command> RestoreCommands();      // restoredb
std::vector<Command> StatsCommands();        // stats
std::vector<Command> StatusCommands();       // status, nodestatus
std::vector<Command> TdbFileCommands();      // db import, db export, tfetch, tstore
std::vector<Command> TextDumpCommands();     // db dump, db load
std::vector<Command> TransactionCommands();  // pfetch, pstore, pdelete, ptrans, wipedb
std::vector<Command> TransportCommands();    // links, endpoints
std::vector<Command> TraverseCommands();     // catdb, cattdb
std::vector<Command> TunableCommands();      // listvars, getvar, setvar
std::vector<Command> WaitCommands();         // wait
std::vector<Command> WhyCommands();          // why

}  // namespace ctdb::cli

#endif  // CLI_COMMANDS_GROUPS_H_
