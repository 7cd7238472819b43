// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// What NodeDatabases does with requests of clients, and what it answers.

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/status_macros.h"
#include "lib/database/io/node_databases.h"
#include "lib/protocol/bytes_text.h"
#include "lib/store/loan.h"

namespace ctdb::database {
namespace {

absl::Status NoDatabase(uint32_t id) {
  return absl::NotFoundError(absl::StrCat("this node has no database with the number 0x",
                                          absl::Hex(id, absl::kZeroPad8), ": attach it first"));
}

}  // namespace

void NodeDatabases::Answer(const Owner::Output::Answered& answer) {
  const Address to{options_.local, ServiceId::kClient, answer.client};
  if (answer.answer == Owner::Answer::kBusy) {
    return Fail(to, answer.request,
                absl::ResourceExhaustedError("too many wait for records already"));
  }
  SendPacket(to, answer.request, [&](wire::DatabasePacket::Builder packet) {
    auto out = packet.initAnswer();
    switch (answer.answer) {
      case Owner::Answer::kReady:
        ++counters_.migrations;
        return out.setReady();
      case Owner::Answer::kReadyInTurn:
        ++counters_.migrations;
        return out.setReadyInTurn();
      case Owner::Answer::kValue: {
        auto copy = out.initCopy();
        copy.setIsThere(!answer.value.empty());
        return copy.setValue(ToData(answer.value));
      }
      case Owner::Answer::kAbsent:
      case Owner::Answer::kBusy:
        return out.setAbsent();
    }
  });
}

void NodeDatabases::Answer(const Spares::Output::Answered& answer) {
  const Address to{options_.local, ServiceId::kClient, answer.client};
  const RequestId request = answer.request;
  switch (answer.answer) {
    case Spares::Answer::kKept:
      return SendPacket(to, request, [](wire::DatabasePacket::Builder packet) {
        packet.initAnswer().setSpareKept();
      });
    case Spares::Answer::kMoved:
      return Fail(to, request,
                  absl::AbortedError("the record is not this node's any more: get it, store it "
                                     "and ask for spare copies again"));
    case Spares::Answer::kTooLarge:
      return Fail(
          to, request,
          absl::ResourceExhaustedError("the record is too large to be sent to other nodes"));
    case Spares::Answer::kBusy:
      return Fail(to, request,
                  absl::ResourceExhaustedError("too many wait for spare copies already"));
  }
}

void NodeDatabases::AskForUse(DatabaseId id, const Owner::Output::Awaited& awaited) {
  SendPacket({options_.local, ServiceId::kClient, awaited.client}, RequestId(0),
             [&](wire::DatabasePacket::Builder packet) {
               auto out = packet.initAnswer().initAwaited();
               out.setAwaitedDatabase(id.value());
               out.setAwaitedKey(ToData(awaited.key));
               out.setAwaitedTurns(awaited.turns);
             });
}

void NodeDatabases::Fail(const Address& client, RequestId request, const absl::Status& status) {
  SendPacket(client, request, [&](wire::DatabasePacket::Builder packet) {
    auto failed = packet.initAnswer().initFailed();
    failed.setCode(static_cast<uint16_t>(status.code()));
    failed.setReason(std::string(status.message()).c_str());
  });
}

absl::Status NodeDatabases::HandleReplicaRequest(const Envelope& envelope, uint32_t database,
                                                 wire::ClientRequest::Reader request) {
  const Entry* entry = FindEntry(DatabaseId(database));
  if (entry == nullptr) return NoDatabase(database);
  if (entry->replicated == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("database ", entry->info.name,
                     " is volatile: its records are locked, read "
                     "and stored one by one, and there are no transactions"));
  }
  return entry->replicated->OnRequest(envelope.source, RequestId(envelope.request_id), request,
                                      Now());
}

void NodeDatabases::AnswerClient(const Address& client, RequestId request,
                                 absl::FunctionRef<void(wire::ClientAnswer::Builder)> fill) {
  SendPacket(client, request,
             [&](wire::DatabasePacket::Builder packet) { fill(packet.initAnswer()); });
}

