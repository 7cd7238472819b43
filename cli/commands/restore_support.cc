// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "cli/commands/restore_support.h"

#include "absl/strings/str_cat.h"
#include "cli/commands/database_records.h"
#include "cli/exit_code.h"
#include "cli/progress.h"
#include "cli/render/bytes.h"
#include "cli/render/json.h"
#include "cli/render/text.h"
#include "lib/base/status_macros.h"

namespace ctdb::cli {
namespace {

// A database that there is none of.
class Nothing final : public backup::RecordSource {
 public:
  absl::Status ForEach(backup::VisitRecord) override { return absl::OkStatus(); }
};

// The same records, for people who wait.
class Watched final : public backup::RecordSource {
 public:
  Watched(Context& context, backup::RecordSource& source, const std::string& action)
      : source_(source), progress_(context, action) {}
  absl::Status ForEach(backup::VisitRecord visit) override {
    return source_.ForEach([&](absl::string_view key, absl::string_view value) {
      CTDB_RETURN_IF_ERROR(progress_.Step());
      return visit(key, value);
    });
  }

 private:
  backup::RecordSource& source_;
  Progress progress_;
};

const char* SignOf(backup::Difference::Kind kind) {
  switch (kind) {
    case backup::Difference::Kind::kAdded:
      return "+";
    case backup::Difference::Kind::kChanged:
      return "~";
    case backup::Difference::Kind::kRemoved:
      return "-";
  }
  return "?";
}

}  // namespace

absl::StatusOr<Destination> FindDestination(Context& context, const std::string& name,
                                            backup::Kind kind) {
  auto found = FindHere(context, name);
  if (found.ok()) return Destination{*found, *found};
  if (!absl::IsNotFound(found.status())) return found.status();
  return Destination{std::nullopt,
                     {0, name, kind == backup::Kind::kVolatile, kind == backup::Kind::kPersistent}};
}

absl::StatusOr<backup::RestoreReport> StoreRecords(Context& context, backup::RecordSource& source,
                                                   const Destination& destination,
                                                   const StoreOptions& options) {
  if (!destination.entry.has_value()) {
    // The database service makes it; whoever opens it next finds it.
    CTDB_ASSIGN_OR_RETURN(const NodeNumber local, context.TargetNode());
    auto request = context.session().database(local).attachRequest();
    request.setName(destination.wanted.name.c_str());
    request.setKind(destination.wanted.is_volatile     ? wire::DatabaseKind::VOLATILE
                    : destination.wanted.is_persistent ? wire::DatabaseKind::PERSISTENT
                                                       : wire::DatabaseKind::REPLICATED);
    CTDB_RETURN_IF_ERROR(
        context.session()
            .Call(kj::mv(request), absl::StrCat("make database ", destination.wanted.name))
            .status());
  }
  DatabaseRecords database(context, destination.wanted);
  Watched watched(context, source, options.action);
  backup::RestoreOptions restore{.removes = options.removes};
  restore.on_steps = [&](uint64_t bytes) {
    context.Err(absl::StrCat(ByteCount(bytes),
                             " differ, more than one transaction holds: ", destination.wanted.name,
                             " changes in several, and programs see it half changed meanwhile\n"));
  };
  restore.on_step = [&](uint64_t) -> absl::Status {
    if (!context.interrupted()) return absl::OkStatus();
    return absl::CancelledError("interrupted");
  };
  return backup::Restore(watched, database, restore);
}

absl::StatusOr<int> PrintDifference(Context& context, backup::RecordSource& source,
                                    const Destination& destination, const StoreOptions& options) {
  const Invocation& invocation = context.invocation();
  std::optional<DatabaseRecords> database;
  if (destination.entry.has_value()) database.emplace(context, *destination.entry);
  Nothing nothing;
  Watched watched(context, source, options.action);
  const auto print = [&](const backup::Difference& difference) {
    if (invocation.verbose && !invocation.json) {
      context.Out(
          absl::StrCat(SignOf(difference.kind), " \"", QuotedBytes(difference.key), "\"\n"));
    }
    return absl::OkStatus();
  };
  backup::RecordSource& present =
      database.has_value() ? static_cast<backup::RecordSource&>(*database) : nothing;
  CTDB_ASSIGN_OR_RETURN(
      const backup::DifferenceCounts counts,
      backup::Compare(
          watched, present,
          {.removes = options.removes, .ignored_key = std::string(backup::kRestoreMarker)}, print));
  if (invocation.json) {
    JsonWriter json;
    json.BeginObject();
    json.Key("database").String(destination.wanted.name);
    json.Key("same").Integer(counts.same);
    json.Key("added").Integer(counts.added);
    json.Key("changed").Integer(counts.changed);
    json.Key("removed").Integer(counts.removed);
    json.EndObject();
    context.Out(absl::StrCat(json.Take(), "\n"));
    return kExitOk;
  }
  context.Out(absl::StrCat("Database ", destination.wanted.name,
                           destination.entry.has_value() ? "" : " (there is none yet)",
                           " would change: ", counts.added, " record(s) added, ", counts.changed,
                           " changed, ", counts.removed, " removed; ", counts.same,
                           " stay as they are\n"));
  return kExitOk;
}

void PrintReport(Context& context, const std::string& database, const backup::RestoreReport& report,
                 absl::string_view line) {
  if (!context.invocation().json) return context.Out(absl::StrCat(line, "\n"));
  JsonWriter json;
  json.BeginObject();
  json.Key("database").String(database);
  json.Key("changes").Integer(report.changes);
  json.Key("steps").Integer(report.steps);
  json.Key("atOnce").Bool(report.is_at_once);
  json.EndObject();
  context.Out(absl::StrCat(json.Take(), "\n"));
}

}  // namespace ctdb::cli
