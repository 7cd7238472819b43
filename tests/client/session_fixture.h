// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// session_fixture: sessions with a real transport in this process, and a database service that
// answers as the test wants.
//
//   Ownership:  owns the transports and the service's thread.
//   Threading:  one thread; FakeService has one of its own.
//   Errors:     fail the test.
//   Blocking:   as TransportFixture.
//   Limits:     as TransportFixture.

#ifndef TESTS_CLIENT_SESSION_FIXTURE_H_
#define TESTS_CLIENT_SESSION_FIXTURE_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "capnp/database.capnp.h"
#include "lib/client/session.h"
#include "tests/transport/transport_fixture.h"

namespace ctdb::test {

// Answers `members` with {7}, an attach with the name that was asked for, and a get never.
class FakeService {
 public:
  explicit FakeService(std::unique_ptr<PlainEndpoint> endpoint)
      : endpoint_(std::move(endpoint)), thread_([this] { Run(); }) {}
  ~FakeService() { Stop(); }

  void Stop() {
    is_over_ = true;
    if (thread_.joinable()) thread_.join();
    endpoint_.reset();
  }
  int gets() const { return gets_; }
  int cancels() const { return cancels_; }

 private:
  void Run() {
    while (!is_over_) {
      const auto frame = endpoint_->Receive(absl::Milliseconds(5));
      if (absl::IsDeadlineExceeded(frame.status())) continue;
      if (!frame.ok()) return;
      const Envelope envelope = *DecodeEnvelope(*frame);
      if (envelope.kind != PacketKind::kData) continue;
      PacketReader reader(*frame);
      const auto request = reader.payload().getAs<wire::DatabasePacket>().getRequest();
      if (request.isGet()) ++gets_;
      if (request.isCancel()) ++cancels_;
      if (request.isMembers() || request.isAttach()) Answer(envelope, request);
    }
  }
  void Answer(const Envelope& asked, wire::ClientRequest::Reader request) {
    Envelope envelope = endpoint_->To(asked.source, PacketKind::kData);
    envelope.request_id = asked.request_id;
    auto answer = writer_.Begin(envelope).getPayload().initAs<wire::DatabasePacket>().initAnswer();
    if (request.isMembers()) {
      answer.initMemberNodes(1).set(0, 7);
    } else {
      answer.initAttached().setName(request.getAttach().getName());
    }
    endpoint_->Queue(*writer_.Finish());
    endpoint_->Flush(kSoon).IgnoreError();
  }

  std::unique_ptr<PlainEndpoint> endpoint_;
  PacketWriter writer_;
  std::atomic<bool> is_over_ = false;
  std::atomic<int> gets_ = 0;
  std::atomic<int> cancels_ = 0;
  std::thread thread_;
};

class SessionFixture : public TransportFixture {
 protected:
  std::unique_ptr<Session> Open(uint32_t node) {
    auto session = Session::Open({.socket_path = SocketPath(node)});
    EXPECT_TRUE(session.ok()) << session.status();
    return *std::move(session);
  }
  std::unique_ptr<FakeService> Serve(uint32_t node) {
    return std::make_unique<FakeService>(Connect(node, ServiceId::kDatabase));
  }

  // The only member that the service of the node knows.
  static absl::StatusOr<uint32_t> Members(Session& session, NodeNumber node,
                                          absl::Duration patience = kSoon) {
    uint32_t member = 0;
    const absl::Status status = session.Call(
        node, LimitIn(patience), [](wire::ClientRequest::Builder out) { out.setMembers(); },
        [&](wire::ClientAnswer::Reader in) {
          member = in.getMemberNodes()[0];
          return absl::OkStatus();
        });
    if (!status.ok()) return status;
    return member;
  }
  // The name comes back.
  static std::string Echo(Session& session, const std::string& name) {
    std::string got;
    const absl::Status status = session.Call(
        session.node(), LimitIn(kSoon),
        [&](wire::ClientRequest::Builder out) { out.initAttach().setName(name.c_str()); },
        [&](wire::ClientAnswer::Reader in) {
          got = in.getAttached().getName().cStr();
          return absl::OkStatus();
        });
    return status.ok() ? got : status.ToString();
  }
  // Is never answered.
  static absl::Status Get(Session& session, NodeNumber node, absl::Duration patience = kSoon) {
    return session.Call(
        node, LimitIn(patience), [](wire::ClientRequest::Builder out) { out.initGet(); },
        [](wire::ClientAnswer::Reader) { return absl::OkStatus(); });
  }
};

}  // namespace ctdb::test

#endif  // TESTS_CLIENT_SESSION_FIXTURE_H_
