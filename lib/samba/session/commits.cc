// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/session/commits.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "lib/samba/commit.h"
#include "lib/samba/session/pushes.h"

namespace ctdb::samba {
namespace {

constexpr absl::Duration kPauseMin = absl::Milliseconds(5);
constexpr absl::Duration kPauseMax = absl::Milliseconds(200);
// Clients send the same again at once, without end.
constexpr absl::Duration kRefusalDelay = absl::Milliseconds(500);

// Each record but for its header, which the database service writes itself.
std::vector<CommitRecords::Write> WritesOf(const Commit& commit) {
  std::vector<CommitRecords::Write> writes;
  RecordCursor cursor(commit.buffer);
  while (const std::optional<RecordData> record = cursor.Next()) {
    CommitRecords::Write& write = writes.emplace_back();
    write.key = std::string(record->key);
    const std::optional<StoredRecord> stored = ReadStored(record->data);
    if (stored.has_value() && !stored->is_tombstone()) write.value = std::string(stored->value);
  }
  return writes;
}

}  // namespace

class Commits::Attempt : public std::enable_shared_from_this<Commits::Attempt> {
 public:
  Attempt(Commits& commits, const Asker& asker, DbId db_id, const Commit& commit)
      : commits_(commits), proxy_(commits.proxy_), asker_(asker) {
    request_.db_id = db_id;
    request_.writes = WritesOf(commit);
    sequence_ = commit.sequence_number;
  }

  DbId db_id() const { return request_.db_id; }
  const Asker& asker() const { return asker_; }

  void Start() {
    request_.token = {proxy_.random().Next(), proxy_.random().Next()};
    Ask(AskPosition{db_id()}, &Attempt::OnPosition);
  }

  // Nothing has happened and nothing will.
  void Refuse(absl::string_view why) {
    proxy_.outlet().Log(
        LogLevel::kWarning,
        absl::StrCat("A commit on database 0x", absl::Hex(db_id().value(), absl::kZeroPad8),
                     " is refused: ", why));
    proxy_.Later(kRefusalDelay, [self = shared_from_this()] { self->Finish(Failure()); });
  }

 private:
  using Step = void (Attempt::*)(const DatabaseAnswer&);

  void Ask(DatabaseRequest request, Step step) {
    proxy_.Ask(std::move(request), [self = shared_from_this(), step](const DatabaseAnswer& answer) {
      ((*self).*step)(answer);
    });
  }

  void Again(void (Attempt::*step)()) {
    pause_ = std::min(2 * pause_, kPauseMax);
    proxy_.Later(pause_, [self = shared_from_this(), step] { ((*self).*step)(); });
  }

  void OnPosition(const DatabaseAnswer& answer) {
    const auto* position = std::get_if<LogPosition>(&answer);
    if (position == nullptr) return Again(&Attempt::Start);
    since_ = *position;
    if (!sequence_.has_value()) return Send();
    Ask(ReadRecord{db_id(), std::string(kSequenceKey)}, &Attempt::OnSequence);
  }

  void OnSequence(const DatabaseAnswer& answer) {
    const auto* read = std::get_if<RecordRead>(&answer);
    if (read == nullptr) return Again(&Attempt::Start);
    const uint64_t stored = SequenceNumber(read->value.value_or(""));
    if (*sequence_ != stored + 1) {
      return Refuse(
          absl::StrCat("it is number ", *sequence_, ", and the last one was number ", stored));
    }
    std::optional<LogPosition> version;
    if (read->value.has_value()) version = read->version;
    request_.reads = {{std::string(kSequenceKey), version}};
    Send();
  }

  void Send() { Ask(request_, &Attempt::OnOutcome); }
  void Question() { Ask(AskOutcome{db_id(), request_.token, since_}, &Attempt::OnOutcome); }

  void OnOutcome(const DatabaseAnswer& answer) {
    const auto* outcome = std::get_if<CommitOutcome>(&answer);
    if (outcome == nullptr) {
      const auto* status = std::get_if<absl::Status>(&answer);
      if (status != nullptr &&
          (absl::IsInvalidArgument(*status) || absl::IsFailedPrecondition(*status))) {
        return Refuse(status->message());
      }
      return Again(&Attempt::Question);
    }
    switch (outcome->verdict) {
      case Verdict::kCommitted:
        return Finish({});
      case Verdict::kAborted:
        return Refuse("somebody else has committed meanwhile");
      case Verdict::kInvalid:
        return Refuse(outcome->why);
      case Verdict::kBusy:
      case Verdict::kClosed:
      case Verdict::kNotCommitted:
        return Again(&Attempt::Send);
      case Verdict::kUnknown:
        return Again(&Attempt::Question);
    }
  }

  void Finish(const Reply& reply) {
    proxy_.Answer(asker_, reply);
    commits_.Next(db_id());
  }

  Commits& commits_;
  Proxy& proxy_;
  const Asker asker_;
  CommitRecords request_;
  std::optional<uint64_t> sequence_;
  LogPosition since_;
  absl::Duration pause_ = kPauseMin;
};

Commits::Commits(Proxy& proxy) : proxy_(proxy) {}
Commits::~Commits() = default;

void Commits::Begin(const Asker& asker, const ControlRequest& request) {
  const absl::StatusOr<Commit> commit = DecodeCommit(request.data);
  if (!commit.ok()) {
    proxy_.outlet().Log(LogLevel::kWarning, commit.status().message());
    return proxy_.Answer(asker, Failure());
  }
  const DbId db_id = commit->buffer.db_id;
  auto attempt = std::make_shared<Attempt>(*this, asker, db_id, *commit);
  proxy_.WithDatabase(db_id, [this, asker, attempt](const DatabaseInfo* info) {
    if (info == nullptr || info->kind == DatabaseKind::kVolatile) {
      return proxy_.Answer(asker, Failure());
    }
    proxy_.pushes().After(asker.client, [this, attempt] { Enqueue(attempt); });
  });
}

void Commits::Enqueue(std::shared_ptr<Attempt> attempt) {
  auto& queue = queues_[attempt->db_id()];
  if (queue.size() >= kWaitingMax) return proxy_.Answer(attempt->asker(), Failure());
  queue.push_back(attempt);
  if (queue.size() == 1) attempt->Start();
}

void Commits::Next(DbId db_id) {
  auto& queue = queues_[db_id];
  queue.pop_front();
  if (queue.empty()) {
    queues_.erase(db_id);
  } else {
    const std::shared_ptr<Attempt> next = queue.front();
    next->Start();
  }
}

}  // namespace ctdb::samba
