// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// getdbmap, getdbstatus, getdbseqnum, dbstatistics, setdbreadonly, setdbsticky: databases as a
// whole.

#include "cli/render/database.h"

#include <capnp/message.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/commands/daemons.h"
#include "cli/commands/groups.h"
#include "cli/commands/open_database.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/database_query.h"
#include "cli/exit_code.h"
#include "cli/render/bytes.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

const char* KindName(wire::DatabaseKind kind) {
  switch (kind) {
    case wire::DatabaseKind::VOLATILE:
      return "volatile";
    case wire::DatabaseKind::PERSISTENT:
      return "persistent";
    case wire::DatabaseKind::REPLICATED:
      return "replicated";
  }
  return "unknown";
}

void Fill(wire::DatabaseStatus::Reader status, reply::Database::Builder out) {
  const auto info = status.getInfo();
  out.setId(info.getId());
  out.setName(info.getName());
  out.setKind(KindName(info.getKind()));
  out.setPath(info.getPath());
  out.setReadOnlyCopies(status.getReadOnlyCopies());
  out.setSettled(status.getIsSettled());
  out.setRecords(status.getRecords());
  out.setMemoryBytes(status.getMemoryBytes());
  out.setColdBytes(status.getColdBytes());
}

// The node and the status of the database that the first argument names.
struct Found {
  NodeNumber node;
  DatabaseStatusReply reply;
};
absl::StatusOr<Found> FindStatus(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry database,
                        FindDatabase(context.session(), node, context.argument(0)));
  CTDB_ASSIGN_OR_RETURN(auto reply, GetDatabaseStatus(context.session(), node, database.name));
  return Found{node, kj::mv(reply)};
}

absl::StatusOr<int> GetDbMap(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const auto databases, ListDatabases(context.session(), node));
  std::vector<DatabaseStatusReply> replies;
  for (const DatabaseEntry& database : databases) {
    auto reply = GetDatabaseStatus(context.session(), node, database.name);
    // It may have been detached meanwhile.
    if (absl::IsNotFound(reply.status())) continue;
    CTDB_RETURN_IF_ERROR(reply.status());
    replies.push_back(kj::mv(*reply));
  }
  DatabaseStatuses statuses;
  for (const auto& reply : replies) statuses.push_back(reply.getStatus());
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::Databases>();
    result.setNode(node.value());
    auto out = result.initDatabases(static_cast<uint32_t>(statuses.size()));
    for (uint32_t i = 0; i < out.size(); ++i) Fill(statuses[i], out[i]);
    context.PrintJson(result.asReader());
  } else if (context.invocation().machine) {
    context.Print(DatabaseMapTable(statuses));
  } else {
    context.Out(DatabaseMap(statuses));
  }
  return kExitOk;
}

absl::StatusOr<int> GetDbStatus(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const Found found, FindStatus(context));
  const auto status = found.reply.getStatus();
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::Database>();
    Fill(status, result);
    context.PrintJson(result.asReader());
  } else if (context.invocation().machine) {
    context.Print(DatabaseMapTable({status}));
  } else {
    context.Out(DatabaseStatusText(status));
  }
  return kExitOk;
}

absl::StatusOr<ReplicaPosition> GetPosition(Context& context, const DatabaseEntry& database) {
  CTDB_ASSIGN_OR_RETURN(const OpenedCopies opened, OpenCopies(context, database));
  return opened.database->Position(context.invocation().time_limit);
}

absl::StatusOr<int> PrintSequence(Context& context, const DatabaseEntry& database) {
  const auto position = GetPosition(context, database);
  if (!position.ok()) {
    context.Err(absl::StrCat(position.status().message(), "\n"));
    return absl::Status(position.status().code(),
                        absl::StrCat("Failed to get sequence number for DB ", database.name));
  }
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::DatabaseSequence>();
    result.setDatabase(database.name.c_str());
    result.setSequence(position->sequence);
    result.setCounted(true);
    context.PrintJson(result.asReader());
  } else {
    context.Out(absl::StrFormat("0x%x\n", position->sequence));
  }
  return kExitOk;
}

