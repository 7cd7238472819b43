// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// attach, detach: databases come and go on all nodes.

#include <capnp/message.h>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "cli/cluster_query.h"
#include "cli/commands/daemons.h"
#include "cli/commands/groups.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/database_query.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/render/cluster.h"
#include "cli/render/status.h"
#include "cli/render/text.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

constexpr absl::string_view kAttachTunable = "AllowClientDBAttach";

std::string OnNode(absl::string_view name, NodeNumber node) {
  return absl::StrCat("database ", name, " on node ", node.value());
}

absl::Status AttachOn(Session& session, NodeNumber node, const std::string& name,
                      wire::DatabaseKind kind, wire::DatabaseEngine engine) {
  auto request = session.database(node).attachRequest();
  request.setName(name.c_str());
  request.setKind(kind);
  request.setEngine(engine);
  return session.Call(kj::mv(request), absl::StrCat("attach ", OnNode(name, node))).status();
}

absl::Status SetReadOnlyOn(Session& session, NodeNumber node, const std::string& name) {
  auto request = session.database(node).setReadOnlyCopiesRequest();
  request.setName(name.c_str());
  request.setMode("on");
  return session.Call(kj::mv(request), absl::StrCat("set READONLY on ", OnNode(name, node)))
      .status();
}

// The local node first: what is wrong with the name shows there, before another node has it.
absl::Status AttachEverywhere(Session& session, NodeNumber local, const std::string& name,
                              const std::string& kind_name) {
  const auto kind = kind_name == "persistent"   ? wire::DatabaseKind::PERSISTENT
                    : kind_name == "replicated" ? wire::DatabaseKind::REPLICATED
                                                : wire::DatabaseKind::VOLATILE;
  const auto engine = kind_name == "tdb" ? wire::DatabaseEngine::TDB : wire::DatabaseEngine::NATIVE;
  CTDB_RETURN_IF_ERROR(AttachOn(session, local, name, kind, engine));
  CTDB_ASSIGN_OR_RETURN(const Reachable nodes, ReachableNodes(session));
  absl::Status status;
  for (const NodeNumber node : nodes.connected) {
    if (node != local) status.Update(AttachOn(session, node, name, kind, engine));
  }
  if (kind_name == "readonly") {
    for (const NodeNumber node : nodes.connected) {
      status.Update(SetReadOnlyOn(session, node, name));
    }
  }
  return status;
}

absl::StatusOr<int> Attach(Context& context) {
  const std::string name = context.argument(0);
  const std::string kind = context.argument(1);
  const std::set<std::string> kinds = {"", "persistent", "readonly", "replicated", "sticky", "tdb"};
  if (kinds.count(kind) == 0) {
    context.Out(CommandUsage(context.command()));
    return kExitFailed;
  }
  CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context.TargetNode());
  const absl::Status status = AttachEverywhere(context.session(), local, name, kind);
  if (!status.ok()) {
    context.Err(absl::StrCat(status.message(), "\n"));
    return absl::Status(status.code(), absl::StrCat("Failed to attach to DB ", Printable(name)));
  }
  if (kind == "sticky") {
    context.Err("In every database, records in demand stay on a node for a while\n");
  }
  PrintNothing(context);
  return kExitOk;
}

absl::StatusOr<bool> ClientsMayAttach(Session& session, NodeNumber node) {
  const auto reply = session.Call(session.master(node).listTunablesRequest(),
                                  absl::StrCat("get the tunables of node ", node.value()));
  if (reply.ok()) {
    for (const auto tunable : reply->getTunables()) {
      if (View(tunable.getName()) == kAttachTunable) return tunable.getValue() != 0;
    }
  }
  return absl::UnavailableError(
      absl::StrCat("Unable to get tunable ", kAttachTunable, " from node ", node.value()));
}

// Whether databases can be detached now, on these nodes.
absl::Status CheckDetach(Session& session, NodeNumber local, const std::vector<NodeNumber>& nodes) {
  CTDB_ASSIGN_OR_RETURN(const ClusterReply reply, GetClusterOverview(session, local));
  if (!IsSettled(reply.getOverview())) {
    return absl::UnavailableError("Database cannot be detached when recovery is active");
  }
  for (const NodeNumber node : nodes) {
    const auto report = FindReport(reply.getOverview(), node);
    if (report.has_value() && (report->getFlags() & kInactiveFlags) == 0) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "Database cannot be detached on inactive (stopped or banned) node ", node.value()));
  }
  for (const NodeNumber node : nodes) {
    CTDB_ASSIGN_OR_RETURN(const bool may_attach, ClientsMayAttach(session, node));
    if (!may_attach) continue;
    return absl::FailedPreconditionError(absl::StrCat("Database access is still active on node ",
                                                      node.value(),
                                                      ". Set AllowclientDBAttach=0 on all nodes."));
  }
  return absl::OkStatus();
}

