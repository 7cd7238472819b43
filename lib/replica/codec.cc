// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/replica/codec.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/protocol/bytes_text.h"
#include "lib/store/record.h"

namespace ctdb::replica {
namespace {

using Wire = wire::ReplicaMessage;

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("a message of a replica: ", what));
}

// Parts ----------------------------------------------------------------------------------------

void Put(const Position& position, wire::LogPosition::Builder out) {
  out.setEpoch(position.epoch.value());
  out.setSequence(position.sequence);
}

Position Get(wire::LogPosition::Reader in) { return {Epoch(in.getEpoch()), in.getSequence()}; }

void Put(const Token& token, wire::TransactionToken::Builder out) {
  out.setHigh(token.high);
  out.setLow(token.low);
}

Token Get(wire::TransactionToken::Reader in) { return {in.getHigh(), in.getLow()}; }

void Put(const store::BodySeal& seal, wire::TransactionBody::Builder out) {
  out.setBytes(seal.bytes);
  out.setDigest(seal.digest);
}

std::optional<store::BodySeal> Get(wire::TransactionBody::Reader in) {
  if (in.getBytes() == 0) return std::nullopt;
  return store::BodySeal{in.getBytes(), in.getDigest()};
}

void Put(const Digest& digest, wire::RecordDigest::Builder out) {
  out.setHigh(digest.high);
  out.setLow(digest.low);
}

Digest Get(wire::RecordDigest::Reader in) { return {in.getHigh(), in.getLow()}; }

absl::StatusOr<std::string> GetKey(capnp::Data::Reader in) {
  std::string key = FromData(in);
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  return key;
}

// One that may be empty.
absl::StatusOr<std::string> GetBound(capnp::Data::Reader in) {
  if (in.size() > store::kKeyBytesMax) return Invalid("a key that is too long");
  return FromData(in);
}

std::string GetText(capnp::Text::Reader in) {
  return std::string(in.begin(), std::min<size_t>(in.size(), kProblemBytesMax));
}

void Put(const std::vector<Read>& reads, capnp::List<wire::TransactionRead>::Builder out) {
  for (uint32_t i = 0; i < out.size(); ++i) {
    out[i].setKey(ToData(reads[i].key));
    if (reads[i].version) Put(*reads[i].version, out[i].initVersion());
  }
}

absl::StatusOr<std::vector<Read>> Get(capnp::List<wire::TransactionRead>::Reader in) {
  if (in.size() > kReadsMax) return Invalid("too many reads");
  std::vector<Read> reads;
  for (const auto read : in) {
    CTDB_ASSIGN_OR_RETURN(std::string key, GetKey(read.getKey()));
    reads.push_back({std::move(key), std::nullopt});
    if (read.isVersion()) reads.back().version = Get(read.getVersion());
  }
  return reads;
}

void Put(const std::vector<Write>& writes, capnp::List<wire::TransactionWrite>::Builder out) {
  for (uint32_t i = 0; i < out.size(); ++i) {
    out[i].setKey(ToData(writes[i].key));
    if (writes[i].value) out[i].setValue(ToData(*writes[i].value));
  }
}

absl::StatusOr<std::vector<Write>> Get(capnp::List<wire::TransactionWrite>::Reader in) {
  if (in.size() > kWritesMax) return Invalid("too many writes");
  std::vector<Write> writes;
  for (const auto write : in) {
    CTDB_ASSIGN_OR_RETURN(std::string key, GetKey(write.getKey()));
    writes.push_back({std::move(key), std::nullopt});
    if (write.isValue()) writes.back().value = FromData(write.getValue());
  }
  return writes;
}

void Put(const std::vector<Entry>& entries, capnp::List<wire::LogEntry>::Builder out) {
  for (uint32_t i = 0; i < out.size(); ++i) {
    const Entry& entry = entries[i];
    Put(entry.position, out[i].initPosition());
    Put(entry.token, out[i].initToken());
    out[i].setIsWipe(entry.is_wipe);
    Put(entry.writes, out[i].initWrites(static_cast<uint32_t>(entry.writes.size())));
    if (entry.body) Put(*entry.body, out[i].initBody());
  }
}

