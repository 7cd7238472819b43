// Copyright 2026 The libctdbapi Authors. SPDX-License-Identifier: Apache-2.0
//
// Peers that break every rule, beside honest ones that must not notice.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstring>

#include "absl/strings/match.h"
#include "lib/protocol/packet.h"
#include "tests/transport/transport_fixture.h"

namespace ctdb {
namespace {

using test::kSoon;

constexpr uint64_t kFarPointer = 2 | uint64_t{7} << 32;  // To segment 7, which is not there.

// Two linked nodes, a client on node 0 and a service on node 1; nodes 0 and 1 also expect a node 2,
// in whose name the tests speak.
class HostilePeerTest : public test::TransportFixture {
 protected:
  void SetUp() override {
    MakeNodes(3);
    TransportLoop::Options options = OptionsFor(0);
    ChangeOptions(options);
    StartWith(0, options);
    Start(1);
    AwaitConnected(0, 1);
    client_ = Connect(0);
    service_ = Connect(1, ServiceId::kDatabase);
  }
  virtual void ChangeOptions(TransportLoop::Options& options) {}

  void ExpectOthersWork() {
    Send(*client_, client_->To({NodeNumber(1), ServiceId::kDatabase, {}}, PacketKind::kData), "x");
    EXPECT_EQ(Receive(*service_, PacketKind::kData).payload, "x");
    EXPECT_NE(Connect(0), nullptr);
    EXPECT_EQ(log_.Count("Lost the link to node 1"), 0);
  }

  std::string Text(const absl::StatusOr<Bytes>& frame) {
    EXPECT_TRUE(frame.ok()) << frame.status();
    return std::string(reinterpret_cast<const char*>(frame->data()), frame->size());
  }
  std::string Hello(const Greeting& greeting) { return Text(WriteGreeting(&writer_, greeting)); }

  absl::StatusOr<UniqueFd> DialLocal() { return ConnectUnix(SocketPath(0)); }
  absl::StatusOr<UniqueFd> DialAsNode2() { return DialTcp("127.0.0.3", "127.0.0.1", port_); }

