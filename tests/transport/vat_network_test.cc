// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/vat_network.h"

#include <capnp/rpc.capnp.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "tests/transport/rpc_fixture.h"
#include "tests/transport/test.capnp.h"

namespace ctdb {
namespace {

using test::Probe;

class ProbeServer final : public Probe::Server {
 public:
  explicit ProbeServer(std::string name = "") : name_(std::move(name)) {}

  kj::Promise<void> echo(EchoContext context) override {
    const auto text = context.getParams().getText();
    context.getResults().setText(name_ + text.cStr());
    context.getResults().setLength(text.size());
    return kj::READY_NOW;
  }
  kj::Promise<void> never(NeverContext) override { return kj::NEVER_DONE; }
  kj::Promise<void> makeChild(MakeChildContext context) override {
    context.getResults().setChild(kj::heap<ProbeServer>(context.getParams().getName()));
    return kj::READY_NOW;
  }
  kj::Promise<void> relay(RelayContext context) override {
    auto request = context.getParams().getTo().echoRequest();
    request.setText(context.getParams().getText());
    return request.send().then(
        [context](auto&& response) mutable { context.getResults().setText(response.getText()); });
  }
  kj::Promise<void> fail(FailContext context) override {
    const auto params = context.getParams();
    return ToException(
        absl::Status(static_cast<absl::StatusCode>(params.getCode()), params.getText().cStr()));
  }
  kj::Promise<void> fill(FillContext context) override {
    context.getResults().initData(context.getParams().getBytes());
    return kj::READY_NOW;
  }

 private:
  std::string name_;
};

// An endpoint with its RPC.
struct Vat {
  Vat(std::unique_ptr<Endpoint> made, capnp::Capability::Client offer)
      : endpoint(std::move(made)), rpc(std::make_unique<RpcEndpoint>(*endpoint, kj::mv(offer))) {}
  Probe::Client At(const Address& address) { return rpc->Bootstrap(address).castAs<Probe>(); }

  std::unique_ptr<Endpoint> endpoint;
  std::unique_ptr<RpcEndpoint> rpc;
};

class VatNetworkTest : public test::RpcFixture {
 protected:
  std::unique_ptr<Vat> Serve(uint32_t node, const std::string& name = "") {
    return std::make_unique<Vat>(ReadyEndpoint(node, ServiceId::kDatabase),
                                 kj::heap<ProbeServer>(name));
  }
  std::unique_ptr<Vat> Client(uint32_t node) {
    return std::make_unique<Vat>(ReadyEndpoint(node), kj::heap<ProbeServer>("client "));
  }

  struct Echo {
    absl::Status status;
    std::string text;
  };
  Echo Call(Probe::Client probe, const std::string& text) {
    auto request = probe.echoRequest();
    request.setText(text);
    Echo echo;
    echo.status =
        Wait(request.send().then([&](auto&& response) { echo.text = response.getText().cStr(); }));
    return echo;
  }
  void ExpectWorks(Vat& client, const Address& address, const std::string& name = "") {
    const Echo echo = Call(client.At(address), "hello");
    EXPECT_EQ(echo.status, absl::OkStatus());
    EXPECT_EQ(echo.text, name + "hello");
  }

  // Waits for a call that was begun before, and expects that it ends as Unavailable.
  void ExpectDisconnected(kj::Promise<void> pending, const std::string& part) {
    const absl::Status status = Wait(kj::mv(pending));
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), part)) << status;
  }
  kj::Promise<void> Pending(Probe::Client probe) {
    return probe.neverRequest().send().ignoreResult().eagerlyEvaluate(nullptr);
  }

  static constexpr Address kHere{kThisNode, ServiceId::kDatabase, InstanceNumber(0)};
  static constexpr Address kOther{NodeNumber(1), ServiceId::kDatabase, InstanceNumber(0)};
};

TEST_F(VatNetworkTest, ACallReachesAServiceOnThisNodeAndOnAnother) {
  StartNodes(2);
  auto here = Serve(0, "here ");
  auto there = Serve(1, "there ");
  auto client = Client(0);
  ExpectWorks(*client, kHere, "here ");
  ExpectWorks(*client, kOther, "there ");
  ExpectWorks(*client, here->endpoint->address(), "here ");
  ExpectWorks(*client, there->endpoint->address(), "there ");
}

TEST_F(VatNetworkTest, AServiceMayCallItself) {
  StartNodes(1);
  auto service = Serve(0, "self ");
  ExpectWorks(*service, kHere, "self ");
  ExpectWorks(*service, {NodeNumber(0), ServiceId::kDatabase, InstanceNumber(0)}, "self ");
  ExpectWorks(*service, service->endpoint->address(), "self ");
  auto client = Client(0);
  ExpectWorks(*client, client->endpoint->address(), "client ");
}