// Why it did not work, by node. A node that still has the database may tell it to one that has it
// no more: this goes on until none has it.
std::map<NodeNumber, std::string> DetachEverywhere(Session& session, const std::string& name,
                                                   const std::vector<NodeNumber>& nodes) {
  constexpr int kRounds = 4;
  std::map<NodeNumber, std::string> failures;
  for (int round = 0; round < kRounds; ++round) {
    failures.clear();
    bool is_gone = true;
    for (const NodeNumber node : nodes) {
      auto request = session.database(node).detachRequest();
      request.setName(name.c_str());
      const absl::Status status =
          session.Call(kj::mv(request), absl::StrCat("detach ", OnNode(name, node))).status();
      if (absl::IsNotFound(status)) continue;
      is_gone = is_gone && !status.ok();
      failures[node] = status.ok() ? absl::StrCat(OnNode(name, node),
                                                  " comes back again and again: who uses it?")
                                   : std::string(status.message());
    }
    if (is_gone) break;
  }
  return failures;
}

// False, with the reasons on stderr, when it could not be done everywhere.
bool DetachOne(Context& context, const DatabaseEntry& database, const Reachable& nodes) {
  const auto failures = DetachEverywhere(context.session(), database.name, nodes.connected);
  for (const auto& [node, why] : failures) context.Err(absl::StrCat(why, "\n"));
  for (const NodeNumber node : nodes.others) {
    context.Err(absl::StrCat("Node ", node.value(), " is not connected: if it still runs, ",
                             database.name, " comes back with it\n"));
  }
  if (failures.empty()) return true;
  context.Err(absl::StrCat("Database ", database.name, " detach failed\n"));
  return false;
}

void PrintDetached(Context& context, const std::vector<std::string>& detached,
                   const std::vector<std::string>& failed) {
  if (!context.invocation().json) return;
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<reply::Detached>();
  auto done = result.initDetached(static_cast<uint32_t>(detached.size()));
  for (uint32_t i = 0; i < done.size(); ++i) done.set(i, detached[i].c_str());
  auto undone = result.initFailed(static_cast<uint32_t>(failed.size()));
  for (uint32_t i = 0; i < undone.size(); ++i) undone.set(i, failed[i].c_str());
  context.PrintJson(result.asReader());
}

absl::StatusOr<int> Detach(Context& context) {
  Session& session = context.session();
  CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const Reachable nodes, ReachableNodes(session));
  CTDB_RETURN_IF_ERROR(CheckDetach(session, local, nodes.connected));
  std::vector<std::string> detached;
  std::vector<std::string> failed;
  for (const std::string& argument : context.invocation().arguments) {
    const auto database = FindDatabase(session, local, argument);
    bool is_done = false;
    if (!database.ok()) {
      context.Err(absl::StrCat(database.status().message(), "\n"));
    } else if (!database->is_volatile) {
      context.Err("Only volatile databases can be detached\n");
    } else {
      is_done = DetachOne(context, *database, nodes);
    }
    (is_done ? detached : failed).push_back(database.ok() ? database->name : argument);
  }
  PrintDetached(context, detached, failed);
  return failed.empty() ? kExitOk : kExitFailed;
}

}  // namespace

std::vector<Command> AttachCommands() {
  return {
      {.name = "attach",
       .arguments = "DB [persistent|readonly|replicated|sticky|tdb]",
       .summary = "make a database on all nodes",
       .help = "Makes a database on all connected nodes, or does nothing where it is there "
               "already. Without a second word it is volatile: its records are gone when a "
               "node's daemons end. Of a \"persistent\" one every node has a copy on disk, of a "
               "\"replicated\" one a copy in memory. \"readonly\" is what setdbreadonly does; "
               "every database is "
               "\"sticky\": see setdbsticky. \"tdb\" makes a volatile one in a file that "
               "unmodified Samba opens, as Samba's programs do when they start.",
       .examples = {{"ctdb attach counters.tdb", ""}, {"ctdb attach registry.tdb persistent", ""}},
       .scope = Scope::kLocalNode,
       .arguments_min = 1,
       .arguments_max = 2,
       .legacy = true,
       .handler = Attach},
      {.name = "detach",
       .arguments = "DB...",
       .summary = "remove databases from all nodes",
       .help = "Removes volatile databases, with all that is in them, from all connected nodes. "
               "The tunable AllowClientDBAttach must be 0 on all of them, so that no program "
               "attaches them meanwhile. A program that still has one open gets an error that "
               "says so when it locks or stores a record; when the tunable is 1 again, its next "
               "attempt makes the database anew, empty. Databases that do not exist are named and "
               "skipped.",
       .examples = {{"ctdb detach counters.tdb", ""}},
       .scope = Scope::kLocalNode,
       .arguments_min = 1,
       .arguments_max = kAnyNumber,
       .legacy = true,
       .handler = Detach},
  };
}

}  // namespace ctdb::cli
