// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/io/database_client.h"

#include <gmock/gmock.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "capnp/database.capnp.h"
#include "lib/protocol/packet.h"
#include "lib/samba/io/database_codec.h"
#include "lib/store/transaction_body.h"
#include "tests/samba/loop_fixture.h"

namespace ctdb::samba {
namespace {

class DatabaseClientTest : public LoopFixture {
 protected:
  void StartNode() {
    MakeNodes(1);
    Start(0);
    client_ = std::make_unique<DatabaseClient>(
        io_.unixEventPort, io_.provider->getTimer(),
        Endpoint::Options{.connect = ConnectTo(0), .hello = {}},
        [this](RequestId id, const DatabaseAnswer& answer) { answers_.emplace(id, answer); },
        [this](const AwaitedRecord& awaited) { awaited_.push_back(awaited); });
  }
  // A database service that says "ready", or nothing.
  std::unique_ptr<Endpoint> MakeService(bool answers) {
    auto service = MakeWaitingEndpoint(0, ServiceId::kDatabase);
    Endpoint* endpoint = service.get();
    service->OnPacket(PacketKind::kData, [this, answers, endpoint](const Envelope& asked, Bytes) {
      ++requests_;
      if (!answers) return;
      Envelope envelope = endpoint->To(asked.source, PacketKind::kData);
      envelope.request_id = asked.request_id;
      EXPECT_TRUE(endpoint
                      ->Send(envelope,
                             [](capnp::AnyPointer::Builder payload) {
                               payload.initAs<wire::DatabasePacket>().initAnswer().setReady();
                             })
                      .ok());
    });
    RunUntil([&] { return endpoint->is_connected(); });
    return service;
  }

  std::unique_ptr<DatabaseClient> client_;
  std::multimap<RequestId, DatabaseAnswer> answers_;
  std::vector<AwaitedRecord> awaited_;
  int requests_ = 0;
};

TEST_F(DatabaseClientTest, AnAnswerComesToItsQuestion) {
  StartNode();
  const auto service = MakeService(true);
  client_->Ask(RequestId(5), GetRecord{DbId(1), "key"});
  RunUntil([&] { return answers_.size() == 1; });
  EXPECT_TRUE(std::holds_alternative<RecordIsHere>(answers_.find(RequestId(5))->second));
  EXPECT_EQ(client_->pending(), 0u);
}

TEST_F(DatabaseClientTest, ARecordThatIsAwaitedIsNoAnswer) {
  StartNode();
  auto service = MakeWaitingEndpoint(0, ServiceId::kDatabase);
  service->OnPacket(PacketKind::kData, [&](const Envelope& asked, Bytes) {
    for (const bool is_known : {false, true}) {
      EXPECT_TRUE(service
                      ->Send(service->To(asked.source, PacketKind::kData),
                             [&](capnp::AnyPointer::Builder payload) {
                               auto answer = payload.initAs<wire::DatabasePacket>().initAnswer();
                               if (is_known) {
                                 answer.initAwaited().setAwaitedTurns(2);
                               } else {
                                 answer.setReady();
                               }
                             })
                      .ok());
    }
  });
  RunUntil([&] { return service->is_connected(); });
  client_->Ask(RequestId(5), GetRecord{DbId(1), "key"});
  RunUntil([&] { return awaited_.size() == 1; });
  EXPECT_EQ(awaited_[0].turns, 2u);
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(client_->pending(), 1u);
}

// TXN-9. The service takes the body part by part, and then the commit.
TEST_F(DatabaseClientTest, ALargeCommitGoesInParts) {
  StartNode();
  std::string body;
  int refusals = 1;
  std::optional<store::BodySeal> sealed;
  auto service = MakeWaitingEndpoint(0, ServiceId::kDatabase);
  service->OnPacket(PacketKind::kData, [&](const Envelope& asked, Bytes frame) {
    PacketReader reader(frame);
    const auto request = reader.payload().getAs<wire::DatabasePacket>().getRequest();
    if (request.isMembers()) return;
    Envelope envelope = service->To(asked.source, PacketKind::kData);
    envelope.request_id = asked.request_id;
    const auto fill = [&](capnp::AnyPointer::Builder payload) {
      auto answer = payload.initAs<wire::DatabasePacket>().initAnswer();
      if (request.isCommit()) {
        const auto in = request.getCommit().getTransaction();
        EXPECT_EQ(in.getWrites().size(), 0u);
        sealed = store::BodySeal{in.getBody().getBytes(), in.getBody().getDigest()};
        answer.initOutcome().setVerdict(wire::TransactionVerdict::COMMITTED);
        return;
      }
      const auto part = request.getBodyPart();
      if (part.getPartOffset() > 0 && refusals-- > 0) {
        auto failed = answer.initFailed();
        failed.setCode(static_cast<uint16_t>(absl::StatusCode::kFailedPrecondition));
        return;
      }
      if (part.getPartOffset() == 0) body.clear();
      const auto bytes = part.getPartBytes();
      body.append(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
      answer.setBodyTaken(body.size());
    };
    EXPECT_TRUE(service->Send(envelope, fill).ok());
  });
  RunUntil([&] { return service->is_connected(); });
  CommitRecords commit{DbId(1), {1, 2}, {}, {}};
  for (int i = 0; i < 20; ++i)
    commit.writes.push_back({std::to_string(i), std::string(40'000, 'v')});
  client_->Ask(RequestId(5), commit);
  RunUntil([&] { return answers_.size() == 1; });
  EXPECT_EQ(std::get<CommitOutcome>(answers_.find(RequestId(5))->second).verdict, Verdict::kBusy)
      << "a part got lost: who waits may try again";
  client_->Ask(RequestId(6), commit);
  RunUntil([&] { return answers_.size() == 2; });
  EXPECT_EQ(std::get<CommitOutcome>(answers_.find(RequestId(6))->second).verdict,
            Verdict::kCommitted);
  EXPECT_EQ(sealed, store::SealOf(body));
  EXPECT_EQ(body, BodyOf(commit));
  EXPECT_GT(body.size(), 800'000u);
}

TEST_F(DatabaseClientTest, AServiceThatComesLaterIsAsked) {
  StartNode();
  client_->Ask(RequestId(5), GetRecord{DbId(1), "key"});
  RunUntil([&] { return client_->pending() == 1; });
  const auto service = MakeService(true);
  RunUntil([&] { return answers_.size() == 1; });
}

TEST_F(DatabaseClientTest, WhatAServiceTookAlongIsAskedAgain_DIS9) {
  StartNode();
  auto first = MakeService(true);
  client_->Ask(RequestId(1), GetRecord{DbId(1), "key"});
  RunUntil([&] { return answers_.size() == 1; });
  first.reset();
  auto silent = MakeService(false);
  client_->Ask(RequestId(2), GetRecord{DbId(1), "key"});
  requests_ = 0;
  RunUntil([&] { return requests_ > 0; });
  silent.reset();
  const auto last = MakeService(true);
  RunUntil([&] { return answers_.size() == 2; });
  EXPECT_EQ(answers_.count(RequestId(2)), 1u);
}

TEST_F(DatabaseClientTest, ANodeThatIsNotThereIsAFailure) {
  StartNode();
  client_->Ask(RequestId(7), ListRecords{NodeNumber(3), DbId(1), 0, ""});
  RunUntil([&] { return answers_.size() == 1; });
  EXPECT_TRUE(absl::IsUnavailable(std::get<absl::Status>(answers_.begin()->second)));
}

}  // namespace
}  // namespace ctdb::samba