TEST_F(VatNetworkTest, ManyCallsAtOnceAreAllAnswered) {
  StartNodes(2);
  auto service = Serve(1);
  auto client = Client(0);
  auto probe = client->At(kOther);
  int answered = 0;
  auto all = kj::heapArrayBuilder<kj::Promise<void>>(500);
  for (int i = 0; i < 500; ++i) {
    auto request = probe.echoRequest();
    request.setText(std::to_string(i));
    all.add(request.send().then([&answered, i](auto&& response) {
      if (response.getText() == kj::StringPtr(std::to_string(i).c_str())) ++answered;
    }));
  }
  EXPECT_EQ(Wait(kj::joinPromises(all.finish())), absl::OkStatus());
  EXPECT_EQ(answered, 500);
}

TEST_F(VatNetworkTest, CapabilitiesPassBothWays) {
  StartNodes(2);
  auto service = Serve(1);
  auto client = Client(0);
  auto make = client->At(kOther).makeChildRequest();
  make.setName("child ");
  auto child = make.send().getChild();
  EXPECT_EQ(Call(child, "x").text, "child x");
  auto relay = client->At(kOther).relayRequest();
  relay.setTo(kj::heap<ProbeServer>("mine "));
  relay.setText("y");
  std::string text;
  EXPECT_EQ(Wait(relay.send().then([&](auto&& r) { text = r.getText().cStr(); })),
            absl::OkStatus());
  EXPECT_EQ(text, "mine y");
}

TEST_F(VatNetworkTest, ACapabilitySurvivesALargeMessage) {
  // The message outgrows its first buffer; the capabilities in it must not get lost or mixed up.
  StartNodes(1);
  auto service = Serve(0);
  auto client = Client(0);
  for (size_t bytes : {500, 5000, 100000, 900000}) {
    auto relay = client->At(kHere).relayRequest();
    relay.setText(std::string(bytes, 'x'));
    relay.setTo(kj::heap<ProbeServer>("mine "));
    size_t received = 0;
    EXPECT_EQ(Wait(relay.send().then([&](auto&& r) { received = r.getText().size(); })),
              absl::OkStatus())
        << bytes;
    EXPECT_EQ(received, bytes + 5);
  }
}

TEST_F(VatNetworkTest, AnAnswerMayBeReadManyTimes) {
  // The limits against small messages that cause much work must not hit honest readers.
  StartNodes(1);
  auto service = Serve(0);
  auto client = Client(0);
  auto request = client->At(kHere).echoRequest();
  request.setText("0123456789");
  size_t sum = 0;
  const absl::Status status = Wait(request.send().then([&](auto&& response) {
    for (int i = 0; i < 1000; ++i) sum += response.getText().size();
  }));
  EXPECT_EQ(status, absl::OkStatus());
  EXPECT_EQ(sum, 10000u);
}

TEST_F(VatNetworkTest, AnErrorComesBackWithItsCodeAndText) {
  StartNodes(2);
  auto service = Serve(1);
  auto client = Client(0);
  for (int code = 1; code <= 16; ++code) {
    auto request = client->At(kOther).failRequest();
    request.setCode(static_cast<uint16_t>(code));
    request.setText("no such record");
    const absl::Status status = Wait(request.send().ignoreResult());
    EXPECT_EQ(status, absl::Status(static_cast<absl::StatusCode>(code), "no such record"));
  }
}

TEST_F(VatNetworkTest, ATooLargeCallOrAnswerIsRefusedAndTheSessionGoesOn) {
  StartNodes(1);
  auto service = Serve(0);
  auto client = Client(0);
  ExpectWorks(*client, kHere);
  const Echo echo = Call(client->At(kHere), std::string(2 * kFrameBytesMax, 'x'));
  EXPECT_TRUE(absl::IsResourceExhausted(echo.status)) << echo.status;
  EXPECT_TRUE(absl::StrContains(echo.status.message(), "over the limit")) << echo.status;
  auto fill = client->At(kHere).fillRequest();
  fill.setBytes(2 * kFrameBytesMax);
  const absl::Status status = Wait(fill.send().ignoreResult());
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "over the limit")) << status;
  ExpectWorks(*client, kHere);
  EXPECT_EQ(client->rpc->session_count(), 1u);
}

TEST_F(VatNetworkTest, PendingCallsFailAtOnceWhenTheServiceEndsAndItsSuccessorIsFound) {
  StartNodes(2);
  auto client = Client(0);
  for (const Address& address : {kHere, kOther}) {
    const uint32_t node = address == kHere ? 0 : 1;
    auto service = Serve(node);
    ExpectWorks(*client, address);
    auto pending = Pending(client->At(address));
    auto children = client->At(address).makeChildRequest().send().getChild();
    EXPECT_EQ(Call(children, "x").text, "x");
    service.reset();
    ExpectDisconnected(kj::mv(pending), "lost");
    EXPECT_FALSE(Call(children, "x").status.ok());
    Await([&] { return loops_[node]->Endpoints().size() <= 1; });
    auto successor = Serve(node, "new ");
    ExpectWorks(*client, address, "new ");
  }
}