absl::StatusOr<std::vector<Entry>> Get(capnp::List<wire::LogEntry>::Reader in) {
  if (in.size() > kLogTransactionsMax) return Invalid("too many entries");
  std::vector<Entry> entries;
  for (const auto entry : in) {
    const Position position = Get(entry.getPosition());
    if (!entries.empty() && position <= entries.back().position) {
      return Invalid("entries that are not in order");
    }
    CTDB_ASSIGN_OR_RETURN(std::vector<Write> writes, Get(entry.getWrites()));
    entries.push_back({position, Get(entry.getToken()), entry.getIsWipe(), std::move(writes),
                       Get(entry.getBody())});
  }
  return entries;
}

// Messages -------------------------------------------------------------------------------------

void Encode(const Commit& commit, Wire::Builder message) {
  auto out = message.initCommit();
  const Transaction& transaction = commit.transaction;
  out.setRun(commit.run.value());
  out.setRequest(commit.request);
  out.setOldest(commit.oldest);
  Put(commit.since, out.initSince());
  out.setIsQuestion(commit.is_question);
  Put(transaction.token, out.initToken());
  out.setIsWipe(transaction.is_wipe);
  Put(transaction.reads, out.initReads(static_cast<uint32_t>(transaction.reads.size())));
  Put(transaction.writes, out.initWrites(static_cast<uint32_t>(transaction.writes.size())));
  if (transaction.body) Put(*transaction.body, out.initBody());
}

absl::StatusOr<Message> Decode(const Head& head, Wire::Commit::Reader in) {
  Commit commit{head,
                InstanceNumber(in.getRun()),
                in.getRequest(),
                in.getOldest(),
                Get(in.getSince()),
                in.getIsQuestion(),
                {}};
  commit.transaction.token = Get(in.getToken());
  commit.transaction.is_wipe = in.getIsWipe();
  CTDB_ASSIGN_OR_RETURN(commit.transaction.reads, Get(in.getReads()));
  CTDB_ASSIGN_OR_RETURN(commit.transaction.writes, Get(in.getWrites()));
  commit.transaction.body = Get(in.getBody());
  return commit;
}

void Encode(const Outcome& outcome, Wire::Builder message) {
  auto out = message.initOutcome();
  out.setClientRun(outcome.run.value());
  out.setClientRequest(outcome.request);
  out.setVerdict(static_cast<wire::TransactionVerdict>(outcome.verdict));
  Put(outcome.position, out.initPosition());
  out.setKey(ToData(outcome.key));
  out.setReason(outcome.reason.c_str());
}

// A verdict of a later version is unknown here.
absl::StatusOr<Message> Decode(const Head& head, Wire::Outcome::Reader in) {
  const auto number = static_cast<uint16_t>(in.getVerdict());
  const bool is_known = number <= static_cast<uint16_t>(Verdict::kFull);
  CTDB_ASSIGN_OR_RETURN(std::string key, GetBound(in.getKey()));
  return Outcome{head,
                 InstanceNumber(in.getClientRun()),
                 in.getClientRequest(),
                 is_known ? static_cast<Verdict>(number) : Verdict::kUnknown,
                 Get(in.getPosition()),
                 std::move(key),
                 GetText(in.getReason())};
}

void Encode(const Ask&, Wire::Builder message) { message.setAsk(); }

void Encode(const Standing& standing, Wire::Builder message) {
  auto out = message.initStanding();
  out.setIsDamaged(!standing.is_healthy);
  Put(standing.position, out.initAt());
  Put(standing.digest, out.initDigest());
  out.setProblem(standing.problem.c_str());
}

Standing Decode(const Head& head, Wire::Standing::Reader in) {
  return {head, !in.getIsDamaged(), Get(in.getAt()), Get(in.getDigest()), GetText(in.getProblem())};
}

void Encode(const Sync& sync, Wire::Builder message) {
  auto out = message.initSync();
  out.setSource(sync.source.value());
  Put(sync.position, out.initTarget());
  Put(sync.digest, out.initTargetDigest());
}

Sync Decode(const Head& head, Wire::Sync::Reader in) {
  return {head, NodeNumber(in.getSource()), Get(in.getTarget()), Get(in.getTargetDigest())};
}

