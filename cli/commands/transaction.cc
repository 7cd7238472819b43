// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// pfetch, pstore, pdelete, ptrans, wipedb: databases of which each node has a copy.

#include <capnp/message.h>

#include <fstream>
#include <iostream>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/daemons.h"
#include "cli/commands/database_records.h"
#include "cli/commands/groups.h"
#include "cli/commands/open_database.h"
#include "cli/context.h"
#include "cli/database_query.h"
#include "cli/exit_code.h"
#include "cli/render/bytes.h"
#include "cli/render/text.h"
#include "cli/render/transaction_text.h"
#include "cli/replies.capnp.h"
#include "lib/base/status_macros.h"
#include "lib/store/record.h"

namespace ctdb::cli {
namespace {

absl::Status KeyFailure(Context& context, const absl::Status& why, absl::string_view what) {
  return Failure(
      context, why,
      absl::StrCat("Failed to ", what, " record for key ", Printable(context.argument(1))));
}

// The database of the first argument.
absl::StatusOr<DatabaseEntry> Find(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context.TargetNode());
  return FindDatabase(context.session(), local, context.argument(0));
}

absl::StatusOr<OpenedCopies> Open(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry entry, Find(context));
  if (entry.is_volatile) {
    return absl::FailedPreconditionError(
        absl::StrCat("Transactions not supported on DB ", entry.name));
  }
  absl::StatusOr<OpenedCopies> opened = OpenCopies(context, entry);
  if (opened.ok()) return opened;
  return Failure(context, opened.status(),
                 absl::StrCat("Failed to start transaction on db ", entry.name));
}

// Says what is wrong with an argument; then the line that scripts know.
int BadBytes(Context& context, const absl::Status& why, absl::string_view what,
             const std::string& argument) {
  context.Err(
      absl::StrCat(why.message(), "\nFailed to parse ", what, " ", Printable(argument), "\n"));
  return kExitBadNumber;
}

absl::StatusOr<std::string> ParseKey(const std::string& argument) {
  CTDB_ASSIGN_OR_RETURN(std::string key, ParseBytes(argument));
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  return key;
}

// Which is silent, if it happens. An error of `fill` says already what failed.
absl::StatusOr<int> RunTransaction(Context& context, const OpenedCopies& opened,
                                   absl::FunctionRef<absl::Status(Transaction&)> fill) {
  absl::Status failure;
  const absl::Status status = opened.database->Run(
      [&](Transaction& transaction) {
        failure = fill(transaction);
        return failure;
      },
      context.invocation().time_limit);
  if (!failure.ok()) return failure;
  if (!status.ok()) {
    return Failure(context, status,
                   absl::StrCat("Failed to commit transaction on db ", opened.name));
  }
  return kExitOk;
}

// What is there already is not written: the database does not count it as a change.
absl::Status Change(Transaction& transaction, const std::string& key, const std::string& value) {
  CTDB_ASSIGN_OR_RETURN(const std::optional<std::string> old, transaction.Read(key));
  return old.value_or("") == value ? absl::OkStatus() : transaction.Write(key, value);
}

absl::StatusOr<int> Fetch(Context& context) {
  const auto key = ParseKey(context.argument(1));
  if (!key.ok()) return BadBytes(context, key.status(), "key", context.argument(1));
  CTDB_ASSIGN_OR_RETURN(const OpenedCopies opened, Open(context));
  const auto read = opened.database->Read(*key, context.invocation().time_limit);
  if (!read.ok()) return KeyFailure(context, read.status(), "read");
  const std::string value = read->value_or("");
  if (!context.invocation().json) {
    context.Out(absl::StrCat(value, "\n"));
    return kExitOk;
  }
  capnp::MallocMessageBuilder message;
  auto result = message.initRoot<reply::Value>();
  result.setDatabase(opened.name.c_str());
  result.setKey(BytesArgument(*key).c_str());
  result.setValue(value.empty() ? "" : BytesArgument(value).c_str());
  result.setBytes(value.size());
  context.PrintJson(result.asReader());
  return kExitOk;
}