absl::Status NodeDatabases::HandleRequest(const Envelope& envelope,
                                          wire::ClientRequest::Reader request) {
  // Records of this node may be listed by clients of any; everything else is for its own.
  if (envelope.source.node != options_.local && !request.isList()) {
    return absl::PermissionDeniedError("ask the database service of your own node");
  }
  ++counters_.client_requests;
  const Instant now = Now();
  switch (request.which()) {
    case wire::ClientRequest::ATTACH:
      HandleAttach(envelope, request.getAttach());
      return absl::OkStatus();
    case wire::ClientRequest::GET:
      return HandleGet(envelope, request.getGet());
    case wire::ClientRequest::SPARE:
      return HandleSpare(envelope, request.getSpare());
    case wire::ClientRequest::CANCEL:
      for (auto& [id, entry] : entries_) {
        if (entry.driver == nullptr) continue;
        entry.driver->OnClientCancel(envelope.source.instance, RequestId(request.getCancel()), now);
      }
      return absl::OkStatus();
    case wire::ClientRequest::USED: {
      const DatabaseId id(request.getUsed().getUsedDatabase());
      if (DatabaseDriver* driver = FindDriver(id)) {
        driver->OnTurnsTaken(FromData(request.getUsed().getUsedKey()),
                             request.getUsed().getUsedTurns(), now);
      }
      return absl::OkStatus();
    }
    case wire::ClientRequest::LIST: {
      const uint32_t id = request.getList().getListDatabase();
      const Entry* entry = FindEntry(DatabaseId(id));
      if (entry == nullptr || entry->driver != nullptr) {
        return HandleList(envelope, request.getList());
      }
      return HandleReplicaRequest(envelope, id, request);
    }
    case wire::ClientRequest::MEMBERS:
      HandleMembers(envelope);
      return absl::OkStatus();
    case wire::ClientRequest::READ:
      return HandleRead(envelope, request);
    case wire::ClientRequest::COMMIT:
      return HandleReplicaRequest(envelope, request.getCommit().getCommitDatabase(), request);
    case wire::ClientRequest::QUESTION:
      return HandleReplicaRequest(envelope, request.getQuestion().getQuestionDatabase(), request);
    case wire::ClientRequest::POSITION:
      return HandleReplicaRequest(envelope, request.getPosition(), request);
    case wire::ClientRequest::BODY_PART:
      return HandleReplicaRequest(envelope, request.getBodyPart().getPartDatabase(), request);
  }
  return absl::UnimplementedError(
      "this version of the database service does not know that request");
}

void NodeDatabases::HandleAttach(const Envelope& envelope,
                                 wire::ClientRequest::Attach::Reader attach) {
  const Address client = envelope.source;
  const RequestId request(envelope.request_id);
  const DatabaseWish wish = {.name = FromText(attach.getName()),
                             .kind = static_cast<DatabaseKind>(attach.getKind()),
                             .engine = static_cast<DatabaseEngine>(attach.getEngine()),
                             .tdb_sequence = attach.getTdbSequence()};
  tasks_.add(listener_.MayAttach(wish.name).then(
      [this, wish, client, request](const absl::Status& allowed) {
        if (allowed.ok()) return AttachForClient(wish, client, request);
        const auto entered = Enter();
        Fail(client, request, allowed);
        FinishTurn();
      }));
}

void NodeDatabases::AttachForClient(const DatabaseWish& wish, const Address& client,
                                    RequestId request) {
  tasks_.add(AttachLater(wish).then([this, client, request](absl::StatusOr<DatabaseInfo> info) {
    const auto entered = Enter();
    if (info.ok()) {
      SendPacket(client, request, [&](wire::DatabasePacket::Builder packet) {
        WriteInfo(*info, packet.initAnswer().initAttached());
      });
    } else {
      Fail(client, request, info.status());
    }
    FinishTurn();
  }));
}

// Not with the lock held: Attach() takes it itself.
kj::Promise<absl::StatusOr<DatabaseInfo>> NodeDatabases::AttachLater(DatabaseWish wish) {
  return kj::evalLater([this, wish = std::move(wish)] { return Attach(wish); });
}

