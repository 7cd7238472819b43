// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// fake_replicas: a database service with one database of which each node has a copy. It does what
// it is asked for, in memory, unless the test wants something else of it.
//
//   Ownership:  FakeReplicas owns its endpoint and thread; the model outlives it.
//   Threading:  the service has a thread of its own; the model is locked.
//   Errors:     those that the test asks for.
//   Blocking:   Stop(), for milliseconds.
//   Limits:     none.
//
// Example:
//   ReplicaModel model;
//   model.Next({.verdict = wire::TransactionVerdict::CLOSED, .why = "no healthy copy"});
//   FakeReplicas service(Connect(0, ServiceId::kDatabase), model);

#ifndef TESTS_CLIENT_FAKE_REPLICAS_H_
#define TESTS_CLIENT_FAKE_REPLICAS_H_

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "capnp/database.capnp.h"
#include "lib/client/replicated_database.h"
#include "lib/protocol/bytes_text.h"
#include "lib/store/transaction_body.h"
#include "lib/transport/io/plain_endpoint.h"
#include "tests/client/replica_model.h"
#include "tests/transport/transport_fixture.h"

namespace ctdb::test {

class FakeReplicas {
 public:
  FakeReplicas(std::unique_ptr<PlainEndpoint> endpoint, ReplicaModel& model)
      : model_(model), endpoint_(std::move(endpoint)), thread_([this] { Run(); }) {}
  ~FakeReplicas() { Stop(); }

  void Stop() {
    is_over_ = true;
    if (thread_.joinable()) thread_.join();
    endpoint_.reset();
  }

 private:
  using Verdict = wire::TransactionVerdict;

  void Run() {
    while (!is_over_) {
      const auto frame = endpoint_->Receive(absl::Milliseconds(5));
      if (absl::IsDeadlineExceeded(frame.status())) continue;
      if (!frame.ok()) return;
      const Envelope envelope = *DecodeEnvelope(*frame);
      if (envelope.kind != PacketKind::kData) continue;
      PacketReader reader(*frame);
      const std::lock_guard<std::mutex> lock(model_.mutex);
      Handle(envelope, reader.payload().getAs<wire::DatabasePacket>().getRequest());
    }
  }

  void Handle(const Envelope& asked, wire::ClientRequest::Reader request) {
    if (request.isCancel()) return;
    Envelope envelope = endpoint_->To(asked.source, PacketKind::kData);
    envelope.request_id = asked.request_id;
    auto answer = writer_.Begin(envelope).getPayload().initAs<wire::DatabasePacket>().initAnswer();
    if (!Fill(request, answer)) {
      (void)writer_.Finish();
      return;
    }
    endpoint_->Queue(*writer_.Finish());
    endpoint_->Flush(kSoon).IgnoreError();
  }

  static bool Fail(const absl::Status& status, wire::ClientAnswer::Builder answer) {
    answer.initFailed().setCode(static_cast<uint16_t>(status.code()));
    answer.getFailed().setReason(std::string(status.message()).c_str());
    return true;
  }

  bool Fill(wire::ClientRequest::Reader request, wire::ClientAnswer::Builder answer) {
    if (request.isMembers()) return answer.initMemberNodes(1), true;
    if (request.isAttach()) {
      ++model_.attaches;
      if (model_.lost_attaches > 0) return --model_.lost_attaches, false;
      auto attached = answer.initAttached();
      attached.setName(request.getAttach().getName());
      attached.setId(ReplicaModel::kId);
      attached.setKind(model_.kind);
      return true;
    }
    if (model_.unknown > 0) {
      --model_.unknown;
      return Fail(absl::NotFoundError("no such database"), answer);
    }
    if (request.isPosition()) {
      Put(model_.position, answer.initPosition());
    } else if (request.isRead()) {
      Read(FromData(request.getRead().getReadKey()), answer.initCopy());
    } else if (request.isList()) {
      List(FromData(request.getList().getCursorAfter()), answer.initPage());
    } else if (request.isCommit()) {
      return Commit(request.getCommit().getTransaction(), answer);
    } else if (request.isQuestion()) {
      return Question(request.getQuestion(), answer);
    } else if (request.isBodyPart()) {
      return Part(request.getBodyPart(), answer);
    }
    return true;
  }

  static void Put(const ReplicaPosition& position, wire::LogPosition::Builder out) {
    out.setEpoch(position.epoch);
    out.setSequence(position.sequence);
  }

  void Read(const std::string& key, wire::ClientAnswer::Copy::Builder out) {
    const auto found = model_.records.find(key);
    if (found == model_.records.end()) return;
    out.setIsThere(true);
    out.setValue(ToData(found->second.value));
    Put(found->second.version, out.initVersion());
  }

  // Pages of one record.
  void List(const std::string& after, wire::ClientAnswer::Page::Builder out) {
    const auto found = model_.records.upper_bound(after);
    out.setLast(found == model_.records.end());
    if (found == model_.records.end()) return;
    auto record = out.initRecords(1)[0];
    record.setKey(ToData(found->first));
    record.setValue(ToData(found->second.value));
    out.setNextAfter(ToData(found->first));
  }