void Encode(const Synced& synced, Wire::Builder message) {
  auto out = message.initSynced();
  Put(synced.position, out.initSyncedAt());
  Put(synced.digest, out.initSyncedDigest());
  out.setWasRepaired(synced.was_repaired);
}

Synced Decode(const Head& head, Wire::Synced::Reader in) {
  return {head, Get(in.getSyncedAt()), Get(in.getSyncedDigest()), in.getWasRepaired()};
}

void Encode(const Batch& batch, Wire::Builder message) {
  auto out = message.initBatch();
  Put(batch.previous, out.initPrevious());
  Put(batch.committed, out.initCommitted());
  Put(batch.entries, out.initEntries(static_cast<uint32_t>(batch.entries.size())));
}

absl::StatusOr<Message> Decode(const Head& head, Wire::Batch::Reader in) {
  CTDB_ASSIGN_OR_RETURN(std::vector<Entry> entries, Get(in.getEntries()));
  return Batch{head, Get(in.getPrevious()), Get(in.getCommitted()), std::move(entries)};
}

void Encode(const Stored& stored, Wire::Builder message) {
  Put(stored.position, message.initStored());
}

void Encode(const Lost& lost, Wire::Builder message) { message.setLost(lost.reason.c_str()); }

void Encode(const Pull& pull, Wire::Builder message) { Put(pull.after, message.initPull()); }

void Encode(const Entries& entries, Wire::Builder message) {
  auto out = message.initPulled();
  Put(entries.after, out.initAfter());
  out.setIsKnown(entries.is_known);
  Put(entries.entries, out.initFollowing(static_cast<uint32_t>(entries.entries.size())));
}

absl::StatusOr<Message> Decode(const Head& head, Wire::Pulled::Reader in) {
  CTDB_ASSIGN_OR_RETURN(std::vector<Entry> entries, Get(in.getFollowing()));
  return Entries{head, Get(in.getAfter()), in.getIsKnown(), std::move(entries)};
}

void Encode(const DigestsWanted&, Wire::Builder message) { message.setDigestsWanted(); }

void Encode(const DigestList& list, Wire::Builder message) {
  auto out = message.initDigests();
  Put(list.position, out.initDigestsAt());
  Put(list.tokens_base, out.initTokensBase());
  auto slots = out.initSlots(static_cast<uint32_t>(list.slots.size()));
  for (uint32_t i = 0; i < slots.size(); ++i) Put(list.slots[i], slots[i]);
  auto tokens = out.initTokens(static_cast<uint32_t>(list.tokens.size()));
  for (uint32_t i = 0; i < tokens.size(); ++i) {
    Put(list.tokens[i].position, tokens[i].initPosition());
    Put(list.tokens[i].token, tokens[i].initToken());
  }
}

absl::StatusOr<Message> Decode(const Head& head, Wire::Digests::Reader in) {
  if (in.getSlots().size() != kSlots) return Invalid("another number of digests");
  if (in.getTokens().size() > kLogTransactionsMax) return Invalid("too many tokens");
  DigestList list{head, Get(in.getDigestsAt()), {}, Get(in.getTokensBase()), {}};
  for (const auto slot : in.getSlots()) list.slots.push_back(Get(slot));
  Position last = list.tokens_base;
  for (const auto token : in.getTokens()) {
    const Position position = Get(token.getPosition());
    if (position <= last) return Invalid("tokens that are not in order");
    last = position;
    list.tokens.push_back({position, Get(token.getToken()), 0});
  }
  if (last != list.position) return Invalid("tokens that end elsewhere");
  return list;
}

void Encode(const Fetch& fetch, Wire::Builder message) {
  auto out = message.initFetch();
  out.setSlot(fetch.slot);
  out.setBehind(ToData(fetch.after));
  out.setUntil(ToData(fetch.until));
  const auto count = static_cast<uint32_t>(fetch.fingerprints.size());
  if (fetch.is_short) {
    auto fingerprints = out.initShortFingerprints(count);
    for (uint32_t i = 0; i < count; ++i) {
      fingerprints.set(i, static_cast<uint32_t>(fetch.fingerprints[i]));
    }
    return;
  }
  auto fingerprints = out.initFingerprints(count);
  for (uint32_t i = 0; i < count; ++i) fingerprints.set(i, fetch.fingerprints[i]);
}