absl::Status NodeDatabases::HandleGet(const Envelope& envelope,
                                      wire::ClientRequest::Get::Reader get) {
  DatabaseDriver* const driver = FindDriver(DatabaseId(get.getDatabase()));
  if (driver == nullptr) return NoDatabase(get.getDatabase());
  const std::string key = FromData(get.getKey());
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  driver->OnClientRequest(envelope.source.instance, RequestId(envelope.request_id), key,
                          get.getForRead() ? Owner::Mode::kRead : Owner::Mode::kWrite, Now());
  return absl::OkStatus();
}

absl::Status NodeDatabases::HandleSpare(const Envelope& envelope,
                                        wire::ClientRequest::Spare::Reader spare) {
  const Entry* const entry = FindEntry(DatabaseId(spare.getSpareDatabase()));
  if (entry == nullptr || entry->driver == nullptr) return NoDatabase(spare.getSpareDatabase());
  if (entry->driver->options().lending != Directory::Lending::kOff) {
    return absl::FailedPreconditionError(
        absl::StrCat("database ", entry->info.name,
                     " lends read-only copies, and spare ones are kept only where it does not"));
  }
  const std::string key = FromData(spare.getSpareKey());
  CTDB_RETURN_IF_ERROR(store::CheckKey(key));
  entry->driver->OnSparesWanted(envelope.source.instance, RequestId(envelope.request_id), key,
                                Now());
  return absl::OkStatus();
}

absl::Status NodeDatabases::HandleList(const Envelope& envelope,
                                       wire::ClientRequest::List::Reader list) {
  const Entry* const entry = FindEntry(DatabaseId(list.getListDatabase()));
  if (entry == nullptr || entry->driver == nullptr) return NoDatabase(list.getListDatabase());
  const store::Cursor cursor{.bucket = list.getCursorBucket(),
                             .after = FromData(list.getCursorAfter())};
  const RequestId request(envelope.request_id);
  if (entry->shared_file != nullptr) {
    ListFile(envelope.source, request, entry->shared_file, cursor);
    return absl::OkStatus();
  }
  store::Cursor next = cursor;
  store::RecordStore& store = entry->driver->store();
  CTDB_ASSIGN_OR_RETURN(std::vector<store::Record> records, store.Next(next, kListBytes));
  AnswerList(envelope.source, request, next, std::move(records), store.OwnedSince());
  return absl::OkStatus();
}

// Those that are this node's and not empty.
void NodeDatabases::AnswerList(const Address& client, RequestId request,
                               const store::Cursor& cursor, std::vector<store::Record> records,
                               Epoch owned_since) {
  std::erase_if(records, [&](const store::Record& record) {
    return record.copy.value.empty() || store::HasLoan(record.copy.header) ||
           !store::IsOwnedBy(record.copy.header, options_.local, owned_since);
  });
  size_t bytes = 0;
  for (const store::Record& record : records) bytes += record.key.size() + record.copy.value.size();
  if (bytes > kAnswerBytesMax) {
    return Fail(client, request,
                absl::ResourceExhaustedError(
                    absl::StrCat("records of ", bytes,
                                 " bytes do not fit in one answer: list them on their "
                                 "own node")));
  }
  SendPacket(client, request, [&](wire::DatabasePacket::Builder packet) {
    auto page = packet.initAnswer().initPage();
    page.setNextBucket(cursor.bucket);
    page.setNextAfter(ToData(cursor.after));
    page.setLast(cursor.done);
    auto out = page.initRecords(static_cast<uint32_t>(records.size()));
    for (uint32_t i = 0; i < out.size(); ++i) {
      out[i].setKey(ToData(records[i].key));
      out[i].setValue(ToData(records[i].copy.value));
    }
  });
}

void NodeDatabases::HandleMembers(const Envelope& envelope) {
  SendPacket(envelope.source, RequestId(envelope.request_id),
             [&](wire::DatabasePacket::Builder packet) {
               const size_t count = view_.has_value() ? view_->members.size() : 0;
               auto out = packet.initAnswer().initMemberNodes(static_cast<uint32_t>(count));
               for (uint32_t i = 0; i < out.size(); ++i) out.set(i, view_->members[i].value());
             });
}

}  // namespace ctdb::database