  // Whether there is an answer.
  bool Say(const FakeAnswer& said, wire::ClientAnswer::Builder answer) {
    if (!said.failure.ok()) return Fail(said.failure, answer);
    if (!said.verdict.has_value()) return false;
    auto out = answer.initOutcome();
    out.setVerdict(*said.verdict);
    out.setWhy(said.why.c_str());
    Put({6, 0}, out.initSince());
    return true;
  }

  static ReplicaModel::Token TokenOf(wire::TransactionToken::Reader in) {
    return {in.getHigh(), in.getLow()};
  }

  bool Part(wire::ClientRequest::BodyPart::Reader in, wire::ClientAnswer::Builder answer) {
    if (!model_.parts.empty()) {
      const absl::Status failure = model_.parts.front();
      model_.parts.pop_front();
      if (!failure.ok()) return Fail(failure, answer);
    }
    std::string& body = model_.bodies[TokenOf(in.getPartToken())];
    if (in.getPartOffset() == 0) body.clear();
    EXPECT_EQ(in.getPartOffset(), body.size());
    body += FromData(in.getPartBytes());
    answer.setBodyTaken(body.size());
    return true;
  }

  bool Commit(wire::ClientTransaction::Reader in, wire::ClientAnswer::Builder answer) {
    const ReplicaModel::Token token = TokenOf(in.getToken());
    ++model_.sent[token];
    if (!model_.commits.empty()) {
      const FakeAnswer said = model_.commits.front();
      model_.commits.pop_front();
      if (said.happens) Apply(token, in);
      return Say(said, answer);
    }
    auto out = answer.initOutcome();
    if (!model_.done.contains(token)) {
      for (const auto read : in.getReads()) {
        const auto found = model_.records.find(FromData(read.getKey()));
        const bool is_there = found != model_.records.end();
        if (is_there == read.isVersion() &&
            (!is_there || (found->second.version.epoch == read.getVersion().getEpoch() &&
                           found->second.version.sequence == read.getVersion().getSequence()))) {
          continue;
        }
        out.setVerdict(Verdict::ABORTED);
        out.setChangedKey(read.getKey());
        return true;
      }
      Apply(token, in);
    }
    out.setVerdict(Verdict::COMMITTED);
    return true;
  }

  void Apply(const ReplicaModel::Token& token, wire::ClientTransaction::Reader in) {
    model_.done.insert(token);
    if (in.getIsWipe()) model_.records.clear();
    const std::string& body = model_.bodies[token];
    if (in.getIsWipe() || in.getWrites().size() > 0 || !body.empty()) ++model_.position.sequence;
    EXPECT_EQ(in.getBody().getBytes(), body.size());
    if (!body.empty()) {
      EXPECT_EQ(in.getBody().getDigest(), store::SealOf(body).digest);
    }
    store::BodyReader reader(body);
    for (store::BodyWrite write; reader.Next(write);) {
      if (write.value) {
        model_.records[std::string(write.key)] = {std::string(*write.value), model_.position};
      } else {
        model_.records.erase(std::string(write.key));
      }
    }
    for (const auto write : in.getWrites()) {
      const std::string key = FromData(write.getKey());
      if (write.isValue()) {
        model_.records[key] = {FromData(write.getValue()), model_.position};
      } else {
        model_.records.erase(key);
      }
    }
  }

  bool Question(wire::ClientRequest::Question::Reader in, wire::ClientAnswer::Builder answer) {
    ++model_.asked;
    model_.asked_since = {in.getSince().getEpoch(), in.getSince().getSequence()};
    if (!model_.questions.empty()) {
      const FakeAnswer said = model_.questions.front();
      model_.questions.pop_front();
      return Say(said, answer);
    }
    const bool is_done = model_.done.contains(TokenOf(in.getToken()));
    answer.initOutcome().setVerdict(is_done ? Verdict::COMMITTED : Verdict::NOT_COMMITTED);
    return true;
  }

  ReplicaModel& model_;
  std::unique_ptr<PlainEndpoint> endpoint_;
  PacketWriter writer_;
  std::atomic<bool> is_over_ = false;
  std::thread thread_;
};

// One node with such a service, and a client's database.
class ReplicasFixture : public TransportFixture {
 protected:
  static constexpr auto kPersistent = ReplicatedDatabase::Kind::kPersistent;

  void Begin() {
    StartNodes(1);
    Serve();
    auto session = Session::Open({.socket_path = SocketPath(0)});
    ASSERT_TRUE(session.ok()) << session.status();
    session_ = *std::move(session);
    auto database = ReplicatedDatabase::Attach(*session_, "registry", kPersistent, kSoon);
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
  }
  void Serve() {
    service_ = std::make_unique<FakeReplicas>(Connect(0, ServiceId::kDatabase), model_);
  }
  // A record's value in the model.
  std::string Value(const std::string& key) {
    const std::lock_guard<std::mutex> lock(model_.mutex);
    const auto found = model_.records.find(key);
    return found == model_.records.end() ? "none" : found->second.value;
  }
  // How often the only transaction came; -1: there were others.
  int TimesSent() {
    const std::lock_guard<std::mutex> lock(model_.mutex);
    return model_.sent.size() == 1 ? model_.sent.begin()->second : -1;
  }

  ReplicaModel model_;
  std::unique_ptr<FakeReplicas> service_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<ReplicatedDatabase> database_;
};

}  // namespace ctdb::test

#endif  // TESTS_CLIENT_FAKE_REPLICAS_H_
