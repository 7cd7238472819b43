// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0

#include "lib/transport/io/hosted_transport.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/transport/rpc_fixture.h"

namespace ctdb {
namespace {

using test::kSoon;

class HostedTransportTest : public test::RpcFixture {
 protected:
  ~HostedTransportTest() noexcept override = default;

  void StartGuest(uint32_t node) {
    TransportLoop::Options options = OptionsFor(node);
    options.has_thread = false;
    StartWith(node, options);
  }
  void Host(uint32_t node) {
    hosts_.push_back(std::make_unique<HostedTransport>(*loops_[node], io_.unixEventPort));
  }
  // In this process, as daemons are.
  std::unique_ptr<Endpoint> MakeInside(uint32_t node, ServiceId service = ServiceId::kClient,
                                       bool is_direct = false) {
    Endpoint::Options options;
    options.connect = [this, node] { return loops_[node]->ConnectInProcess(); };
    options.hello = {"test", service};
    if (is_direct) options.direct = DirectTo(*loops_[node]);
    auto endpoint = MakeEndpoint(options);
    EXPECT_EQ(Wait(endpoint->WhenReady()), absl::OkStatus());
    return endpoint;
  }
  static void SendTo(Endpoint& from, const Address& to, uint64_t request) {
    Envelope envelope = from.To(to, PacketKind::kData);
    envelope.request_id = request;
    ASSERT_EQ(from.Send(envelope,
                        [](capnp::AnyPointer::Builder payload) {
                          payload.setAs<capnp::Data>(capnp::Data::Reader());
                        }),
              absl::OkStatus());
  }
  std::vector<uint64_t>& Listen(Endpoint& endpoint) {
    auto& seen = seen_.emplace_back();
    endpoint.OnPacket(PacketKind::kData, [&seen](const Envelope& envelope, Bytes) {
      seen.push_back(envelope.request_id);
    });
    return seen;
  }

  std::atomic<bool> is_read_ = false;
  std::deque<std::vector<uint64_t>> seen_;
  std::vector<std::unique_ptr<HostedTransport>> hosts_;
};

TEST_F(HostedTransportTest, PacketsOfEndpointsOnTheSameThreadArriveInOrder) {
  MakeNodes(1);
  StartGuest(0);
  Host(0);
  auto service = MakeInside(0, ServiceId::kDatabase);
  auto client = MakeInside(0);
  const auto& seen = Listen(*service);
  // Many more than one turn takes.
  for (uint64_t i = 1; i <= 20000; ++i) {
    SendTo(*client, {kThisNode, ServiceId::kDatabase, {}}, i);
    if (i % 500 == 0) AwaitLoop([&] { return seen.size() == i; });
  }
  for (uint64_t i = 1; i <= seen.size(); ++i) EXPECT_EQ(seen[i - 1], i);
}

TEST_F(HostedTransportTest, TwoNodesOnOneThreadAndOneOnItsOwnReachEachOther) {
  MakeNodes(3);
  StartGuest(0);
  StartGuest(1);
  Start(2);
  Host(0);
  Host(1);
  auto zero = MakeInside(0, ServiceId::kDatabase);
  auto one = MakeInside(1, ServiceId::kDatabase);
  auto two = ReadyEndpoint(2, ServiceId::kDatabase);
  const auto& seen = Listen(*one);
  AwaitLoop(
      [&] { return loops_[0]->Nodes()[1].is_connected && loops_[2]->Nodes()[1].is_connected; });
  SendTo(*zero, {NodeNumber(1), ServiceId::kDatabase, {}}, 5);
  SendTo(*two, {NodeNumber(1), ServiceId::kDatabase, {}}, 6);
  AwaitLoop([&] { return seen.size() == 2; });
}

TEST_F(HostedTransportTest, WithoutAHostCallsTakeEffectAndNobodyWaitsForATurn) {
  MakeNodes(1);
  StartGuest(0);
  EXPECT_TRUE(loops_[0]->ConnectInProcess().ok());
  EXPECT_EQ(loops_[0]->Counters().connections_accepted, 1u);
  Host(0);
  EXPECT_TRUE(loops_[0]->ConnectInProcess().ok());
  hosts_.clear();
  EXPECT_TRUE(loops_[0]->ConnectInProcess().ok());
  EXPECT_EQ(loops_[0]->Counters().connections_accepted, 3u);
}

// TSan watches: the main thread calls while another one hosts, and while the host comes and goes.
TEST_F(HostedTransportTest, OtherThreadsMayCallWhileTheHostComesAndGoes) {
  MakeNodes(1);
  StartGuest(0);
  std::atomic<bool> is_done = false;
  std::thread caller([&] {
    while (!is_done) {
      loops_[0]->Counters();
      loops_[0]->RunDataHandler();
    }
  });
  for (int i = 0; i < 50; ++i) {
    Host(0);
    MakeInside(0);
    hosts_.clear();
  }
  is_done = true;
  caller.join();
}

TEST_F(HostedTransportTest, ItsTurnsAreCountedForTheWatchdogAlsoWithoutPackets) {
  MakeNodes(1);
  StartGuest(0);
  Host(0);
  const uint64_t turns = loops_[0]->turns();
  AwaitLoop([&] { return loops_[0]->turns() > turns + 3; });
}

uint64_t SystemCalls(const TransportLoop& loop) {
  const TransportCounters counters = const_cast<TransportLoop&>(loop).Counters();
  return counters.reads + counters.writes;
}

class DirectTest : public HostedTransportTest {
 protected:
  DirectTest() {
    MakeNodes(2);
    StartGuest(0);
    Start(1);
    Host(0);
    service_ = MakeInside(0, ServiceId::kDatabase, true);
    client_ = MakeInside(0, ServiceId::kClient, true);
    seen_by_service_ = &Listen(*service_);
    seen_by_client_ = &Listen(*client_);
  }
  ~DirectTest() noexcept override = default;
  // Sends one packet there and back.
  void Exchange() {
    const size_t before = seen_by_client_->size();
    SendTo(*client_, {kThisNode, ServiceId::kDatabase, {}}, before + 1);
    AwaitLoop([&] { return seen_by_service_->size() == before + 1; });
    SendTo(*service_, client_->address(), before + 1);
    AwaitLoop([&] { return seen_by_client_->size() == before + 1; });
  }

