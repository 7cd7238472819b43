// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/io/database_codec.h"

#include <algorithm>

#include "lib/protocol/bytes_text.h"
#include "lib/store/transaction_body.h"

namespace ctdb::samba {
namespace {

using Out = wire::ClientRequest::Builder;

// What a packet has for each write besides key and value, at most; and of a body in one packet.
constexpr size_t kWriteBytes = 40;
constexpr size_t kPartBytes = 256 * 1024;

void Write(const AttachDatabase& request, Out out) {
  auto attach = out.initAttach();
  attach.setName(request.name.c_str());
  attach.setKind(static_cast<wire::DatabaseKind>(request.kind));
  attach.setEngine(wire::DatabaseEngine::TDB);
  attach.setTdbSequence(request.counts_changes);
}

void Write(const ListDatabases&, Out) {}
void Write(const AskCounts&, Out) {}

void Write(const GetRecord& request, Out out) {
  auto get = out.initGet();
  get.setDatabase(request.db_id.value());
  get.setKey(ToData(request.key));
  get.setForRead(request.for_read);
}

void Write(const UsedRecord& request, Out out) {
  auto used = out.initUsed();
  used.setUsedDatabase(request.db_id.value());
  used.setUsedKey(ToData(request.key));
  used.setUsedTurns(request.turns);
}

void Write(const KeepSpares& request, Out out) {
  auto spare = out.initSpare();
  spare.setSpareDatabase(request.db_id.value());
  spare.setSpareKey(ToData(request.key));
}

void Write(const ReadRecord& request, Out out) {
  auto read = out.initRead();
  read.setReadDatabase(request.db_id.value());
  read.setReadKey(ToData(request.key));
}

void Write(const ListRecords& request, Out out) {
  auto list = out.initList();
  list.setListDatabase(request.db_id.value());
  list.setCursorBucket(request.bucket);
  list.setCursorAfter(ToData(request.after));
}

void Write(const LogPosition& position, wire::LogPosition::Builder out) {
  out.setEpoch(position.epoch);
  out.setSequence(position.sequence);
}

void Write(const TransactionToken& token, wire::TransactionToken::Builder out) {
  out.setHigh(token.high);
  out.setLow(token.low);
}

// All but the writes.
wire::ClientTransaction::Builder Begin(const CommitRecords& request, Out out) {
  auto commit = out.initCommit();
  commit.setCommitDatabase(request.db_id.value());
  auto transaction = commit.initTransaction();
  Write(request.token, transaction.initToken());
  auto reads = transaction.initReads(static_cast<uint32_t>(request.reads.size()));
  for (uint32_t i = 0; i < reads.size(); ++i) {
    reads[i].setKey(ToData(request.reads[i].key));
    if (request.reads[i].version.has_value()) {
      Write(*request.reads[i].version, reads[i].initVersion());
    }
  }
  return transaction;
}

void Write(const CommitRecords& request, Out out) {
  auto transaction = Begin(request, out);
  auto writes = transaction.initWrites(static_cast<uint32_t>(request.writes.size()));
  for (uint32_t i = 0; i < writes.size(); ++i) {
    writes[i].setKey(ToData(request.writes[i].key));
    if (request.writes[i].value.has_value()) writes[i].setValue(ToData(*request.writes[i].value));
  }
}

void Write(const AskOutcome& request, Out out) {
  auto question = out.initQuestion();
  question.setQuestionDatabase(request.db_id.value());
  Write(request.token, question.initToken());
  Write(request.since, question.initSince());
}

void Write(const AskPosition& request, Out out) { out.setPosition(request.db_id.value()); }

LogPosition Read(wire::LogPosition::Reader in) { return {in.getEpoch(), in.getSequence()}; }

RecordPage Read(wire::ClientAnswer::Page::Reader in) {
  RecordPage page;
  for (const auto record : in.getRecords()) {
    page.records.push_back({FromData(record.getKey()), FromData(record.getValue())});
  }
  page.bucket = in.getNextBucket();
  page.after = FromData(in.getNextAfter());
  page.is_last = in.getLast();
  return page;
}

Verdict Read(wire::TransactionVerdict verdict) {
  switch (verdict) {
    case wire::TransactionVerdict::COMMITTED:
      return Verdict::kCommitted;
    case wire::TransactionVerdict::ABORTED:
      return Verdict::kAborted;
    case wire::TransactionVerdict::NOT_COMMITTED:
      return Verdict::kNotCommitted;
    case wire::TransactionVerdict::BUSY:
      return Verdict::kBusy;
    case wire::TransactionVerdict::CLOSED:
      return Verdict::kClosed;
    case wire::TransactionVerdict::INVALID:
    case wire::TransactionVerdict::FULL:
      return Verdict::kInvalid;
    case wire::TransactionVerdict::UNKNOWN:
      break;
  }
  return Verdict::kUnknown;
}

absl::Status Read(wire::ClientAnswer::Failed::Reader in) {
  const auto code = static_cast<absl::StatusCode>(in.getCode());
  if (code == absl::StatusCode::kOk) return absl::UnknownError("a failure without a reason");
  return absl::Status(code, FromText(in.getReason()));
}

}  // namespace

void EncodeRequest(const DatabaseRequest& request, wire::ClientRequest::Builder out) {
  std::visit([&](const auto& one) { Write(one, out); }, request);
}

std::string BodyOf(const CommitRecords& request) {
  size_t bytes = 0;
  for (const CommitRecords::Write& write : request.writes) {
    bytes += kWriteBytes + write.key.size() + (write.value ? write.value->size() : 0);
  }
  std::string body;
  if (bytes <= store::kWholeTransactionBytesMax / 2) return body;
  body.reserve(bytes);
  for (const CommitRecords::Write& write : request.writes) {
    store::AppendBodyWrite(body, write.key, write.value);
  }
  return body;
}

void EncodeLargeCommit(const CommitRecords& request, const std::string& body, size_t taken,
                       wire::ClientRequest::Builder out) {
  if (taken < body.size()) {
    auto part = out.initBodyPart();
    part.setPartDatabase(request.db_id.value());
    Write(request.token, part.initPartToken());
    part.setPartTotal(body.size());
    part.setPartOffset(taken);
    part.setPartBytes(ToData(absl::string_view(body).substr(taken, kPartBytes)));
    return;
  }
  const store::BodySeal seal = store::SealOf(body);
  auto out_body = Begin(request, out).initBody();
  out_body.setBytes(seal.bytes);
  out_body.setDigest(seal.digest);
}

DatabaseInfo DecodeInfo(wire::DatabaseInfo::Reader in) {
  return {.id = DbId(in.getId()),
          .name = FromText(in.getName()),
          .kind = static_cast<DatabaseKind>(in.getKind()),
          .path = FromText(in.getPath()),
          .open_flags = in.getTdbFlags()};
}

AwaitedRecord DecodeAwaited(wire::ClientAnswer::Awaited::Reader in) {
  return {DbId(in.getAwaitedDatabase()), FromData(in.getAwaitedKey()), in.getAwaitedTurns()};
}

DatabaseAnswer DecodeAnswer(wire::ClientAnswer::Reader in) {
  switch (in.which()) {
    case wire::ClientAnswer::ATTACHED:
      return DecodeInfo(in.getAttached());
    case wire::ClientAnswer::READY:
      return RecordIsHere{};
    case wire::ClientAnswer::READY_IN_TURN:
      return RecordIsHere{.in_turn = true};
    case wire::ClientAnswer::ABSENT:
      return RecordIsAbsent{};
    case wire::ClientAnswer::SPARE_KEPT:
      return SparesKept{};
    case wire::ClientAnswer::FAILED:
      return Read(in.getFailed());
    case wire::ClientAnswer::PAGE:
      return Read(in.getPage());
    case wire::ClientAnswer::COPY: {
      RecordRead read;
      if (in.getCopy().getIsThere()) read.value = FromData(in.getCopy().getValue());
      read.version = Read(in.getCopy().getVersion());
      return read;
    }
    case wire::ClientAnswer::OUTCOME:
      return CommitOutcome{Read(in.getOutcome().getVerdict()), FromText(in.getOutcome().getWhy())};
    case wire::ClientAnswer::POSITION:
      return Read(in.getPosition());
    case wire::ClientAnswer::BODY_TAKEN:
      return BodyTaken{in.getBodyTaken()};
    case wire::ClientAnswer::MEMBER_NODES:
    case wire::ClientAnswer::AWAITED:
      break;
  }
  return absl::InternalError("the database service gave an answer that was not asked for");
}

}  // namespace ctdb::samba
