// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/samba/io/database_client.h"

#include <gmock/gmock.h>

#include <map>
#include <vector>

#include "capnp/database.capnp.h"
#include "tests/samba/loop_fixture.h"

namespace ctdb::samba {
namespace {

class DatabaseClientTest : public LoopFixture {
 protected:
  void StartNode() {
    MakeNodes(1);
    Start(0);
    client_ = std::make_unique<DatabaseClient>(
        io_.unixEventPort, io_.provider->getTimer(), ConnectTo(0),
        [this](RequestId id, const DatabaseAnswer& answer) { answers_.emplace(id, answer); });
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