absl::StatusOr<int> ChangeOne(Context& context, const std::string& key, const std::string& value,
                              absl::string_view what) {
  CTDB_ASSIGN_OR_RETURN(const OpenedCopies opened, Open(context));
  CTDB_ASSIGN_OR_RETURN(const int code,
                        RunTransaction(context, opened, [&](Transaction& transaction) {
                          const absl::Status status = Change(transaction, key, value);
                          return status.ok() ? status : KeyFailure(context, status, what);
                        }));
  PrintNothing(context);
  return code;
}

absl::StatusOr<int> Store(Context& context) {
  const auto key = ParseKey(context.argument(1));
  if (!key.ok()) return BadBytes(context, key.status(), "key", context.argument(1));
  const auto value = ParseBytes(context.argument(2));
  if (!value.ok()) return BadBytes(context, value.status(), "value", context.argument(2));
  return ChangeOne(context, *key, *value, "store");
}

absl::StatusOr<int> Delete(Context& context) {
  const auto key = ParseKey(context.argument(1));
  if (!key.ok()) return BadBytes(context, key.status(), "key", context.argument(1));
  return ChangeOne(context, *key, "", "delete");
}

// Bad lines are told and skipped.
std::vector<TransactionLine> ReadLines(Context& context, std::istream& in) {
  std::vector<TransactionLine> lines;
  for (std::string line; std::getline(in, line);) {
    auto parsed = ParseTransactionLine(line);
    if (!parsed.ok()) {
      context.Err(absl::StrCat(parsed.status().message(), "\n"));
    } else if (parsed->has_value()) {
      lines.push_back(**std::move(parsed));
    }
  }
  return lines;
}

absl::StatusOr<int> Transact(Context& context) {
  std::ifstream file;
  const bool has_file = context.invocation().arguments.size() > 1;
  if (has_file) {
    file.open(context.argument(1));
    if (!file.is_open()) {
      return absl::NotFoundError(
          absl::StrCat("Failed to open file ", Printable(context.argument(1))));
    }
  }
  CTDB_ASSIGN_OR_RETURN(const OpenedCopies opened, Open(context));
  const std::vector<TransactionLine> lines = ReadLines(context, has_file ? file : std::cin);
  CTDB_ASSIGN_OR_RETURN(const int code,
                        RunTransaction(context, opened, [&](Transaction& transaction) {
                          for (const TransactionLine& line : lines) {
                            const absl::Status status = Change(transaction, line.key, line.value);
                            if (status.ok()) continue;
                            return Failure(context, status, "Failed to store record");
                          }
                          return absl::OkStatus();
                        }));
  PrintNothing(context);
  return code;
}

// One record after the other: a volatile database has nothing that happens to all of them at once.
absl::Status DeleteAll(Context& context, const std::string& name) {
  const Invocation& invocation = context.invocation();
  CTDB_ASSIGN_OR_RETURN(const auto client, Client::Open({.socket_path = invocation.socket,
                                                         .software = "ctdb",
                                                         .timeout = invocation.time_limit}));
  CTDB_ASSIGN_OR_RETURN(const auto database, client->Attach(name, invocation.time_limit));
  std::vector<std::string> keys;
  CTDB_RETURN_IF_ERROR(database->VisitAll(
      [&keys](absl::string_view key, absl::string_view) {
        keys.emplace_back(key);
        return true;
      },
      invocation.time_limit));
  for (const std::string& key : keys) {
    CTDB_ASSIGN_OR_RETURN(Record record, database->Lock(key, invocation.time_limit));
    CTDB_RETURN_IF_ERROR(record.Delete());
  }
  return absl::OkStatus();
}