TEST_F(VatNetworkTest, PendingCallsFailAtOnceWhenTheLinkIsLostAndWorkAgainAfterIt) {
  StartNodes(2);
  auto service = Serve(1);
  auto client = Client(0);
  ExpectWorks(*client, kOther);
  auto pending = Pending(client->At(kOther));
  service.reset();
  loops_[1].reset();
  ExpectDisconnected(kj::mv(pending), "");
  Start(1);
  AwaitConnected(0, 1);
  service = Serve(1, "again ");
  ExpectWorks(*client, kOther, "again ");
}

TEST_F(VatNetworkTest, PendingCallsFailAtOnceWhenTheOwnTransportIsGoneAndWorkAgainAfterIt) {
  StartNodes(1);
  auto service = Serve(0);
  auto client = Client(0);
  ExpectWorks(*client, kHere);
  auto pending = Pending(client->At(kHere));
  loops_[0].reset();
  ExpectDisconnected(kj::mv(pending), "lost the transport");
  // Asked for while there is no transport, the service must not stay lost for ever.
  EXPECT_TRUE(absl::IsUnavailable(Call(client->At(kHere), "x").status));
  Start(0);
  AwaitLoop([&] { return client->endpoint->is_connected() && service->endpoint->is_connected(); });
  ExpectWorks(*client, kHere);
}

TEST_F(VatNetworkTest, AServiceThatDoesNotExistIsUnavailableAtOnceAndFoundWhenItComes) {
  StartNodes(2);
  auto client = Client(0);
  for (const Address& address : {kHere, kOther, Address{NodeNumber(9), ServiceId::kDatabase, {}},
                                 Address{kLeaderNode, ServiceId::kDatabase, {}}}) {
    const Echo echo = Call(client->At(address), "x");
    EXPECT_TRUE(absl::IsUnavailable(echo.status)) << echo.status;
    EXPECT_TRUE(absl::StrContains(echo.status.message(), ToString(address))) << echo.status;
  }
  auto service = Serve(1, "late ");
  ExpectWorks(*client, kOther, "late ");
}

TEST_F(VatNetworkTest, SessionsAreFreedWhenClientsGo) {
  StartNodes(2);
  auto service = Serve(1);
  for (int i = 0; i < 20; ++i) {
    auto local = Client(1);
    auto remote = Client(0);
    ExpectWorks(*local, kHere);
    ExpectWorks(*remote, kOther);
    EXPECT_LE(service->rpc->session_count(), 4u);
  }
  AwaitLoop([&] { return service->rpc->session_count() == 0; });
}

TEST_F(VatNetworkTest, AServiceOfAnotherNodeCannotAnswerInThePlaceOfTheOneThatWasAsked) {
  StartNodes(2);
  auto service = Serve(0);
  auto forger = Connect(1, ServiceId::kDatabase);
  auto client = Client(0);
  // Not answered yet, so the session waits for its first packet.
  auto pending = Pending(client->At(kHere));
  Envelope envelope = forger->To(client->endpoint->address(), PacketKind::kRpc);
  envelope.channel = 1 | uint64_t{1} << 63;
  writer_.Begin(envelope).getPayload().initAs<capnp::rpc::Message>().initAbort().setReason(
      "forged");
  forger->Queue(*writer_.Finish());
  ASSERT_TRUE(forger->Flush(test::kSoon).ok());
  // Delivered in order, so the next packet of the forger comes after the forged one.
  bool is_delivered = false;
  client->endpoint->OnPacket(PacketKind::kData,
                             [&](const Envelope&, Bytes) { is_delivered = true; });
  Send(*forger, forger->To(client->endpoint->address(), PacketKind::kData), "after");
  AwaitLoop([&] { return is_delivered; });
  EXPECT_FALSE(pending.poll(io_.waitScope));
  ExpectWorks(*client, kHere);
}

TEST_F(VatNetworkTest, GarbageOfOnePeerEndsItsSessionOnly) {
  StartNodes(1);
  auto service = Serve(0);
  auto client = Client(0);
  ExpectWorks(*client, kHere);
  auto hostile = Connect(0);
  for (uint64_t channel : {uint64_t{1}, uint64_t{2}, ~uint64_t{0}}) {
    Envelope envelope = hostile->To(kHere, PacketKind::kRpc);
    envelope.channel = channel;
    Send(*hostile, envelope, "not a message of an RPC");
  }
  ExpectWorks(*client, kHere);
  hostile.reset();
  AwaitLoop([&] { return service->rpc->session_count() == 1; });
  ExpectWorks(*client, kHere);
}

}  // namespace
}  // namespace ctdb
