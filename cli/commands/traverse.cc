// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// catdb, cattdb: all records of a database. Of volatile ones they ask the database services and not
// the client library, which tells keys and values only: the known form of a record has its header,
// too.

#include <capnp/message.h>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "cli/cluster_query.h"
#include "cli/commands/groups.h"
#include "cli/commands/open_database.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/database_query.h"
#include "cli/exit_code.h"
#include "cli/render/bytes.h"
#include "cli/render/database.h"
#include "cli/render/json.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"
#include "lib/protocol/bytes_text.h"

namespace ctdb::cli {
namespace {

std::string JsonLine(wire::RecordCopy::Reader copy) {
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<reply::Record>();
  const std::string value = FromData(copy.getValue());
  result.setKey(BytesArgument(FromData(copy.getKey())).c_str());
  result.setValue(value.empty() ? "" : BytesArgument(value).c_str());
  result.setOwner(copy.getOwner());
  result.setEpoch(copy.getEpoch());
  result.setCounter(copy.getCounter());
  result.setFlags(copy.getFlags());
  result.setOwned(copy.getOwned());
  return absl::StrCat(ToJsonLine(result.asReader()), "\n");
}

std::string Line(const Invocation& invocation, wire::RecordCopy::Reader copy) {
  if (invocation.json) return JsonLine(copy);
  if (invocation.machine) return RecordRow(copy, invocation.separator);
  return RecordText(copy, invocation.verbose);
}

bool IsRecord(wire::RecordCopy::Reader copy) {
  return copy.getOwned() && copy.getValue().size() > 0;
}

// Prints what the node has of the database, as far as it is wanted, and counts it.
absl::Status DumpNode(Context& context, NodeNumber node, const std::string& name,
                      absl::FunctionRef<bool(wire::RecordCopy::Reader)> is_wanted,
                      uint64_t& count) {
  std::string after;
  uint64_t bucket = 0;
  for (bool is_last = false; !is_last;) {
    auto request = context.session().database(node).copiesRequest();
    request.setName(name.c_str());
    request.setBucket(bucket);
    request.setAfter(ToData(after));
    CTDB_ASSIGN_OR_RETURN(
        const auto page,
        context.session().Call(kj::mv(request), absl::StrCat("get the records of database ", name,
                                                             " from node ", node.value())));
    std::string text;
    for (const auto copy : page.getCopies()) {
      if (!is_wanted(copy)) continue;
      absl::StrAppend(&text, Line(context.invocation(), copy));
      ++count;
    }
    context.Out(text);
    bucket = page.getBucket();
    after = FromData(page.getAfter());
    is_last = page.getLast();
  }
  return absl::OkStatus();
}

void Begin(Context& context) {
  const Invocation& invocation = context.invocation();
  if (invocation.machine) context.Out(RecordHeaderRow(invocation.separator));
}

void End(Context& context, uint64_t count, absl::string_view records) {
  const Invocation& invocation = context.invocation();
  if (invocation.machine || invocation.json) return;
  context.Out(absl::StrCat("Dumped ", count, " ", records, "\n"));
}

// This node's copy, which is like any other one.
absl::Status DumpCopies(Context& context, NodeNumber local, const DatabaseEntry& entry,
                        uint64_t& count) {
  const absl::Duration patience = context.invocation().time_limit;
  CTDB_ASSIGN_OR_RETURN(const OpenedCopies opened, OpenCopies(context, entry));
  absl::Status status;
  const auto print = [&](absl::string_view key, absl::string_view) {
    // Once more, for its version.
    const auto record = opened.database->ReadRecord(key, patience);
    status = record.status();
    if (!status.ok() || !record->has_value()) return status.ok();
    capnp::MallocMessageBuilder message;
    auto copy = message.initRoot<wire::RecordCopy>();
    copy.setKey(ToData(key));
    copy.setValue(ToData((*record)->value));
    copy.setOwner(local.value());
    copy.setEpoch((*record)->version.epoch);
    copy.setCounter((*record)->version.sequence);
    copy.setOwned(true);
    context.Out(Line(context.invocation(), copy));
    ++count;
    return true;
  };
  CTDB_RETURN_IF_ERROR(opened.database->Visit(print, patience));
  return status;
}

absl::StatusOr<int> CatCopies(Context& context, NodeNumber local, const DatabaseEntry& entry,
                              absl::string_view records) {
  Begin(context);
  uint64_t count = 0;
  const absl::Status status = DumpCopies(context, local, entry, count);
  End(context, count, records);
  if (!status.ok()) return status;
  return kExitOk;
}

absl::StatusOr<int> CatDb(Context& context) {
  Session& session = context.session();
  CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry database,
                        FindDatabase(session, local, context.argument(0)));
  if (!database.is_volatile) return CatCopies(context, local, database, "records");
  CTDB_ASSIGN_OR_RETURN(const ClusterReply reply, GetClusterOverview(session, local));
  const auto members = reply.getOverview().getView().getMembers();
  if (members.size() == 0) {
    return absl::UnavailableError(absl::StrCat("node ", local.value(),
                                               " does not know who has records: it has not joined "
                                               "the cluster (\"ctdb status\")"));
  }
  Begin(context);
  uint64_t count = 0;
  absl::Status status;
  for (const uint32_t member : members) {
    status.Update(DumpNode(context, NodeNumber(member), database.name, IsRecord, count));
  }
  End(context, count, "records");
  if (!status.ok()) return status;
  return kExitOk;
}

absl::StatusOr<int> CatTdb(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry database,
                        FindDatabase(context.session(), local, context.argument(0)));
  if (!database.is_volatile) return CatCopies(context, local, database, "record(s)");
  Begin(context);
  uint64_t count = 0;
  const absl::Status status = DumpNode(
      context, local, database.name, [](wire::RecordCopy::Reader) { return true; }, count);
  End(context, count, "record(s)");
  if (!status.ok()) return status;
  return kExitOk;
}

}  // namespace