  void WriteAll(int fd, const std::string& bytes) {
    size_t done = 0;
    Await([&] {
      const ssize_t n = ::send(fd, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
      if (n > 0) done += static_cast<size_t>(n);
      return done == bytes.size() || (n < 0 && errno != EAGAIN);
    });
  }
  // The answer to a greeting that is given until the other side closes.
  std::string ReadAll(int fd) {
    std::string bytes;
    Await([&] {
      char buffer[4096];
      const ssize_t n = ::recv(fd, buffer, sizeof(buffer), 0);
      if (n > 0) bytes.append(buffer, static_cast<size_t>(n));
      return n == 0 || (n < 0 && errno != EAGAIN);
    });
    return bytes;
  }
  absl::Status Refusal(absl::StatusOr<UniqueFd> fd, const std::string& bytes) {
    EXPECT_TRUE(fd.ok()) << fd.status();
    WriteAll(fd->get(), bytes);
    const std::string answer = ReadAll(fd->get());
    std::vector<uint64_t> words(answer.size() / 8);
    std::memcpy(words.data(), answer.data(), words.size() * 8);
    if (words.empty()) return absl::DataLossError("closed without an answer");
    const auto greeting =
        ReadGreeting(Bytes(reinterpret_cast<const std::byte*>(words.data()), words.size() * 8));
    if (!greeting.ok()) return greeting.status();
    const auto* refusal = std::get_if<absl::Status>(&*greeting);
    return refusal == nullptr ? absl::OkStatus() : *refusal;
  }

  // A link of node 2 to node 0.
  UniqueFd LinkAsNode2() {
    auto fd = DialAsNode2();
    EXPECT_TRUE(fd.ok()) << fd.status();
    WriteAll(fd->get(), Hello(NodeHello{"evil", NodeNumber(2), 1, NodeNumber(0)}));
    Await([&] { return loops_[0]->Nodes()[2].is_connected; });
    return *std::move(fd);
  }

  std::unique_ptr<PlainEndpoint> client_;
  std::unique_ptr<PlainEndpoint> service_;
};

TEST_F(HostilePeerTest, AFrameThatIsCutOffEndsWithItsConnection) {
  for (bool is_local : {true, false}) {
    for (size_t bytes : {1, 7, 8, 9, 100}) {
      auto fd = is_local ? DialLocal() : DialAsNode2();
      ASSERT_TRUE(fd.ok());
      WriteAll(fd->get(), std::string("\0\0\0\0\x40\0\0\0", 8).substr(0, bytes) +
                              std::string(bytes > 8 ? bytes - 8 : 0, 'x'));
    }
  }
  ExpectOthersWork();
}

TEST_F(HostilePeerTest, AnOversizedFrameIsNotWaitedFor) {
  const std::string prefix("\0\0\0\0\0\0\x02\0", 8);
  SendGarbage(DialLocal(), prefix);
  SendGarbage(DialAsNode2(), prefix);
  EXPECT_EQ(log_.Count("its size is given as 1048584 bytes"), 2);
  auto endpoint = Connect(0);
  WriteAll(endpoint->fd(), prefix);
  absl::StatusOr<Bytes> frame = Bytes();
  while (frame.ok()) frame = endpoint->Receive(kSoon);
  EXPECT_TRUE(absl::IsUnavailable(frame.status())) << frame.status();
  ExpectOthersWork();
}

TEST_F(HostilePeerTest, AnotherMajorVersionIsToldWhichVersionsMeet) {
  Envelope envelope;
  envelope.kind = PacketKind::kHandshake;
  envelope.major_version = kProtocolMajor + 1;
  writer_.Begin(envelope).getPayload().initAs<wire::Handshake>().initEndpointHello();
  const std::string hello = Text(writer_.Finish());
  for (auto& fd : {DialLocal(), DialAsNode2()}) {
    const absl::Status status = Refusal(UniqueFd(::dup(fd->get())), hello);
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "version 2.0 is not compatible")) << status;
  }
  EXPECT_EQ(log_.Count("version 2.0 is not compatible"), 2) << log_.text();
  ExpectOthersWork();
}

TEST_F(HostilePeerTest, GreetingsOfTheWrongKindAreRefusedWithTheirReason) {
  const Greeting wrong_for_local[] = {NodeHello{"x", NodeNumber(2), 1, NodeNumber(0)}, Welcome{},
                                      absl::AbortedError("no")};
  for (const Greeting& greeting : wrong_for_local) {
    const absl::Status status = Refusal(DialLocal(), Hello(greeting));
    EXPECT_TRUE(absl::StrContains(status.message(), "must greet as an endpoint")) << status;
  }
  const Greeting wrong_for_nodes[] = {EndpointHello{}, Welcome{}, absl::AbortedError("no")};
  for (const Greeting& greeting : wrong_for_nodes) {
    const absl::Status status = Refusal(DialAsNode2(), Hello(greeting));
    EXPECT_TRUE(absl::StrContains(status.message(), "must greet as a node")) << status;
  }
  EXPECT_EQ(log_.Count("Refused"), 6);
  ExpectOthersWork();
}

TEST_F(HostilePeerTest, PayloadsThatNestAmplifyOrPointNowhereEndOneConnection) {
  // What the last pointer of an envelope, the payload, may be turned into.
  const uint64_t hostile_pointers[] = {
      kFarPointer,
      6 | uint64_t{1} << 32,                          // A double far pointer.
      uint64_t{0xffffffff} << 32 | 1,                 // A list of structs without end.
      uint64_t{1} << 60 | 1,                          // 2^28 elements of no size.
      uint64_t{0xffff} << 32,                         // A struct beyond the frame.
      3,                                              // A capability.
      uint64_t{0x1fffffff} << 2 | uint64_t{1} << 32,  // A struct that lies far in front.
      uint64_t{1} << 48 | 0xfffffffc,                 // A struct that contains itself.
  };
  const int before = log_.Count("Disconnected");
  int count = 0;
  for (uint64_t pointer : hostile_pointers) {
    for (PacketKind kind : {PacketKind::kHandshake, PacketKind::kControl}) {
      auto endpoint = Connect(0);
      Envelope envelope = endpoint->To({NodeNumber(0), ServiceId::kRouter, {}}, kind);
      auto packet = writer_.Begin(envelope);
      packet.getPayload().initAs<capnp::Data>(64);
      std::string frame = Text(writer_.Finish());
      // The pointer to 64 bytes of data, behind the numbers of the envelope.
      const uint64_t data_pointer = uint64_t{64} << 35 | uint64_t{2} << 32 | 1;
      const size_t place = frame.find(std::string(reinterpret_cast<const char*>(&data_pointer), 8));
      ASSERT_NE(place, std::string::npos);
      std::memcpy(frame.data() + place, &pointer, 8);
      if (kind == PacketKind::kHandshake) {
        auto fd = DialLocal();
        WriteAll(fd->get(), frame);
        ReadAll(fd->get());
      } else {
        WriteAll(endpoint->fd(), frame);
        // A struct that fits is read as what it says; it may be a wish that is granted.
        ASSERT_TRUE(endpoint->Flush(kSoon).ok());
      }
      ++count;
    }
  }
  ExpectOthersWork();
  EXPECT_LE(log_.Count("Disconnected") - before, 2 * count);
}

TEST_F(HostilePeerTest, ANodeThatSpeaksInAnothersNameLosesItsLink) {
  const UniqueFd link = LinkAsNode2();
  Envelope envelope;
  envelope.source = {NodeNumber(1), ServiceId::kDatabase, InstanceNumber(1)};
  envelope.destination = client_->address();
  writer_.Begin(envelope);
  WriteAll(link.get(), Text(writer_.Finish()));
  Await([&] { return !loops_[0]->Nodes()[2].is_connected; });
  EXPECT_EQ(log_.Count("node 2 sent a packet in the name of 1/database"), 1);
  ExpectOthersWork();
}

TEST_F(HostilePeerTest, AHelloThatIsRepeatedEndsTheLink) {
  const UniqueFd link = LinkAsNode2();
  WriteAll(link.get(), Hello(NodeHello{"evil", NodeNumber(2), 1, NodeNumber(0)}));
  Await([&] { return !loops_[0]->Nodes()[2].is_connected; });
  EXPECT_EQ(log_.Count("a greeting comes once"), 1);
  ExpectOthersWork();
}

TEST_F(HostilePeerTest, AHelloOnANewConnectionReplacesTheLinkOfThatNodeOnly) {
  const UniqueFd first = LinkAsNode2();
  const UniqueFd second = LinkAsNode2();
  ReadAll(first.get());
  EXPECT_TRUE(loops_[0]->Nodes()[2].is_connected);
  ExpectOthersWork();
}

TEST_F(HostilePeerTest, ClientsCannotCutLinksWithControlsForAnotherNodesTransport) {
  for (int i = 0; i < 3; ++i) {
    for (NodeNumber node : {NodeNumber(1), kAllNodes}) {
      auto hostile = Connect(0);
      const Envelope envelope = hostile->To({node, ServiceId::kRouter, {}}, PacketKind::kControl);
      auto control = writer_.Begin(envelope).getPayload().initAs<wire::Control>();
      if (i == 0) control.setSubscribe(5);
      if (i == 1) control.initSetGroup().setGroup(kActiveNodes.value());
      if (i == 2) writer_.packet().getPayload().initAs<capnp::Data>(8);
      hostile->Queue(*writer_.Finish());
      ASSERT_TRUE(hostile->Flush(kSoon).ok());
      ExpectOthersWork();
    }
  }
  EXPECT_TRUE(loops_[0]->Nodes()[1].is_connected);
  EXPECT_EQ(loops_[1]->Counters().link_losses, 0u);
}

TEST_F(HostilePeerTest, AClientOnTooManyChannelsIsDisconnectedWithOneLine) {
  auto hostile = Connect(0);
  for (uint64_t channel = 0; channel < 70000; ++channel) {
    writer_.Begin(hostile->To({kThisNode, ServiceId::kRouter, {}}, PacketKind::kControl))
        .getPayload()
        .initAs<wire::Control>()
        .setSubscribe(channel);
    hostile->Queue(*writer_.Finish());
  }
  (void)hostile->Flush(kSoon);
  Await([&] { return loops_[0]->Endpoints().size() == 1; });
  EXPECT_EQ(log_.Count("an endpoint may listen on 65536 channels"), 1);
  ExpectOthersWork();
}

// Gives up soon, so that the tests need not wait.
class ImpatientTransportTest : public HostilePeerTest {
 protected:
  void ChangeOptions(TransportLoop::Options& options) override {
    options.limits.greeting_limit = absl::Seconds(2);
    options.limits.stall_limit = absl::Seconds(60);
    options.limits.queue_bytes_max = 1 << 20;
    options.limits.pause_bytes = 100000;
    options.limits.greeting_count_max = 50;
    options.limits.endpoint_count_max = 200;
  }