absl::StatusOr<Message> Decode(const Head& head, Wire::Fetch::Reader in) {
  if (in.getSlot() >= kSlots) return Invalid("a slot that does not exist");
  if (std::max(in.getFingerprints().size(), in.getShortFingerprints().size()) > kFingerprintsMax) {
    return Invalid("too many fingerprints");
  }
  Fetch fetch{head, in.getSlot(), "", "", {}, in.getShortFingerprints().size() > 0};
  CTDB_ASSIGN_OR_RETURN(fetch.after, GetBound(in.getBehind()));
  CTDB_ASSIGN_OR_RETURN(fetch.until, GetBound(in.getUntil()));
  if (fetch.is_short) {
    for (uint32_t fingerprint : in.getShortFingerprints()) {
      fetch.fingerprints.push_back(fingerprint);
    }
  } else {
    for (uint64_t fingerprint : in.getFingerprints()) fetch.fingerprints.push_back(fingerprint);
  }
  return fetch;
}

void Encode(const Page& page, Wire::Builder message) {
  auto out = message.initPage();
  out.setPageSlot(page.slot);
  out.setPageBehind(ToData(page.after));
  out.setIsComplete(page.is_complete);
  out.setCovered(ToData(page.covered));
  auto kept = out.initKept(static_cast<uint32_t>(page.kept.size()));
  for (uint32_t i = 0; i < kept.size(); ++i) kept.set(i, page.kept[i]);
  auto records = out.initRecords(static_cast<uint32_t>(page.records.size()));
  for (uint32_t i = 0; i < records.size(); ++i) {
    records[i].setKey(ToData(page.records[i].key));
    Put(page.records[i].version, records[i].initVersion());
    records[i].setValue(ToData(page.records[i].value));
  }
}

absl::StatusOr<Message> Decode(const Head& head, Wire::Page::Reader in) {
  if (in.getPageSlot() >= kSlots) return Invalid("a slot that does not exist");
  if (in.getKept().size() > kFingerprintsMax || in.getRecords().size() > kPageRecordsMax) {
    return Invalid("a page that is too long");
  }
  Page page{head, in.getPageSlot(), "", in.getIsComplete(), "", {}, {}};
  CTDB_ASSIGN_OR_RETURN(page.after, GetBound(in.getPageBehind()));
  CTDB_ASSIGN_OR_RETURN(page.covered, GetBound(in.getCovered()));
  for (bool kept : in.getKept()) page.kept.push_back(kept);
  for (const auto record : in.getRecords()) {
    CTDB_ASSIGN_OR_RETURN(std::string key, GetKey(record.getKey()));
    page.records.push_back({std::move(key), Get(record.getVersion()), FromData(record.getValue())});
  }
  return page;
}

void Encode(const Stage& stage, Wire::Builder message) {
  auto out = message.initStage();
  Put(stage.token, out.initStageToken());
  Put(stage.seal, out.initStageBody());
  out.setStageSource(stage.source.value());
}

absl::StatusOr<Message> Decode(const Head& head, Wire::Stage::Reader in) {
  const std::optional<store::BodySeal> seal = Get(in.getStageBody());
  if (!seal) return Invalid("a body without bytes");
  return Stage{head, Get(in.getStageToken()), *seal, NodeNumber(in.getStageSource())};
}

void Encode(const Staged& staged, Wire::Builder message) {
  auto out = message.initStaged();
  Put(staged.token, out.initStagedToken());
  out.setStagedProblem(staged.problem.c_str());
  out.setIsFull(staged.is_full);
}

Staged Decode(const Head& head, Wire::Staged::Reader in) {
  return {head, Get(in.getStagedToken()), GetText(in.getStagedProblem()), in.getIsFull()};
}

void Encode(const Unstage& unstage, Wire::Builder message) {
  Put(unstage.token, message.initUnstage());
}

void Encode(const PartsWanted& wanted, Wire::Builder message) {
  auto out = message.initPartsWanted();
  Put(wanted.token, out.initPartsToken());
  out.setPartsFrom(wanted.from);
  out.setPartsUntil(wanted.until);
}

