// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/database_query.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/options.h"
#include "cli/render/text.h"
#include "lib/base/nearest_name.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

// Of those that there are, in an error.
constexpr size_t kNamesMax = 10;

std::string Service(NodeNumber node) {
  return absl::StrCat("the database service of node ", node.value());
}

// Below the line that scripts know.
std::string WhichThereAre(NodeNumber node, absl::string_view argument,
                          const std::vector<DatabaseEntry>& databases) {
  if (databases.empty()) {
    return absl::StrCat("Node ", node.value(), " has no databases: \"ctdb attach\" makes one");
  }
  std::vector<absl::string_view> names;
  for (const DatabaseEntry& database : databases) names.push_back(database.name);
  const absl::string_view nearest = NearestName(argument, names);
  const size_t shown = std::min(names.size(), kNamesMax);
  std::string text;
  if (!nearest.empty()) absl::StrAppend(&text, "Did you mean \"", nearest, "\"? ");
  absl::StrAppend(&text, "Node ", node.value(), " has ",
                  absl::StrJoin(names.begin(), names.begin() + static_cast<int64_t>(shown), ", "));
  if (shown < names.size()) absl::StrAppend(&text, " and ", names.size() - shown, " more");
  return Printable(text);
}

}  // namespace

absl::StatusOr<std::vector<DatabaseEntry>> ListDatabases(Session& session, NodeNumber node) {
  CTDB_RETURN_IF_ERROR(session.Open().status());
  CTDB_ASSIGN_OR_RETURN(const auto reply, session.Call(session.database(node).listRequest(),
                                                       absl::StrCat("ask ", Service(node))));
  std::vector<DatabaseEntry> databases;
  for (const auto info : reply.getDatabases()) {
    databases.push_back({info.getId(), std::string(info.getName().begin(), info.getName().size()),
                         info.getKind() == wire::DatabaseKind::VOLATILE,
                         info.getKind() == wire::DatabaseKind::PERSISTENT});
  }
  std::sort(databases.begin(), databases.end(),
            [](const DatabaseEntry& a, const DatabaseEntry& b) { return a.name < b.name; });
  return databases;
}

absl::StatusOr<DatabaseEntry> FindDatabase(Session& session, NodeNumber node,
                                           absl::string_view argument) {
  CTDB_ASSIGN_OR_RETURN(const auto databases, ListDatabases(session, node));
  const std::optional<uint64_t> id =
      absl::StartsWith(argument, "0x") ? ParseNumber(argument) : std::nullopt;
  for (const DatabaseEntry& database : databases) {
    if (database.name == argument || database.id == id) return database;
  }
  return absl::NotFoundError(absl::StrCat("No database matching '", Printable(argument),
                                          "' found\n", WhichThereAre(node, argument, databases)));
}

absl::StatusOr<DatabaseStatusReply> GetDatabaseStatus(Session& session, NodeNumber node,
                                                      const std::string& name) {
  CTDB_RETURN_IF_ERROR(session.Open().status());
  auto request = session.database(node).databaseStatusRequest();
  request.setName(name.c_str());
  return session.Call(kj::mv(request),
                      absl::StrCat("get the status of database ", name, " from ", Service(node)));
}

absl::StatusOr<Reachable> ReachableNodes(Session& session) {
  CTDB_ASSIGN_OR_RETURN(Connection * connection, session.Open());
  const NodeNumber local = connection->address().node;
  CTDB_ASSIGN_OR_RETURN(const auto reply,
                        session.Call(session.transport(local).nodesRequest(), "list the nodes"));
  Reachable nodes;
  for (const auto node : reply.getNodes()) {
    if (node.getDeleted()) continue;
    const bool is_connected = node.getLocal() || node.getConnected();
    (is_connected ? nodes.connected : nodes.others).push_back(NodeNumber(node.getNumber()));
  }
  return nodes;
}

}  // namespace ctdb::cli
