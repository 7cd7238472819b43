// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// db check: what must be true of the databases of a cluster, on a live one.

#include "cli/commands/check.h"

#include "absl/strings/str_cat.h"
#include "cli/commands/database_records.h"
#include "cli/commands/groups.h"
#include "cli/exit_code.h"
#include "cli/render/bytes.h"
#include "cli/render/json.h"
#include "cli/render/text.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

void PrintText(Context& context, const CheckResult& result) {
  const std::string name = Printable(result.database);
  for (const CheckProblem& problem : result.problems) {
    context.Out(absl::StrCat(name, ": ",
                             problem.key.has_value()
                                 ? absl::StrCat("key ", BytesArgument(*problem.key), ": ")
                                 : std::string(),
                             Printable(problem.what), "\n    ", Printable(problem.advice), "\n"));
  }
  context.Out(absl::StrCat(
      "Database ", name, ": ", result.records, " record(s) on ", result.nodes, " node(s): ",
      result.problems.empty() ? std::string("nothing is wrong")
                              : absl::StrCat(result.problems.size(), " problem(s)"),
      result.has_more ? ", and more" : "", "\n"));
}

void PrintJson(Context& context, const std::vector<CheckResult>& results) {
  JsonWriter json;
  json.BeginObject();
  json.Key("databases");
  json.BeginArray();
  for (const CheckResult& result : results) {
    json.BeginObject();
    json.Key("database").String(result.database);
    json.Key("records").Integer(result.records);
    json.Key("nodes").Integer(result.nodes);
    json.Key("hasMore").Bool(result.has_more);
    json.Key("problems");
    json.BeginArray();
    for (const CheckProblem& problem : result.problems) {
      json.BeginObject();
      json.Key("nodes");
      json.BeginArray();
      for (const NodeNumber node : problem.nodes) json.Integer(node.value());
      json.EndArray();
      if (problem.key.has_value()) json.Key("key").String(BytesArgument(*problem.key));
      json.Key("what").String(problem.what);
      json.Key("advice").String(problem.advice);
      json.EndObject();
    }
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  context.Out(absl::StrCat(json.Take(), "\n"));
}

absl::StatusOr<int> Check(Context& context) {
  std::vector<DatabaseEntry> databases;
  if (context.argument(0).empty()) {
    CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context.TargetNode());
    CTDB_ASSIGN_OR_RETURN(databases, ListDatabases(context.session(), local));
  } else {
    CTDB_ASSIGN_OR_RETURN(const DatabaseEntry entry, FindHere(context, context.argument(0)));
    databases.push_back(entry);
  }
  std::vector<CheckResult> results;
  bool is_well = true;
  for (const DatabaseEntry& entry : databases) {
    CheckResult& result = results.emplace_back();
    result.database = entry.name;
    const absl::Status status = entry.is_volatile ? CheckVolatile(context, entry, result)
                                                  : CheckCopies(context, entry, result);
    if (absl::IsCancelled(status)) return status;
    if (!status.ok()) {
      context.Err(absl::StrCat("cannot check database ", Printable(entry.name), ": ",
                               status.message(), "\n"));
    }
    is_well = is_well && status.ok() && result.problems.empty() && !result.has_more;
    if (!context.invocation().json && (status.ok() || !result.problems.empty())) {
      PrintText(context, result);
    }
  }
  if (context.invocation().json) PrintJson(context, results);
  return is_well ? kExitOk : kExitFailed;
}

}  // namespace

std::vector<Command> CheckCommands() {
  return {
      {.name = "db check",
       .arguments = "[DB]",
       .summary = "look for what is wrong with databases",
       .help = "Checks a database, or all of them, while programs use it. Of a volatile one: each "
               "record has at most one owner, its home knows that one, and no node has a newer "
               "copy than the owner. What seems wrong is looked at again until it no longer "
               "changes: records that move are not wrong. Of a persistent or replicated one: each "
               "node's copy is healthy, all checksums in its file are right, and all nodes' copies "
               "have been equal at the same position. Prints what is wrong, with which key and on "
               "which node, and what to do. The exit code is 1 when something is wrong or could "
               "not be checked. Whole files are read: -t gives large ones more time.",
       .examples = {{"ctdb db check locking.tdb",
                     "Database locking.tdb: 1200 record(s) on 3 node(s): nothing is wrong"}},
       .scope = Scope::kLocalNode,
       .arguments_max = 1,
       .handler = Check},
  };
}

}  // namespace ctdb::cli
