// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/cluster_query.h"
#include "cli/commands/check.h"
#include "cli/commands/database_records.h"
#include "cli/commands/tables.h"
#include "cli/observe.h"
#include "cli/progress.h"
#include "lib/backup/difference.h"
#include "lib/backup/restore.h"
#include "lib/base/status_macros.h"
#include "lib/check/copies.h"
#include "lib/protocol/bytes_text.h"

namespace ctdb::cli {
namespace {

// How often nodes are asked for a position that all of them have had.
constexpr int kAttemptsMax = 40;
constexpr absl::Duration kPause = absl::Milliseconds(100);
// That are told of when copies differ.
constexpr size_t kKeysShown = 10;

std::string NodeNames(const std::vector<NodeNumber>& nodes) {
  const auto name = [](std::string* out, NodeNumber node) { absl::StrAppend(out, node.value()); };
  return absl::StrJoin(nodes, ", ", name);
}

// One node's copy.
class CopyOfNode final : public backup::RecordSource {
 public:
  CopyOfNode(Session& session, NodeNumber node, const std::string& name, Progress& progress)
      : session_(session), node_(node), name_(name), progress_(progress) {}

  absl::Status ForEach(backup::VisitRecord visit) override {
    auto request = session_.database(node_).snapshotRequest();
    request.setName(name_.c_str());
    const std::string action = absl::StrCat("read database ", name_, " of node ", node_.value());
    CTDB_ASSIGN_OR_RETURN(const auto taken, session_.Call(kj::mv(request), action));
    auto snapshot = taken.getSnapshot();
    for (bool is_last = false; !is_last;) {
      CTDB_ASSIGN_OR_RETURN(const auto page, session_.Call(snapshot.nextRequest(), action));
      for (const auto record : page.getRecords()) {
        CTDB_RETURN_IF_ERROR(progress_.Step());
        CTDB_RETURN_IF_ERROR(visit(FromData(record.getKey()), FromData(record.getValue())));
      }
      is_last = page.getLast();
    }
    return absl::OkStatus();
  }

 private:
  Session& session_;
  const NodeNumber node_;
  const std::string& name_;
  Progress& progress_;
};

class CopiesCheck {
 public:
  CopiesCheck(Context& context, const DatabaseEntry& entry, CheckResult& result)
      : context_(context),
        session_(context.session()),
        entry_(entry),
        result_(result),
        progress_(context, absl::StrCat("checking ", entry.name)) {}

  absl::Status Run() {
    CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context_.TargetNode());
    CTDB_ASSIGN_OR_RETURN(const ClusterReply reply, GetClusterOverview(session_, local));
    std::vector<NodeNumber> healthy;
    for (const uint32_t member : reply.getOverview().getView().getMembers()) {
      const NodeNumber node(member);
      ++result_.nodes;
      CTDB_ASSIGN_OR_RETURN(const bool is_healthy, CheckNode(node));
      if (is_healthy) healthy.push_back(node);
    }
    if (result_.nodes == 0) {
      return absl::UnavailableError(
          absl::StrCat("node ", local.value(), " has not joined the cluster (\"ctdb status\")"));
    }
    return Compare(healthy);
  }

 private:
  absl::StatusOr<bool> CheckNode(NodeNumber node) {
    CTDB_ASSIGN_OR_RETURN(const auto reply, GetDatabaseStatus(session_, node, entry_.name));
    const auto status = reply.getStatus();
    result_.records = std::max<uint64_t>(result_.records, status.getRecords());
    if (status.getReason().size() > 0) {
      result_.Add(
          {{node},
           std::nullopt,
           absl::StrCat("the copy of node ", node.value(),
                        " may not be used: ", String(status.getReason())),
           "it is filled from another node's copy when all members are there (\"ctdb "
           "status\"); if no node has a healthy copy, end all daemons, move the files of the "
           "copies away (\"ctdb getdbstatus\"), start them and restore a backup"});
      return false;
    }
    auto request = session_.database(node).checkFileRequest();
    request.setName(entry_.name.c_str());
    const auto check = session_.Call(
        kj::mv(request),
        absl::StrCat("check the file of node ", node.value(), " (-t gives it more time than ",
                     absl::FormatDuration(context_.invocation().time_limit), ")"));
    CTDB_RETURN_IF_ERROR(check.status());
    if (check->getProblem().size() == 0) return true;
    result_.Add({{node},
                 std::nullopt,
                 absl::StrCat("the file of node ", node.value(),
                              " is damaged: ", String(check->getProblem())),
                 absl::StrCat("end and start the daemon of node ", node.value(),
                              ": it moves the file aside and fills a new one from another node")});
    return false;
  }