absl::StatusOr<int> GetDbSeqnum(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry database,
                        FindDatabase(context.session(), node, context.argument(0)));
  if (!database.is_volatile) return PrintSequence(context, database);
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::DatabaseSequence>();
    result.setDatabase(database.name.c_str());
    context.PrintJson(result.asReader());
    return kExitOk;
  }
  context.Out("0x0\n");
  context.Err(absl::StrCat("Changes of volatile databases such as ", database.name,
                           " are not counted: the number is always 0\n"));
  return kExitOk;
}

void PrintStatisticsJson(Context& context, const Found& found) {
  const auto status = found.reply.getStatus();
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<reply::DatabaseStatistics>();
  result.setNode(found.node.value());
  result.setDatabase(status.getInfo().getName());
  result.setLocks(status.getLocks());
  result.setCounters(status.getCounters());
  result.setCopiesLent(status.getCopiesLent());
  result.setCopiesRevoked(status.getCopiesRevoked());
  const auto hot = status.getHotRecords();
  auto out = result.initHotRecords(hot.size());
  for (uint32_t i = 0; i < hot.size(); ++i) {
    const auto key = hot[i].getKey();
    out[i].setDatabase(status.getInfo().getName());
    out[i].setHome(found.node.value());
    out[i].setKey(BytesArgument({reinterpret_cast<const char*>(key.begin()), key.size()}).c_str());
    out[i].setMoves(hot[i].getMoves());
  }
  context.PrintJson(result.asReader());
}

absl::StatusOr<int> DbStatistics(Context& context) {
  auto found = FindStatus(context);
  if (!found.ok()) {
    if (absl::IsNotFound(found.status())) return found.status();
    context.Err(absl::StrCat(found.status().message(), "\n"));
    return absl::Status(found.status().code(),
                        absl::StrCat("Failed to get statistics for DB ", context.argument(0)));
  }
  if (context.invocation().json) {
    PrintStatisticsJson(context, *found);
  } else if (context.invocation().machine) {
    context.Print(DatabaseStatisticsTable(found->reply.getStatus()));
  } else {
    context.Out(DatabaseStatisticsText(found->reply.getStatus()));
  }
  return kExitOk;
}

absl::StatusOr<int> SetDbReadOnly(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber target, context.TargetNode());
  Session& session = context.session();
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry database,
                        FindDatabase(session, target, context.argument(0)));
  if (!database.is_volatile) {
    return absl::InvalidArgumentError("READONLY can be set only on volatile DB");
  }
  CTDB_ASSIGN_OR_RETURN(const Reachable nodes, ReachableNodes(session));
  for (const NodeNumber node : nodes.connected) {
    auto request = session.database(node).setReadOnlyCopiesRequest();
    request.setName(database.name.c_str());
    request.setMode("on");
    CTDB_RETURN_IF_ERROR(
        session
            .Call(kj::mv(request), absl::StrCat("set READONLY on database ", database.name,
                                                " of node ", node.value()))
            .status());
  }
  PrintNothing(context);
  return kExitOk;
}

absl::StatusOr<int> SetDbSticky(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber node, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry database,
                        FindDatabase(context.session(), node, context.argument(0)));
  if (!database.is_volatile) {
    return absl::InvalidArgumentError("STICKY can be set only on volatile DB");
  }
  context.Err(absl::StrCat("Nothing to do for ", database.name,
                           ": in every database, records in demand stay on a node for a while\n"));
  PrintNothing(context);
  return kExitOk;
}

std::vector<Command> WhatWasCounted() {
  return {
      {.name = "dbstatistics",
       .arguments = "DB",
       .summary = "what was counted about a database",
       .help =
           "Prints what the node has counted about a database since its statistics were reset: "
           "read-only copies that it lent and, as the home of records, took back; record locks "
           "that the service took to move records, and how long it waited for them; the records "
           "that moved most often within one second lately (those that this node is home of; all "
           "of them: \"db top\"); and below what older tools do not have. num_failed counts waits "
           "that were given up for a moment because others waited, too. Requests do not hop and "
           "nothing vacuums here: these are always 0.",
       .examples = {{"ctdb dbstatistics locking.tdb",
                     "DB Statistics locking.tdb\n"
                     " db_ro_delegations                  0\n"
                     " db_ro_revokes                      0\n"
                     " locks\n"
                     "     num_calls                     10\n"
                     "..."}},
       .arguments_min = 1,
       .arguments_max = 1,
       .machine = true,
       .watch = true,
       .legacy = true,
       .handler = DbStatistics},
  };
}

