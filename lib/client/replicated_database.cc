// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/client/replicated_database.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "lib/base/io/file.h"
#include "lib/base/status_macros.h"
#include "lib/protocol/bytes_text.h"
#include "lib/store/record.h"

namespace ctdb {
namespace {

// While something is away or in the way: growing.
constexpr absl::Duration kPause = absl::Milliseconds(5);
constexpr absl::Duration kPauseMax = absl::Milliseconds(200);
constexpr size_t kShownKeyBytes = 64;
// What was the first question of a session and went to a service that ended just then is lost, and
// nobody can tell.
constexpr absl::Duration kAskAgain = absl::Seconds(3);
// Others hardly write as much meanwhile as the log keeps.
constexpr absl::Duration kRecent = absl::Milliseconds(200);
// Of a body, in one packet.
constexpr size_t kPartBytes = 256 * 1024;

// Not from a generator of this process: a child of it would have the same numbers.
absl::StatusOr<uint64_t> RandomNumber() {
  uint64_t number = 0;
  if (::getrandom(&number, sizeof(number), 0) != sizeof(number)) {
    return ErrnoStatus(errno, "get", "random numbers for a transaction");
  }
  return number;
}

wire::DatabaseKind ToWire(ReplicatedDatabase::Kind kind) {
  return kind == ReplicatedDatabase::Kind::kPersistent ? wire::DatabaseKind::PERSISTENT
                                                       : wire::DatabaseKind::REPLICATED;
}

ReplicaPosition ToPosition(wire::LogPosition::Reader in) {
  return {in.getEpoch(), in.getSequence()};
}

// Whether another attempt, after this pause, has time for an answer. Otherwise what is known by now
// is better than one that does not come.
bool HasTimeFor(absl::Duration pause, TimeLimit limit) { return Left(limit) > 2 * pause; }

// Nothing has happened, and it may be otherwise in a moment.
bool MayPass(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
}

// Whether a commit that ended so has certainly not happened: the service has refused to begin.
bool IsRefused(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnimplemented:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct ReplicatedDatabase::Outcome {
  wire::TransactionVerdict verdict = wire::TransactionVerdict::UNKNOWN;
  ReplicaPosition since;
  std::string key;
  std::string why;
  ReplicaPosition at;

  static absl::StatusOr<Outcome> From(wire::ClientAnswer::Reader answer) {
    if (!answer.isOutcome()) return absl::InternalError("the answer to a transaction is none");
    const auto in = answer.getOutcome();
    return Outcome{in.getVerdict(), ToPosition(in.getSince()), FromData(in.getChangedKey()),
                   FromText(in.getWhy()), ToPosition(in.getAt())};
  }
};

// One transaction until it is known what became of it. Its token stays the same, so it happens
// once, however often it is sent.
class ReplicatedDatabase::Attempt {
 public:
  Attempt(ReplicatedDatabase& database, const Transaction& transaction, const Token& token,
          const ReplicaPosition& since)
      : database_(database),
        transaction_(transaction),
        body_(transaction.HasBody() ? transaction.Body() : ""),
        token_(token),
        since_(since) {}

  // Whether it is known.
  bool Step(TimeLimit limit) { return in_doubt_ ? Ask(limit) : Send(limit); }

  absl::Status GiveUp(const absl::Status& why) {
    status_ = why;
    return Result();
  }
  absl::Status Result() const {
    if (is_known_ || !(in_doubt_ || was_lost_)) return status_;
    return absl::UnknownError(absl::StrCat(
        "it is unknown whether a transaction on database \"", database_.name_,
        "\" has happened or will: ", status_.message(), "; read what it was to write"));
  }

 private:
  bool Send(TimeLimit limit) {
    // Nothing can have happened yet.
    const absl::Status sent =
        body_.empty() ? absl::OkStatus() : database_.SendBody(token_, body_, limit);
    if (!sent.ok()) return OnBodyFailure(sent, limit);
    const absl::StatusOr<Outcome> outcome = database_.Send(transaction_, token_, body_, limit);
    if (!outcome.ok()) return OnFailure(outcome.status(), limit);
    switch (outcome->verdict) {
      case wire::TransactionVerdict::COMMITTED:
        database_.Remember(outcome->at);
        return Know(absl::OkStatus());
      case wire::TransactionVerdict::ABORTED:
        return Know(absl::AbortedError(absl::StrCat(
            "key \"", absl::CHexEscape(outcome->key.substr(0, kShownKeyBytes)), "\" of database \"",
            database_.name_, "\" was changed since the transaction read it: begin anew")));
      case wire::TransactionVerdict::INVALID:
        return Know(absl::InvalidArgumentError(outcome->why));
      case wire::TransactionVerdict::FULL:
        return Know(absl::ResourceExhaustedError(Why("cannot become larger", outcome->why)));
      case wire::TransactionVerdict::BUSY:
        status_ = absl::ResourceExhaustedError(Why("has too much to do", outcome->why));
        return false;
      case wire::TransactionVerdict::CLOSED:
      case wire::TransactionVerdict::NOT_COMMITTED:
        status_ = absl::UnavailableError(Why("takes no transactions now", outcome->why));
        return false;
      case wire::TransactionVerdict::UNKNOWN:
        break;
    }
    status_ = absl::UnavailableError(Why("has lost track of it", outcome->why));
    if (transaction_.IsReadOnly()) return false;
    in_doubt_ = true;
    // What was lost may have happened before.
    if (!was_lost_) since_ = outcome->since;
    return false;
  }

  bool OnNotFound(TimeLimit limit) {
    const absl::Status asked = database_.Ask(limit);
    return !asked.ok() && !MayPass(asked) && Know(asked);
  }

  bool OnBodyFailure(const absl::Status& status, TimeLimit limit) {
    status_ = status;
    if (absl::IsNotFound(status)) return OnNotFound(limit);
    // Another try begins with the first part.
    const bool may_pass = MayPass(status) || absl::IsFailedPrecondition(status);
    return !may_pass && !was_lost_ && Know(status);
  }

  bool OnFailure(const absl::Status& status, TimeLimit limit) {
    status_ = status;
    if (absl::IsNotFound(status)) return OnNotFound(limit);
    if (IsRefused(status)) return !MayPass(status) && Know(status);
    if (transaction_.IsReadOnly()) return !MayPass(status) && Know(status);
    in_doubt_ = true;
    was_lost_ = true;
    return false;
  }

  // After "not committed" it is sent again: what is still on its way has the same token.
  bool Ask(TimeLimit limit) {
    const absl::StatusOr<Outcome> outcome = database_.Question(token_, since_, limit);
    if (!outcome.ok()) {
      status_ = outcome.status();
      if (absl::IsNotFound(status_)) database_.Ask(limit).IgnoreError();
      return false;
    }
    if (outcome->verdict == wire::TransactionVerdict::COMMITTED) return Know(absl::OkStatus());
    in_doubt_ = outcome->verdict != wire::TransactionVerdict::NOT_COMMITTED;
    status_ = absl::UnavailableError(in_doubt_ ? Why("cannot tell yet", outcome->why)
                                               : Why("has not done it", outcome->why));
    return false;
  }

  bool Know(absl::Status status) {
    status_ = std::move(status);
    is_known_ = true;
    return true;
  }

  std::string Why(absl::string_view what, absl::string_view why) const {
    return absl::StrCat("database \"", database_.name_, "\" ", what, why.empty() ? "" : ": ", why);
  }

  ReplicatedDatabase& database_;
  const Transaction& transaction_;
  const std::string body_;  // Or empty.
  const Token token_;
  ReplicaPosition since_;  // If it has happened, it was after this.
  absl::Status status_;
  bool is_known_ = false;
  bool in_doubt_ = false;  // It may have happened.
  // It was sent, nobody knows in which epoch: it may also come late.
  bool was_lost_ = false;
};

absl::StatusOr<std::unique_ptr<ReplicatedDatabase>> ReplicatedDatabase::Attach(
    Session& session, std::string name, Kind kind, absl::Duration patience) {
  std::unique_ptr<ReplicatedDatabase> database(
      new ReplicatedDatabase(session, std::move(name), kind));
  const TimeLimit limit = LimitIn(patience);
  CTDB_RETURN_IF_ERROR(database->Repeat(limit, [&] {
    const absl::Status status = database->Ask(std::min(limit, LimitIn(kAskAgain)));
    const bool may_be_lost = absl::IsDeadlineExceeded(status) && Left(limit) > absl::ZeroDuration();
    return may_be_lost ? absl::UnavailableError(status.message()) : status;
  }));
  return database;
}

// What the service says of the database, which it makes if there is none.
absl::Status ReplicatedDatabase::Ask(TimeLimit limit) {
  return session_.Call(
      session_.node(), limit,
      [this](wire::ClientRequest::Builder out) {
        auto attach = out.initAttach();
        attach.setName(name_.c_str());
        attach.setKind(ToWire(kind_));
      },
      [this](wire::ClientAnswer::Reader in) {
        if (!in.isAttached()) return absl::InternalError("the answer to an attach is none");
        if (in.getAttached().getKind() != ToWire(kind_)) {
          return absl::InvalidArgumentError(
              absl::StrCat("database \"", name_, "\" is there already, and of another kind"));
        }
        const std::lock_guard<std::mutex> lock(mutex_);
        info_ = {FromText(in.getAttached().getName()), in.getAttached().getId()};
        return absl::OkStatus();
      });
}

ReplicatedDatabase::Info ReplicatedDatabase::info() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return info_;
}

// Grows, and differs, so that those who were in each other's way are not so again.
absl::Status ReplicatedDatabase::Rest(absl::Duration* pause, TimeLimit limit) {
  CTDB_ASSIGN_OR_RETURN(const uint64_t number, RandomNumber());
  const absl::Duration time = *pause * (0.5 + static_cast<double>(number >> 11) * 0x1.0p-53);
  CTDB_RETURN_IF_ERROR(session_.Pause(std::min(time, Left(limit))));
  *pause = std::min(2 * *pause, kPauseMax);
  return absl::OkStatus();
}

// Something that changes nothing, as long as that makes sense.
absl::Status ReplicatedDatabase::Repeat(TimeLimit limit,
                                        absl::FunctionRef<absl::Status()> attempt) {
  absl::Duration pause = kPause;
  for (;;) {
    const absl::Status status = attempt();
    if (!MayPass(status) && !absl::IsNotFound(status)) return status;
    if (!HasTimeFor(pause, limit)) return status;
    CTDB_RETURN_IF_ERROR(Rest(&pause, limit));
    if (!absl::IsNotFound(status)) continue;
    // A service that was started again may not have heard of it yet.
    const absl::Status asked = Ask(limit);
    if (!asked.ok() && !MayPass(asked)) return asked;
  }
}

absl::StatusOr<std::optional<std::string>> ReplicatedDatabase::Read(absl::string_view key,
                                                                    absl::Duration patience) {
  CTDB_ASSIGN_OR_RETURN(std::optional<ReplicaRecord> record, ReadRecord(key, patience));
  if (!record.has_value() || record->value.empty()) return std::nullopt;
  return std::move(record->value);
}

absl::StatusOr<std::optional<ReplicaRecord>> ReplicatedDatabase::ReadRecord(
    absl::string_view key, absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  const TimeLimit limit = LimitIn(patience);
  std::optional<ReplicaRecord> record;
  CTDB_RETURN_IF_ERROR(Repeat(limit, [&] {
    const uint32_t id = info().id;
    return session_.Call(
        session_.node(), limit,
        [&](wire::ClientRequest::Builder out) {
          auto read = out.initRead();
          read.setReadDatabase(id);
          read.setReadKey(ToData(key));
        },
        [&record](wire::ClientAnswer::Reader in) {
          if (!in.isCopy()) return absl::InternalError("the answer to a read is none");
          const auto copy = in.getCopy();
          if (copy.getIsThere()) {
            record = ReplicaRecord{FromData(copy.getValue()), ToPosition(copy.getVersion())};
          }
          return absl::OkStatus();
        });
  }));
  return record;
}

absl::StatusOr<ReplicaPosition> ReplicatedDatabase::Position(absl::Duration patience) {
  const TimeLimit limit = LimitIn(patience);
  ReplicaPosition position;
  CTDB_RETURN_IF_ERROR(Repeat(limit, [&] {
    const uint32_t id = info().id;
    return session_.Call(
        session_.node(), limit, [&](wire::ClientRequest::Builder out) { out.setPosition(id); },
        [&position](wire::ClientAnswer::Reader in) {
          if (!in.isPosition()) return absl::InternalError("the answer is no position");
          position = ToPosition(in.getPosition());
          return absl::OkStatus();
        });
  }));
  return position;
}

absl::Status ReplicatedDatabase::Visit(const Visitor& visitor, absl::Duration patience) {
  const TimeLimit limit = LimitIn(patience);
  uint64_t bucket = 0;
  std::string after;
  for (bool is_last = false; !is_last;) {
    std::vector<std::pair<std::string, std::string>> records;
    CTDB_RETURN_IF_ERROR(Repeat(limit, [&] {
      const uint32_t id = info().id;
      return session_.Call(
          session_.node(), limit,
          [&](wire::ClientRequest::Builder out) {
            auto list = out.initList();
            list.setListDatabase(id);
            list.setCursorBucket(bucket);
            list.setCursorAfter(ToData(after));
          },
          [&](wire::ClientAnswer::Reader in) {
            if (!in.isPage()) return absl::InternalError("not a list of records");
            const auto page = in.getPage();
            for (const auto record : page.getRecords()) {
              records.emplace_back(FromData(record.getKey()), FromData(record.getValue()));
            }
            bucket = page.getNextBucket();
            after = FromData(page.getNextAfter());
            is_last = page.getLast();
            return absl::OkStatus();
          });
    }));
    for (const auto& [key, value] : records) {
      if (!value.empty() && !visitor(key, value)) return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status ReplicatedDatabase::Run(absl::FunctionRef<absl::Status(Transaction&)> fill,
                                     absl::Duration patience) {
  const TimeLimit limit = LimitIn(patience);
  absl::Duration pause = kPause;
  for (;;) {
    Transaction transaction(*this, limit);
    CTDB_RETURN_IF_ERROR(fill(transaction));
    const absl::Status status = transaction.Commit(Left(limit));
    if (!absl::IsAborted(status) || !HasTimeFor(pause, limit)) return status;
    CTDB_RETURN_IF_ERROR(Rest(&pause, limit));
  }
}

absl::Status ReplicatedDatabase::Store(absl::string_view key, absl::string_view value,
                                       absl::Duration patience) {
  return Run([&](Transaction& transaction) { return transaction.Write(key, value); }, patience);
}

absl::Status ReplicatedDatabase::Delete(absl::string_view key, absl::Duration patience) {
  return Store(key, "", patience);
}

void ReplicatedDatabase::Remember(const ReplicaPosition& position) {
  const std::lock_guard<std::mutex> lock(mutex_);
  known_ = std::max(known_, position);
  known_until_ = LimitIn(kRecent);
}

// What happens after this call is behind it. An older one does as well, as long as the log reaches
// back to it.
absl::StatusOr<ReplicaPosition> ReplicatedDatabase::PositionBefore(TimeLimit limit) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const bool is_recent = Left(known_until_) > absl::ZeroDuration();
    if (is_recent && known_ != ReplicaPosition{}) return known_;
  }
  CTDB_ASSIGN_OR_RETURN(const ReplicaPosition position, Position(Left(limit)));
  Remember(position);
  return position;
}

absl::Status ReplicatedDatabase::Commit(const Transaction& transaction, absl::Duration patience) {
  CTDB_RETURN_IF_ERROR(session_.CheckProcess());
  if (transaction.IsEmpty()) return absl::OkStatus();
  const TimeLimit limit = LimitIn(patience);
  ReplicaPosition since;
  if (!transaction.IsReadOnly()) {
    CTDB_ASSIGN_OR_RETURN(since, PositionBefore(limit));
  }
  Token token;
  CTDB_ASSIGN_OR_RETURN(token.high, RandomNumber());
  CTDB_ASSIGN_OR_RETURN(token.low, RandomNumber());
  Attempt attempt(*this, transaction, token, since);
  absl::Duration pause = kPause;
  while (!attempt.Step(limit) && HasTimeFor(pause, limit)) {
    const absl::Status rested = Rest(&pause, limit);
    if (!rested.ok()) return attempt.GiveUp(rested);
  }
  return attempt.Result();
}

// Part by part, each when the one before has come: nobody else has to wait for long.
absl::Status ReplicatedDatabase::SendBody(const Token& token, const std::string& body,
                                          TimeLimit limit) {
  const uint32_t id = info().id;
  for (size_t offset = 0; offset < body.size(); offset += kPartBytes) {
    CTDB_RETURN_IF_ERROR(session_.Call(
        session_.node(), limit,
        [&](wire::ClientRequest::Builder out) {
          auto part = out.initBodyPart();
          part.setPartDatabase(id);
          part.initPartToken().setHigh(token.high);
          part.getPartToken().setLow(token.low);
          part.setPartTotal(body.size());
          part.setPartOffset(offset);
          part.setPartBytes(ToData(absl::string_view(body).substr(offset, kPartBytes)));
        },
        [](wire::ClientAnswer::Reader in) {
          return in.isBodyTaken() ? absl::OkStatus()
                                  : absl::InternalError("the answer to a part is none");
        }));
  }
  return absl::OkStatus();
}

absl::StatusOr<ReplicatedDatabase::Outcome> ReplicatedDatabase::Send(const Transaction& transaction,
                                                                     const Token& token,
                                                                     const std::string& body,
                                                                     TimeLimit limit) {
  const uint32_t id = info().id;
  absl::StatusOr<Outcome> outcome = absl::InternalError("no outcome");
  CTDB_RETURN_IF_ERROR(session_.Call(
      session_.node(), limit,
      [&](wire::ClientRequest::Builder out) {
        auto commit = out.initCommit();
        commit.setCommitDatabase(id);
        auto content = commit.initTransaction();
        content.initToken().setHigh(token.high);
        content.getToken().setLow(token.low);
        transaction.Fill(content);
        if (body.empty()) return;
        const store::BodySeal seal = store::SealOf(body);
        content.initBody().setBytes(seal.bytes);
        content.getBody().setDigest(seal.digest);
      },
      [&outcome](wire::ClientAnswer::Reader in) {
        outcome = Outcome::From(in);
        return outcome.status();
      }));
  return outcome;
}

absl::StatusOr<ReplicatedDatabase::Outcome> ReplicatedDatabase::Question(
    const Token& token, const ReplicaPosition& since, TimeLimit limit) {
  const uint32_t id = info().id;
  absl::StatusOr<Outcome> outcome = absl::InternalError("no outcome");
  CTDB_RETURN_IF_ERROR(session_.Call(
      session_.node(), limit,
      [&](wire::ClientRequest::Builder out) {
        auto question = out.initQuestion();
        question.setQuestionDatabase(id);
        question.initToken().setHigh(token.high);
        question.getToken().setLow(token.low);
        question.initSince().setEpoch(since.epoch);
        question.getSince().setSequence(since.sequence);
      },
      [&outcome](wire::ClientAnswer::Reader in) {
        outcome = Outcome::From(in);
        return outcome.status();
      }));
  return outcome;
}

}  // namespace ctdb