  // 1000 connections, each of which the transport has accepted.
  template <typename Dial>
  std::vector<UniqueFd> Crowd(Dial dial) {
    const uint64_t before = loops_[0]->Counters().connections_accepted;
    std::vector<UniqueFd> crowd;
    for (uint64_t i = 1; i <= 1000; ++i) {
      auto fd = dial();
      EXPECT_TRUE(fd.ok()) << fd.status();
      crowd.push_back(*std::move(fd));
      if (i % 50 == 0) {
        Await([&] { return loops_[0]->Counters().connections_accepted == before + i; });
      }
    }
    return crowd;
  }
};

TEST_F(ImpatientTransportTest, WhoDoesNotGreetInTimeIsDisconnectedAlsoInTheMiddleOfAFrame) {
  const std::string half("\0\0\0\0\x40\0\0\0half", 12);
  for (const std::string& bytes : {std::string(), half}) {
    auto local = DialLocal();
    auto node = DialAsNode2();
    WriteAll(local->get(), bytes);
    WriteAll(node->get(), bytes);
    EXPECT_EQ(ReadAll(local->get()), "");
    EXPECT_EQ(ReadAll(node->get()), "");
  }
  EXPECT_EQ(log_.Count("no greeting within 2s"), 4);
  ExpectOthersWork();
}

TEST_F(ImpatientTransportTest, AnEndpointThatStopsInTheMiddleOfAFrameHarmsNobody) {
  auto slow = Connect(0);
  Envelope envelope = slow->To(client_->address(), PacketKind::kData);
  writer_.Begin(envelope).getPayload().initAs<capnp::Data>(900000);
  const std::string frame = Text(writer_.Finish());
  for (size_t at = 0; at + 100 < frame.size(); at += 100000) {
    WriteAll(slow->fd(), frame.substr(at, std::min<size_t>(100000, frame.size() - 100 - at)));
    ExpectOthersWork();
  }
  WriteAll(slow->fd(), frame.substr(frame.size() - 100));
  EXPECT_EQ(Receive(*client_, PacketKind::kData).payload.size(), 900000u);
}

TEST_F(ImpatientTransportTest, LocalConnectionsThatNeverGreetAreBoundedAndBlockNoNode) {
  const std::vector<UniqueFd> silent = Crowd([&] { return DialLocal(); });
  // A node that comes meanwhile is let in.
  const UniqueFd link = LinkAsNode2();
  EXPECT_GE(loops_[0]->Counters().connections_refused, 800u);
  EXPECT_LE(log_.Count("there are already 200 endpoints"), 50) << "beyond that without a word";
  for (const UniqueFd& fd : silent) ReadAll(fd.get());
  ExpectOthersWork();
}

TEST_F(ImpatientTransportTest, StrangersAtTheNodePortBlockNoNode) {
  const std::vector<UniqueFd> strangers =
      Crowd([&] { return DialTcp("127.0.0.7", "127.0.0.1", port_); });
  const UniqueFd link = LinkAsNode2();
  EXPECT_EQ(loops_[0]->Counters().connections_refused, 1000u);
  EXPECT_LE(log_.Count("127.0.0.7 is not in the nodes list"), 50) << "beyond that without a word";
  ExpectOthersWork();
}

TEST_F(ImpatientTransportTest, AClientThatAsksAndNeverReadsIsHeldBackOrDisconnected) {
  // Each ping costs the transport an answer, which must not pile up.
  auto hostile = Connect(0);
  for (int i = 0; i < 1000; ++i) {
    writer_.Begin(hostile->To({kThisNode, ServiceId::kRouter, {}}, PacketKind::kControl))
        .getPayload()
        .initAs<wire::Control>()
        .setPing();
    hostile->Queue(*writer_.Finish());
  }
  const Bytes batch = *writer_.Finish();
  uint64_t queued_max = 0;
  absl::Status status;
  for (int i = 0; i < 50 && status.ok(); ++i) {
    for (int j = 0; j < 1000; ++j) hostile->Queue(batch);
    status = hostile->Flush(absl::Milliseconds(100));
    for (const EndpointStatus& endpoint : loops_[0]->Endpoints()) {
      queued_max = std::max(queued_max, endpoint.queued_bytes);
    }
  }
  EXPECT_FALSE(status.ok()) << "it was neither held back nor disconnected";
  EXPECT_LE(queued_max, uint64_t{2} << 20);
  ExpectOthersWork();
}

TEST_F(ImpatientTransportTest, WithoutDescriptorsTheTransportWaitsInsteadOfSpinning) {
  rlimit before;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next_fd = ::dup(0);
  ::close(next_fd);
  rlimit one_more = before;
  one_more.rlim_cur = static_cast<rlim_t>(next_fd) + 1;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &one_more), 0);
  const auto waiting = DialAsNode2();  // Takes the last one, so that there is none to accept it.
  const uint64_t turns = loops_[0]->turns();
  const absl::Time begin = absl::Now();
  Await([&] { return absl::Now() > begin + absl::Milliseconds(300); });
  const uint64_t spent = loops_[0]->turns() - turns;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_TRUE(waiting.ok()) << waiting.status();
  EXPECT_LT(spent, 100u);
  EXPECT_EQ(log_.Count("cannot accept"), 1);
  WriteAll(waiting->get(), Hello(NodeHello{"late", NodeNumber(2), 1, NodeNumber(0)}));
  Await([&] { return loops_[0]->Nodes()[2].is_connected; });
  ExpectOthersWork();
}

}  // namespace
}  // namespace ctdb
