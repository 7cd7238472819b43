// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// model_databases: a database service in memory, for tests of the proxy. It answers when it is told
// to, so that tests choose what happens meanwhile.
//
//   Ownership:  values.
//   Threading:  one thread.
//   Errors:     as the service: NotFound, FailedPrecondition.
//   Blocking:   never.
//   Limits:     none.
//
// Example:
//   databases.Ask(id, request);
//   for (const auto& [id, answer] : databases.TakeAnswers()) proxy.OnAnswer(id, answer, now);

#ifndef TESTS_SAMBA_MODEL_DATABASES_H_
#define TESTS_SAMBA_MODEL_DATABASES_H_

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "lib/samba/session/database_request.h"

namespace ctdb::samba {

class ModelDatabases {
 public:
  struct Database {
    DatabaseInfo info;
    std::map<std::string, std::string> records;
    std::map<std::string, LogPosition> versions;
    uint64_t sequence = 0;
  };

  void Add(DatabaseInfo info) { databases[info.id].info = std::move(info); }
  void Ask(RequestId id, const DatabaseRequest& request) { asked.emplace_back(id, request); }

  std::vector<std::pair<RequestId, DatabaseAnswer>> TakeAnswers() {
    std::vector<std::pair<RequestId, DatabaseAnswer>> answers;
    for (const auto& [id, request] : std::exchange(asked, {})) {
      history.push_back(request);
      DatabaseAnswer answer = absl::UnavailableError("the service is being started again");
      if (failures > 0) {
        --failures;
      } else {
        answer = std::visit([this](const auto& one) { return Do(one); }, request);
      }
      if (id != RequestId(0)) answers.emplace_back(id, std::move(answer));
    }
    return answers;
  }
  template <typename T>
  size_t Count() const {
    size_t count = 0;
    for (const DatabaseRequest& one : history) count += std::holds_alternative<T>(one) ? 1 : 0;
    return count;
  }

  std::map<DbId, Database> databases;
  std::map<std::string, DatabaseCounts> counts;
  std::deque<std::pair<RequestId, DatabaseRequest>> asked;
  std::vector<DatabaseRequest> history;
  bool tells_turns = false;             // With each record that is here.
  int failures = 0;                     // So many requests are answered "unavailable".
  size_t page_records = 2;              // Of each page of a list.
  std::optional<Verdict> next_verdict;  // Instead of what the model says, once.
  std::set<std::string> moved;          // Records that other nodes own now.
  bool loses_next_commit = false;       // It happens, and the answer says that nobody knows.

 private:
  DatabaseAnswer Do(const AttachDatabase& attach) {
    for (auto& [id, database] : databases) {
      if (database.info.name != attach.name) continue;
      if (database.info.kind != attach.kind) {
        return absl::FailedPreconditionError("it exists and is of another kind");
      }
      if (attach.counts_changes && database.info.open_flags != 0) database.info.open_flags |= 0x80;
      return database.info;
    }
    DatabaseInfo info{.id = DbId(static_cast<uint32_t>(1000 + databases.size())),
                      .name = attach.name,
                      .kind = attach.kind,
                      .path = "/var/lib/ctdb/volatile/" + attach.name + ".1",
                      .open_flags = 0};
    Add(info);
    return info;
  }
  DatabaseAnswer Do(const ListDatabases&) {
    std::vector<DatabaseInfo> all;
    for (const auto& [id, database] : databases) all.push_back(database.info);
    return all;
  }
  DatabaseAnswer Do(const AskCounts& ask) {
    const auto found = counts.find(ask.name);
    if (found == counts.end()) return absl::NotFoundError("no such database");
    return found->second;
  }
  DatabaseAnswer Do(const GetRecord& get) {
    if (!databases.contains(get.db_id)) return absl::NotFoundError("no such database");
    const auto& records = databases[get.db_id].records;
    const bool is_there = records.contains(get.key);
    if (get.for_read && moved.contains(get.key)) {
      return RecordRead{.value = is_there ? std::optional(records.at(get.key)) : std::nullopt};
    }
    if (get.for_read && !is_there) return RecordIsAbsent{};
    return RecordIsHere{.in_turn = tells_turns};
  }
  DatabaseAnswer Do(const UsedRecord&) { return absl::OkStatus(); }
  DatabaseAnswer Do(const KeepSpares& keep) {
    if (moved.contains(keep.key)) return absl::AbortedError("it is another node's");
    return SparesKept{};
  }
  DatabaseAnswer Do(const ReadRecord& read) {
    Database& database = databases[read.db_id];
    RecordRead answer;
    const auto found = database.records.find(read.key);
    if (found != database.records.end()) answer = {found->second, database.versions[read.key]};
    return answer;
  }
  // All records are the first node's: its list has pages.
  DatabaseAnswer Do(const ListRecords& list) {
    RecordPage page;
    const auto& records = databases[list.db_id].records;
    auto it = list.after.empty() ? records.begin() : records.upper_bound(list.after);
    for (; it != records.end() && page.records.size() < page_records; ++it) {
      page.records.push_back({it->first, it->second});
    }
    page.after = page.records.empty() ? "" : page.records.back().key;
    page.is_last = it == records.end();
    if (list.node != first_node) page = {.records = {}, .bucket = 0, .after = "", .is_last = true};
    return page;
  }
  DatabaseAnswer Do(const CommitRecords& commit) {
    if (next_verdict.has_value()) {
      return CommitOutcome{*std::exchange(next_verdict, std::nullopt), "told so by the test"};
    }
    Database& database = databases[commit.db_id];
    for (const CommitRecords::Read& read : commit.reads) {
      const bool is_there = database.records.contains(read.key);
      if (is_there != read.version.has_value() ||
          (is_there && database.versions[read.key] != *read.version)) {
        return CommitOutcome{Verdict::kAborted, ""};
      }
    }
    ++database.sequence;
    for (const CommitRecords::Write& write : commit.writes) {
      if (write.value.has_value()) {
        database.records[write.key] = *write.value;
        database.versions[write.key] = {1, database.sequence};
      } else {
        database.records.erase(write.key);
      }
    }
    done.push_back(commit.token);
    if (std::exchange(loses_next_commit, false)) return CommitOutcome{Verdict::kUnknown, ""};
    return CommitOutcome{Verdict::kCommitted, ""};
  }
  DatabaseAnswer Do(const AskOutcome& question) {
    for (const TransactionToken& token : done) {
      if (token == question.token) return CommitOutcome{Verdict::kCommitted, ""};
    }
    return CommitOutcome{Verdict::kNotCommitted, ""};
  }
  DatabaseAnswer Do(const AskPosition& ask) {
    return LogPosition{1, databases[ask.db_id].sequence};
  }

  std::vector<TransactionToken> done;

 public:
  NodeNumber first_node = NodeNumber(0);
};

}  // namespace ctdb::samba

#endif  // TESTS_SAMBA_MODEL_DATABASES_H_