std::vector<Command> TraverseCommands() {
  return {
      {.name = "catdb",
       .arguments = "DB",
       .summary = "all records of a database",
       .help = "Prints the records that the active nodes own, one node after the other: key, "
               "owner, version, flags, value. A record that moves meanwhile may be missing or "
               "appear twice. Bytes that are not printable ASCII, and \" and \\, appear as \\ and "
               "two hexadecimal digits. With -v also the epoch that the version belongs to. With "
               "-X or --json a line for each record. When a node cannot be asked, the others are, "
               "and the exit code is 1. Of a persistent or replicated database this node's copy, "
               "as every node has all records; rsn is the transaction that wrote the record.",
       .examples = {{"ctdb catdb counters.tdb",
                     "key(8) = \"visitors\"\n"
                     "dmaster: 1\n"
                     "rsn: 17\n"
                     "flags: 0x00000000\n"
                     "data(2) = \"42\"\n"
                     "\n"
                     "Dumped 1 records"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 1,
       .arguments_max = 1,
       .machine = true,
       .legacy = true,
       .handler = CatDb},
      {.name = "cattdb",
       .arguments = "DB",
       .summary = "what the local node has of a database",
       .help = "Prints the local node's copies of records, also old ones of records that another "
               "node owns now, and deleted ones, which are empty. The owner is the one that the "
               "copy names. Their form is that of catdb; with -v it also says whether the node "
               "owns the record. Of a persistent or replicated database the same as catdb.",
       .examples = {{"ctdb cattdb counters.tdb",
                     "key(8) = \"visitors\"\n"
                     "dmaster: 1\n"
                     "rsn: 12\n"
                     "flags: 0x00000000\n"
                     "data(2) = \"41\"\n"
                     "\n"
                     "Dumped 1 record(s)"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 1,
       .arguments_max = 1,
       .machine = true,
       .legacy = true,
       .handler = CatTdb},
  };
}

}  // namespace ctdb::cli
