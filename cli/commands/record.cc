// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// readkey, writekey, deletekey, db watch: single records of volatile databases, as any program has
// them.

#include "lib/store/record.h"

#include <capnp/message.h>

#include <limits>
#include <memory>
#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/commands/daemons.h"
#include "cli/commands/groups.h"
#include "cli/commands/tables.h"
#include "cli/context.h"
#include "cli/database_query.h"
#include "cli/exit_code.h"
#include "cli/help.h"
#include "cli/render/bytes.h"
#include "cli/render/json.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"
#include "lib/client/client.h"

namespace ctdb::cli {
namespace {

// The database of the first argument, open.
struct Opened {
  std::unique_ptr<Client> client;
  std::unique_ptr<Database> database;
  std::string name;
};

absl::StatusOr<Opened> OpenDatabase(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context.TargetNode());
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry entry,
                        FindDatabase(context.session(), local, context.argument(0)));
  if (!entry.is_volatile) {
    return absl::FailedPreconditionError(
        absl::StrCat("DB ", entry.name, " is not a volatile database"));
  }
  const Invocation& invocation = context.invocation();
  CTDB_ASSIGN_OR_RETURN(auto client, Client::Open({.socket_path = invocation.socket,
                                                   .software = "ctdb",
                                                   .timeout = invocation.time_limit}));
  CTDB_ASSIGN_OR_RETURN(auto database, client->Attach(entry.name, invocation.time_limit));
  return Opened{std::move(client), std::move(database), entry.name};
}

// Says what is wrong with an argument; then the line that scripts know.
int BadBytes(Context& context, const absl::Status& why, absl::string_view what,
             const std::string& argument) {
  context.Err(
      absl::StrCat(why.message(), "\nFailed to parse ", what, " ", Printable(argument), "\n"));
  return kExitBadNumber;
}

absl::Status Failure(Context& context, const absl::Status& why, absl::string_view what) {
  context.Err(absl::StrCat(why.message(), "\n"));
  return absl::Status(why.code(), absl::StrCat("Failed to ", what, " record for key ",
                                               Printable(context.argument(1))));
}

absl::StatusOr<std::string> ParseKey(const std::string& argument) {
  CTDB_ASSIGN_OR_RETURN(std::string key, ParseBytes(argument));
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  return key;
}

reply::Value::Reader FillValue(capnp::MallocMessageBuilder& message, const std::string& database,
                               const std::string& key, absl::string_view value) {
  auto result = message.initRoot<reply::Value>();
  result.setDatabase(database.c_str());
  result.setKey(BytesArgument(key).c_str());
  result.setValue(value.empty() ? "" : BytesArgument(value).c_str());
  result.setBytes(value.size());
  return result.asReader();
}

std::string ValueLine(absl::string_view value) {
  return absl::StrCat("Data: size:", value.size(), " ptr:[", QuotedBytes(value), "]\n");
}

absl::StatusOr<int> ReadKey(Context& context) {
  if (context.invocation().arguments.size() > 2 && context.argument(2) != "readonly") {
    context.Out(CommandUsage(context.command()));
    return kExitFailed;
  }
  const auto key = ParseKey(context.argument(1));
  if (!key.ok()) return BadBytes(context, key.status(), "key", context.argument(1));
  CTDB_ASSIGN_OR_RETURN(const Opened opened, OpenDatabase(context));
  const auto value = opened.database->Read(*key, context.invocation().time_limit);
  if (!value.ok()) return Failure(context, value.status(), "read");
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    context.PrintJson(FillValue(message, opened.name, *key, *value));
  } else {
    context.Out(ValueLine(*value));
  }
  return kExitOk;
}

void PrintChange(Context& context, const std::string& database, const std::string& key,
                 absl::string_view value) {
  if (context.invocation().json) {
    capnp::MallocMessageBuilder message;
    context.Out(absl::StrCat(ToJsonLine(FillValue(message, database, key, value)), "\n"));
  } else {
    context.Out(ValueLine(value));
  }
}

absl::StatusOr<int> WatchKey(Context& context) {
  const Invocation& invocation = context.invocation();
  const auto key = ParseKey(context.argument(1));
  if (!key.ok()) return BadBytes(context, key.status(), "key", context.argument(1));
  const std::string all = absl::StrCat(std::numeric_limits<uint64_t>::max());
  const std::optional<uint64_t> wanted = ParseNumber(invocation.Own("count", all));
  const std::optional<absl::Duration> time = ParseSeconds(invocation.Own("timeout", "1e8"));
  if (!wanted.has_value() || !time.has_value()) return kExitBadNumber;
  CTDB_ASSIGN_OR_RETURN(const Opened opened, OpenDatabase(context));
  uint64_t seen = 0;
  const auto watch = opened.database->Watch(
      *key,
      [&](absl::string_view value) {
        if (seen == *wanted) return;
        ++seen;
        PrintChange(context, opened.name, *key, value);
      },
      invocation.time_limit);
  if (!watch.ok()) return Failure(context, watch.status(), "watch");
  // Whoever reads stderr knows that no change from now on is missed.
  if (invocation.verbose) {
    context.Err(absl::StrCat("Watching key ", Printable(context.argument(1)), "\n"));
  }
  const absl::Time end = absl::Now() + *time;
  while (seen < *wanted && absl::Now() < end) {
    const absl::Status status = opened.client->session().Dispatch(end - absl::Now()).status();
    // It goes on: what changes meanwhile is seen afterwards.
    if (!status.ok()) context.Err(absl::StrCat(status.message(), "\n"));
  }
  if (seen == *wanted) return kExitOk;
  context.Err(absl::StrCat("Seen ", seen, " changes within ", absl::FormatDuration(*time), "\n"));
  return kExitNotInTime;
}