  std::unique_ptr<Endpoint> service_;
  std::unique_ptr<Endpoint> client_;
  std::vector<uint64_t>* seen_by_service_ = nullptr;
  std::vector<uint64_t>* seen_by_client_ = nullptr;
};

TEST_F(DirectTest, PacketsBetweenEndpointsOfTheThreadNeedNoSystemCalls) {
  for (int i = 0; i < 10; ++i) Exchange();
  const uint64_t before = SystemCalls(*loops_[0]);
  for (int i = 0; i < 100; ++i) Exchange();
  EXPECT_EQ(SystemCalls(*loops_[0]), before);
}

TEST_F(DirectTest, NothingOvertakesAnythingFromTheFirstPacketOn) {
  // Some go by the socket, since it has not been read yet, and later ones do not.
  for (uint64_t i = 1; i <= 5000; ++i) {
    SendTo(*client_, {kThisNode, ServiceId::kDatabase, {}}, i);
    if (i % 7 == 0) io_.waitScope.poll();
  }
  AwaitLoop([&] { return seen_by_service_->size() == 5000; });
  for (uint64_t i = 0; i < 5000; ++i) ASSERT_EQ((*seen_by_service_)[i], i + 1);
}

TEST_F(DirectTest, PacketsOfOtherNodesComeSo) {
  auto remote = ReadyEndpoint(1);
  AwaitLoop([&] { return loops_[1]->Nodes()[0].is_connected; });
  for (uint64_t i = 1; i <= 100; ++i) {
    SendTo(*remote, {NodeNumber(0), ServiceId::kDatabase, {}}, i);
  }
  AwaitLoop([&] { return seen_by_service_->size() == 100; });
}

// Whoever sends to a slow node has to wait, as everybody else.
TEST_F(DirectTest, WhoSendsTooMuchGoesOnByTheSocketInOrder) {
  auto remote = Connect(1, ServiceId::kDatabase);
  AwaitLoop([&] { return loops_[0]->Nodes()[1].is_connected; });
  const std::string payload(100'000, 'x');
  for (uint64_t i = 1; i <= 100; ++i) {
    Envelope envelope = client_->To({NodeNumber(1), ServiceId::kDatabase, {}}, PacketKind::kData);
    envelope.request_id = i;
    ASSERT_EQ(client_->Send(envelope,
                            [&](capnp::AnyPointer::Builder out) {
                              out.setAs<capnp::Data>(
                                  capnp::Data::Reader(kj::StringPtr(payload.c_str()).asBytes()));
                            }),
              absl::OkStatus());
    io_.waitScope.poll();
  }
  std::thread reader([&] {
    for (uint64_t i = 1; i <= 100; ++i) {
      EXPECT_EQ(Receive(*remote, PacketKind::kData).envelope.request_id, i);
    }
    is_read_ = true;
  });
  AwaitLoop([&] { return is_read_.load(); });
  reader.join();
}

TEST_F(DirectTest, AnEndpointMayGoWhileSomethingComesForIt) {
  for (int i = 0; i < 20; ++i) {
    SendTo(*client_, {kThisNode, ServiceId::kDatabase, {}}, 1);
    if (i % 2 == 0) io_.waitScope.poll();
    service_ = nullptr;
    io_.waitScope.poll();
    service_ = MakeInside(0, ServiceId::kDatabase, true);
  }
}

TEST_F(DirectTest, WithoutItsHostItGoesByTheSocketAgain) {
  Exchange();
  hosts_.clear();
  SendTo(*client_, {kThisNode, ServiceId::kDatabase, {}}, 2);
  io_.waitScope.poll();
  Host(0);
  AwaitLoop([&] { return seen_by_service_->size() == 2; });
}

// Wants to be called at a certain time, again and again.
class Ticker : public DataHandler {
 public:
  bool OnData(const Envelope&, Bytes) override { return false; }
  std::vector<uint64_t> NextFrame() override { return {}; }
  Instant NextDeadline() override { return next_; }
  void OnDeadline(Instant now) override {
    EXPECT_GE(now, next_.load());
    next_ = After(now, absl::Microseconds(200));
    ++count_;
  }

  std::atomic<Instant> next_ = Instant{};
  std::atomic<int> count_ = 0;
};

TEST_F(HostedTransportTest, AHandlersDeadlinesAreKeptHostedOrNot) {
  MakeNodes(2);
  StartGuest(0);
  Start(1);
  Host(0);
  for (uint32_t node : {0, 1}) {
    Ticker ticker;
    loops_[node]->SetDataHandler(ServiceId::kDatabase, &ticker);
    loops_[node]->RunDataHandler();
    AwaitLoop([&] { return ticker.count_ >= 20; });
    loops_[node]->SetDataHandler(ServiceId::kDatabase, nullptr);
  }
}

}  // namespace
}  // namespace ctdb