absl::StatusOr<int> Wipe(Context& context) {
  CTDB_ASSIGN_OR_RETURN(const DatabaseEntry entry, Find(context));
  if (entry.is_volatile) {
    const absl::Status status = DeleteAll(context, entry.name);
    if (!status.ok()) {
      return Failure(context, status, absl::StrCat("Failed to wipe DB ", entry.name));
    }
  } else {
    CTDB_ASSIGN_OR_RETURN(const OpenedCopies opened, Open(context));
    const auto wipe = [](Transaction& transaction) { return transaction.Wipe(); };
    CTDB_RETURN_IF_ERROR(RunTransaction(context, opened, wipe).status());
  }
  if (context.invocation().json) {
    PrintNothing(context);
  } else {
    context.Out(absl::StrCat("Database ", entry.name, " wiped\n"));
  }
  return kExitOk;
}

std::vector<Command> ForOneRecord() {
  return {
      {.name = "pdelete",
       .arguments = "DB KEY",
       .summary = "delete a record of a persistent database",
       .help = "Deletes a record of a persistent or replicated database, on all nodes. It is no "
               "error when there is none. KEY is text, or 0x and hexadecimal digits.",
       .examples = {{"ctdb pdelete registry.tdb colour", ""}},
       .scope = Scope::kLocalNode,
       .arguments_min = 2,
       .arguments_max = 2,
       .legacy = true,
       .handler = Delete},
      {.name = "pfetch",
       .arguments = "DB KEY",
       .summary = "the value of a record of a persistent database",
       .help = "Prints the value of a record of a persistent or replicated database, as this "
               "node's copy has it, and a newline; an empty line when there is no such record. KEY "
               "is text, or 0x and hexadecimal digits. Works also while the database is closed "
               "for transactions.",
       .examples = {{"ctdb pfetch registry.tdb colour", "blue"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 2,
       .arguments_max = 2,
       .legacy = true,
       .handler = Fetch},
      {.name = "pstore",
       .arguments = "DB KEY VALUE",
       .summary = "store a record in a persistent database",
       .help = "Stores a record in a persistent or replicated database. When the command ends, all "
               "active nodes have it. KEY and VALUE are text, or 0x and hexadecimal digits; an "
               "empty value deletes the record, and one that is there already changes nothing.",
       .examples = {{"ctdb pstore registry.tdb colour blue", ""}},
       .scope = Scope::kLocalNode,
       .arguments_min = 3,
       .arguments_max = 3,
       .legacy = true,
       .handler = Store},
  };
}

}  // namespace

std::vector<Command> TransactionCommands() {
  std::vector<Command> rows = ForOneRecord();
  rows.push_back(
      {.name = "ptrans",
       .arguments = "DB [FILE]",
       .summary = "several changes to a persistent database at once",
       .help = "Reads lines of the form \"KEY\" \"VALUE\" from the file, or from stdin, and makes "
               "all these changes to a persistent or replicated database in one transaction: all "
               "nodes see all of them or none. Nothing is escaped within the quotes; 0x and "
               "hexadecimal digits stand for bytes, and an empty value deletes. Lines of another "
               "form are told on stderr and skipped. A transaction has at most 64 MiB.",
       .examples = {{"ctdb ptrans registry.tdb changes", ""}},
       .scope = Scope::kLocalNode,
       .arguments_min = 1,
       .arguments_max = 2,
       .legacy = true,
       .handler = Transact});
  rows.push_back(
      {.name = "wipedb",
       .arguments = "DB",
       .summary = "delete all records of a database",
       .help = "Deletes all records of a persistent or replicated database, on all nodes and in "
               "one transaction. A node that was away meanwhile does not bring them back. Of a "
               "volatile database one after the other, those that there are when it begins; it "
               "waits for those that programs have locked.",
       .examples = {{"ctdb wipedb registry.tdb", "Database registry.tdb wiped"}},
       .scope = Scope::kLocalNode,
       .arguments_min = 1,
       .arguments_max = 1,
       .legacy = true,
       .handler = Wipe});
  return rows;
}

}  // namespace ctdb::cli