absl::StatusOr<int> StoreValue(Context& context, const std::string& key, const std::string& value,
                               absl::string_view what) {
  CTDB_ASSIGN_OR_RETURN(const Opened opened, OpenDatabase(context));
  auto record = opened.database->Lock(key, context.invocation().time_limit);
  if (!record.ok()) return Failure(context, record.status(), "lock");
  const absl::Status status = record->Store(value);
  if (!status.ok()) return Failure(context, status, what);
  record->Unlock();
  PrintNothing(context);
  return kExitOk;
}

absl::StatusOr<int> WriteKey(Context& context) {
  const auto key = ParseKey(context.argument(1));
  if (!key.ok()) return BadBytes(context, key.status(), "key", context.argument(1));
  const auto value = ParseBytes(context.argument(2));
  if (!value.ok()) return BadBytes(context, value.status(), "value", context.argument(2));
  return StoreValue(context, *key, *value, "store");
}

absl::StatusOr<int> DeleteKey(Context& context) {
  const auto key = ParseKey(context.argument(1));
  if (!key.ok()) return BadBytes(context, key.status(), "key", context.argument(1));
  return StoreValue(context, *key, "", "delete");
}

}  // namespace

std::vector<Command> RecordCommands() {
  return {
      {.name = "db watch",
       .arguments = "DB KEY",
       .summary = "print a record's new values as it changes",
       .help = "Prints each new value of a record of a volatile database when it has changed, in "
               "the form of readkey and one per line; size 0: it was deleted. With --json one "
               "object per line. Whoever changes it on whatever node, the command sees it; of "
               "changes that follow each other closely perhaps only the last one. With -v it says "
               "on stderr when it has begun. KEY is text, or 0x and hexadecimal digits.",
       .options = {{"count", 'c', "N", "end after so many changes"},
                   {"timeout", 0, "SECONDS", "give up after this time, with exit code 124"}},
       .examples = {{"ctdb db watch counters.tdb visitors --count 1", "Data: size:2 ptr:[43]"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 2,
       .arguments_max = 2,
       .endless = true,
       .handler = WatchKey},
      {.name = "deletekey",
       .arguments = "DB KEY",
       .summary = "delete a record",
       .help = "Deletes a record of a volatile database. It is no error when there is none. KEY is "
               "text, or 0x and hexadecimal digits.",
       .examples = {{"ctdb deletekey counters.tdb visitors", ""}},
       .scope = Scope::kLocalNode,
       .arguments_min = 2,
       .arguments_max = 2,
       .legacy = true,
       .handler = DeleteKey},
      {.name = "readkey",
       .arguments = "DB KEY [readonly]",
       .summary = "the value of a record",
       .help = "Prints the value of a record of a volatile database; without such a record its "
               "size is 0. The record, or a copy to read, comes to the local node. KEY is text, "
               "or 0x and hexadecimal digits. Bytes of the value that are not printable ASCII, "
               "and \" and \\, appear as \\ and two hexadecimal digits. \"readonly\" is "
               "accepted and changes nothing: reading asks for a read-only copy in any case.",
       .examples = {{"ctdb readkey counters.tdb visitors", "Data: size:2 ptr:[42]"},
                    {"ctdb readkey counters.tdb 0x0100", "Data: size:0 ptr:[]"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 2,
       .arguments_max = 3,
       .legacy = true,
       .handler = ReadKey},
      {.name = "writekey",
       .arguments = "DB KEY VALUE",
       .summary = "store a record",
       .help = "Stores a record in a volatile database; programs that use it see it at once, on "
               "all nodes. KEY and VALUE are text, or 0x and hexadecimal digits. An empty value "
               "deletes the record.",
       .examples = {{"ctdb writekey counters.tdb visitors 42", ""},
                    {"ctdb writekey counters.tdb 0x0100 0xff00", ""}},
       .scope = Scope::kLocalNode,
       .arguments_min = 3,
       .arguments_max = 3,
       .legacy = true,
       .handler = WriteKey},
  };
}

}  // namespace ctdb::cli