PartsWanted Decode(const Head& head, Wire::PartsWanted::Reader in) {
  return {head, Get(in.getPartsToken()), in.getPartsFrom(), in.getPartsUntil()};
}

void Encode(const BodyPart& part, Wire::Builder message) {
  auto out = message.initBodyPart();
  Put(part.token, out.initPartToken());
  out.setPartOffset(part.offset);
  out.setPartBytes(ToData(part.bytes));
  out.setIsGone(part.is_gone);
}

void Encode(const Room& room, Wire::Builder message) {
  auto out = message.initRoom();
  out.setRoomBytes(room.bytes);
  out.setRoomPlace(room.place.c_str());
}

Room Decode(const Head& head, Wire::Room::Reader in) {
  return {head, in.getRoomBytes(), GetText(in.getRoomPlace())};
}

BodyPart Decode(const Head& head, Wire::BodyPart::Reader in) {
  return {head, Get(in.getPartToken()), in.getPartOffset(), in.getIsGone(),
          FromData(in.getPartBytes())};
}

}  // namespace

void EncodeMessage(const Message& message, Wire::Builder out) {
  const Head& head = HeadOf(message);
  out.setDatabase(head.database.value());
  out.setEpoch(head.epoch.value());
  out.setRound(head.round);
  std::visit([&out](const auto& one) { Encode(one, out); }, message);
}

absl::StatusOr<Message> DecodeMessage(Wire::Reader in) {
  const Head head{database::DatabaseId(in.getDatabase()), Epoch(in.getEpoch()), in.getRound()};
  switch (in.which()) {
    case Wire::COMMIT:
      return Decode(head, in.getCommit());
    case Wire::OUTCOME:
      return Decode(head, in.getOutcome());
    case Wire::ASK:
      return Ask{head};
    case Wire::STANDING:
      return Decode(head, in.getStanding());
    case Wire::SYNC:
      return Decode(head, in.getSync());
    case Wire::SYNCED:
      return Decode(head, in.getSynced());
    case Wire::BATCH:
      return Decode(head, in.getBatch());
    case Wire::STORED:
      return Stored{head, Get(in.getStored())};
    case Wire::LOST:
      return Lost{head, GetText(in.getLost())};
    case Wire::PULL:
      return Pull{head, Get(in.getPull())};
    case Wire::PULLED:
      return Decode(head, in.getPulled());
    case Wire::DIGESTS_WANTED:
      return DigestsWanted{head};
    case Wire::DIGESTS:
      return Decode(head, in.getDigests());
    case Wire::FETCH:
      return Decode(head, in.getFetch());
    case Wire::PAGE:
      return Decode(head, in.getPage());
    case Wire::STAGE:
      return Decode(head, in.getStage());
    case Wire::STAGED:
      return Decode(head, in.getStaged());
    case Wire::UNSTAGE:
      return Unstage{head, Get(in.getUnstage())};
    case Wire::PARTS_WANTED:
      return Decode(head, in.getPartsWanted());
    case Wire::BODY_PART:
      return Decode(head, in.getBodyPart());
    case Wire::ROOM:
      return Decode(head, in.getRoom());
  }
  return Invalid("of a kind that a later version may know");
}

absl::StatusOr<Transaction> DecodeTransaction(wire::ClientTransaction::Reader in) {
  Transaction transaction;
  transaction.token = Get(in.getToken());
  transaction.is_wipe = in.getIsWipe();
  CTDB_ASSIGN_OR_RETURN(transaction.reads, Get(in.getReads()));
  CTDB_ASSIGN_OR_RETURN(transaction.writes, Get(in.getWrites()));
  transaction.body = Get(in.getBody());
  CTDB_RETURN_IF_ERROR(CheckTransaction(transaction));
  return transaction;
}

void EncodePosition(const Position& position, wire::LogPosition::Builder out) {
  Put(position, out);
}

Position DecodePosition(wire::LogPosition::Reader in) { return Get(in); }

Token DecodeToken(wire::TransactionToken::Reader in) { return Get(in); }

}  // namespace ctdb::replica