std::vector<Command> WhatThereIs() {
  return {
      {.name = "getdbmap",
       .arguments = "",
       .summary = "the databases of a node",
       .help =
           "Lists the node's databases with number, name and file. The file's name is the "
           "beginning of those of the files that belong to it. PERSISTENT, READONLY, "
           "REPLICATED or UNHEALTHY stand behind those that are: \"ctdb getdbstatus\" says why.",
       .examples = {{"ctdb getdbmap",
                     "Number of databases:1\n"
                     "dbid:0x7a19d84d name:locking.tdb path:/var/lib/ctdb/volatile/locking.tdb.0"},
                    {"ctdb getdbmap -X",
                     "|ID|Name|Path|Persistent|Sticky|Unhealthy|Readonly|Replicated|\n"
                     "|0x7A19D84D|locking.tdb|/var/lib/ctdb/volatile/locking.tdb.0|0|0|0|0|0|"}},
       .machine = true,
       .watch = true,
       .legacy = true,
       .handler = GetDbMap},
      {.name = "getdbseqnum",
       .arguments = "DB",
       .summary = "how often a database was changed",
       .help = "Prints the sequence number of a database in hexadecimal, as this node's copy has "
               "it. Persistent and replicated databases count their transactions, and one more "
               "for each change of the cluster's members. Of a volatile one it is always 0x0, and "
               "a line on stderr says so.",
       .examples = {{"ctdb getdbseqnum locking.tdb", "0x0"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 1,
       .arguments_max = 1,
       .legacy = true,
       .handler = GetDbSeqnum},
      {.name = "getdbstatus",
       .arguments = "DB",
       .summary = "number, file and kind of a database",
       .help = "Prints what a database of the node is. HEALTH is OK, or why this node's copy of a "
               "persistent or replicated database may not be used. STICKY is always \"no\": it is "
               "not a thing "
               "to be switched on here (see setdbsticky).",
       .examples = {{"ctdb getdbstatus locking.tdb",
                     "dbid: 0x7a19d84d\n"
                     "name: locking.tdb\n"
                     "path: /var/lib/ctdb/volatile/locking.tdb.0\n"
                     "PERSISTENT: no\n"
                     "REPLICATED: no\n"
                     "STICKY: no\n"
                     "READONLY: no\n"
                     "HEALTH: OK"}},
       .arguments_min = 1,
       .arguments_max = 1,
       .machine = true,
       .watch = true,
       .legacy = true,
       .handler = GetDbStatus},
  };
}

}  // namespace

std::vector<Command> DatabaseCommands() {
  std::vector<Command> rows = WhatWasCounted();
  for (Command& row : WhatThereIs()) rows.push_back(std::move(row));
  rows.push_back(
      {.name = "setdbreadonly",
       .arguments = "DB",
       .summary = "let nodes keep copies to read",
       .help = "Has the nodes keep read-only copies of the database's records from the first read "
               "on, on all connected nodes, until the daemons end. Otherwise they do so of records "
               "that are read often. A write takes the copies back first.",
       .examples = {{"ctdb setdbreadonly locking.tdb", ""}},
       .arguments_min = 1,
       .arguments_max = 1,
       .legacy = true,
       .handler = SetDbReadOnly});
  rows.push_back(
      {.name = "setdbsticky",
       .arguments = "DB",
       .summary = "let records in demand stay for a while",
       .help = "Does nothing and says so: records that several nodes want stay on each of them for "
               "a while, in every database. The command is there for scripts that use it.",
       .examples = {{"ctdb setdbsticky locking.tdb", ""}},
       .arguments_min = 1,
       .arguments_max = 1,
       .legacy = true,
       .handler = SetDbSticky});
  return rows;
}

}  // namespace ctdb::cli
