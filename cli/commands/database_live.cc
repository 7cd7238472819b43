// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// db top, db locks: which records are wanted by many, and which are not let go of.

#include <capnp/message.h>

#include "absl/strings/str_cat.h"
#include "cli/commands/groups.h"
#include "cli/commands/nodes_to_ask.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/live.h"
#include "cli/render/bytes.h"
#include "cli/render/database.h"
#include "cli/render/json.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(1);
// While it is refreshed: what fits on small terminals.
constexpr size_t kLiveRows = 20;

using HotReply = capnp::Response<wire::DatabaseService::HotRecordsResults>;
using LocksReply = capnp::Response<wire::DatabaseService::LocksResults>;

std::string KeyText(capnp::Data::Reader key) {
  return BytesArgument({reinterpret_cast<const char*>(key.begin()), key.size()});
}

void PrintHot(Context& context, const std::vector<HotRecord>& records) {
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::HotRecords>();
    auto out = result.initRecords(static_cast<uint32_t>(records.size()));
    for (uint32_t i = 0; i < out.size(); ++i) {
      out[i].setDatabase(records[i].second.getDatabase());
      out[i].setHome(records[i].first.value());
      out[i].setKey(KeyText(records[i].second.getKey()).c_str());
      out[i].setMoves(records[i].second.getMoves());
    }
    context.Out(absl::StrCat(ToJsonLine(result.asReader()), "\n"));
    return;
  }
  context.Print(HotRecordTable(records));
  if (records.empty() && !context.invocation().machine) {
    context.Out("No record has moved within the last ten seconds\n");
  }
}

absl::Status DrawTop(Context& context, size_t rows) {
  CTDB_ASSIGN_OR_RETURN(const auto nodes, NodesToAsk(context));
  Session& session = context.session();
  std::vector<std::pair<NodeNumber, HotReply>> replies;
  absl::Status status;
  for (const NodeNumber node : nodes) {
    auto reply = session.Call(session.database(node).hotRecordsRequest(),
                              absl::StrCat("get the hot records of node ", node.value()));
    if (reply.ok()) {
      replies.emplace_back(node, kj::mv(*reply));
    } else {
      status.Update(reply.status());
    }
  }
  std::vector<HotRecord> records;
  for (const auto& [node, reply] : replies) {
    for (const auto record : reply.getRecords()) records.emplace_back(node, record);
  }
  SortByHeat(records);
  if (records.size() > rows)
    records.erase(records.begin() + static_cast<int64_t>(rows), records.end());
  PrintHot(context, records);
  return status;
}

absl::StatusOr<int> Top(Context& context) {
  const uint64_t times = context.invocation().has("once") ? 1 : TimesToShow(context);
  return ShowLive(context, times, kInterval, [&]() -> absl::Status {
    const absl::Status status = DrawTop(context, times == 1 ? SIZE_MAX : kLiveRows);
    if (times == 1) return status;
    // It goes on: a node may come back.
    if (!status.ok()) context.Err(absl::StrCat(status.message(), "\n"));
    return absl::OkStatus();
  });
}

void PrintLocks(Context& context, const std::vector<WaitingLock>& locks) {
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    auto result = message.initRoot<reply::LockWaits>();
    auto out = result.initLocks(static_cast<uint32_t>(locks.size()));
    for (uint32_t i = 0; i < out.size(); ++i) {
      const auto& lock = locks[i].second;
      out[i].setNode(locks[i].first.value());
      out[i].setDatabase(lock.getDatabase());
      out[i].setKey(KeyText(lock.getKey()).c_str());
      out[i].setSeconds(lock.getWaitedSeconds());
      out[i].setObstacle(lock.getObstacle());
    }
    context.PrintJson(result.asReader());
    return;
  }
  context.Print(LockTable(locks));
  if (locks.empty() && !context.invocation().machine) {
    context.Out("No database service waits for a record lock\n");
  }
}

absl::StatusOr<int> Locks(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const auto nodes, NodesToAsk(context));
  Session& session = context.session();
  std::vector<std::pair<NodeNumber, LocksReply>> replies;
  absl::Status status;
  for (const NodeNumber node : nodes) {
    auto reply = session.Call(session.database(node).locksRequest(),
                              absl::StrCat("get the lock waits of node ", node.value()));
    if (reply.ok()) {
      replies.emplace_back(node, kj::mv(*reply));
    } else {
      status.Update(reply.status());
    }
  }
  std::vector<WaitingLock> locks;
  for (const auto& [node, reply] : replies) {
    for (const auto lock : reply.getLocks()) locks.emplace_back(node, lock);
  }
  PrintLocks(context, locks);
  if (!status.ok()) return status;
  return kExitOk;
}

}  // namespace

std::vector<Command> DatabaseLiveCommands() {
  return {
      {.name = "db locks",
       .arguments = "",
       .summary = "record locks that services wait for",
       .help = "Lists the record locks that the database services of all connected nodes, or of "
               "the node of -n, wait for since another node wants the record: how long already, "
               "and the process on that node that holds the lock. Programs should hold record "
               "locks for a moment only. Keys that are not printable text appear as 0x and "
               "hexadecimal digits. A program of the same node that waits for a lock is not "
               "listed: no service knows of it.",
       .examples = {{"ctdb db locks",
                     "Node  Database      Waiting  Key       Held by\n"
                     "   1  counters.tdb       5s  visitors  process 4711"}},
       .machine = true,
       .watch = true,
       .handler = Locks},
      {.name = "db top",
       .arguments = "",
       .summary = "records that move most, live",
       .help = "Shows which records of all databases move between nodes most: how often within "
               "one second, at most, in the last ten. Home is the node that keeps track of the "
               "record. Refreshed every second until Ctrl-C; with --once, or where stdout is no "
               "terminal, a single table. With -n only records that this node is home of. Keys "
               "that are not printable text appear as 0x and hexadecimal digits. With --json "
               "each time is an object on a line of its own.",
       .options = {{"once", 0, "", "show it once, also on a terminal"}},
       .examples = {{"ctdb db top --once",
                     "Moves/s  Database      Home  Key\n"
                     "     84  counters.tdb     1  visitors\n"
                     "      3  locking.tdb      0  0x00fe12"}},
       .machine = true,
       .endless = true,
       .handler = Top},
  };
}

}  // namespace ctdb::cli