  absl::StatusOr<check::CopyHistory> HistoryOf(NodeNumber node) {
    auto request = session_.database(node).copyMarksRequest();
    request.setName(entry_.name.c_str());
    CTDB_ASSIGN_OR_RETURN(
        const auto reply,
        session_.Call(kj::mv(request), absl::StrCat("get the positions of database ", entry_.name,
                                                    " of node ", node.value())));
    check::CopyHistory history;
    for (const auto mark : reply.getMarks()) {
      history[{mark.getEpoch(), mark.getSequence()}] = {mark.getDigestHigh(), mark.getDigestLow()};
    }
    return history;
  }

  absl::Status Compare(const std::vector<NodeNumber>& nodes) {
    if (nodes.size() < 2) return absl::OkStatus();
    for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
      if (attempt > 0) Pause(session_, kPause);
      if (context_.interrupted()) return absl::CancelledError("interrupted");
      std::map<NodeNumber, check::CopyHistory> histories;
      for (const NodeNumber node : nodes) {
        CTDB_ASSIGN_OR_RETURN(histories[node], HistoryOf(node));
      }
      const auto comparison = check::CompareCopies(histories);
      if (!comparison.has_value()) continue;
      return comparison->groups.size() == 1 ? absl::OkStatus() : Explain(*comparison);
    }
    return absl::UnavailableError(absl::StrCat(
        "the nodes' copies of database ", entry_.name,
        " have had no position in common for some seconds: a node is behind (\"ctdb status\")"));
  }

  absl::Status Explain(const check::CopyComparison& comparison) {
    std::vector<std::string> groups;
    for (const auto& group : comparison.groups) groups.push_back(NodeNames(group));
    const NodeNumber one = comparison.groups[0][0];
    const NodeNumber other = comparison.groups[1][0];
    result_.Add(
        {{one, other},
         std::nullopt,
         absl::StrCat("the copies differ at position ", comparison.at.epoch, ":",
                      comparison.at.sequence, ", between nodes ", absl::StrJoin(groups, " and ")),
         "\"ctdb recover\" has the nodes make their copies equal"});
    CopyOfNode wanted(session_, one, entry_.name, progress_);
    CopyOfNode present(session_, other, entry_.name, progress_);
    size_t shown = 0;
    return backup::Compare(wanted, present, {},
                           [&](const backup::Difference& difference) {
                             if (++shown > kKeysShown) return absl::OkStatus();
                             result_.Add({{one, other},
                                          std::string(difference.key),
                                          absl::StrCat("nodes ", one.value(), " and ",
                                                       other.value(), " have other values now"),
                                          "it may just have changed: see above"});
                             return absl::OkStatus();
                           })
        .status();
  }

  Context& context_;
  Session& session_;
  const DatabaseEntry& entry_;
  CheckResult& result_;
  Progress progress_;
};

absl::Status CheckMarker(Context& context, const DatabaseEntry& entry, CheckResult& result) {
  DatabaseRecords records(context, entry);
  CTDB_RETURN_IF_ERROR(records.Begin().status());
  if (records.is_half_restored()) {
    result.Add({{},
                std::string(backup::kRestoreMarker),
                "a restore has not ended",
                "restore the database again (\"ctdb restoredb\")"});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckCopies(Context& context, const DatabaseEntry& entry, CheckResult& result) {
  CTDB_RETURN_IF_ERROR(CopiesCheck(context, entry, result).Run());
  // A closed database has been told of already, and cannot be read.
  return result.problems.empty() ? CheckMarker(context, entry, result) : absl::OkStatus();
}

}  // namespace ctdb::cli
